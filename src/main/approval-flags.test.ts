import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { hasCode } from '../base/error.js';
import { DEFAULT_RETENTION } from '../controllers/records/record-cleaner.js';
import { approvalSettings, recordRetention } from './approval-flags.js';

suite('settings of the approver', () => {
  const refused: readonly { readonly name: string; readonly flags: Readonly<Record<string, unknown>> }[] = [
    { name: 'an empty cluster domain', flags: { clusterDomain: '' } },
    { name: 'a cluster domain with a dot at its end', flags: { clusterDomain: 'cluster.local.' } },
    { name: 'a trust domain that is a URI', flags: { trustDomain: 'spiffe://example.com' } },
    { name: 'a wildcard that is reserved', flags: { reserve: ['*.example.com'] } },
  ];
  for (const { name, flags } of refused) {
    test(`refuse ${name}`, () => {
      assert.throws(
        () => approvalSettings(flags),
        (error) => hasCode(error, 'USAGE'),
      );
    });
  }

  test('are those of a usual cluster', () => {
    assert.deepEqual(approvalSettings({}), {
      clusterDomain: 'cluster.local',
      trustDomain: 'cluster.local',
      reserved: { dnsNames: [], ips: [] },
    });
  });

  test('are in the spelling in which names are compared', () => {
    const flags = {
      clusterDomain: 'Prod.Example',
      trustDomain: 'example.org',
      reserve: ['API.example.com,192.0.2.1', 'FD00:0::1'],
    };
    assert.deepEqual(approvalSettings(flags), {
      clusterDomain: 'prod.example',
      trustDomain: 'example.org',
      reserved: { dnsNames: ['api.example.com'], ips: ['192.0.2.1', 'fd00::1'] },
    });
  });
});

suite('retention of records', () => {
  test('refuses what is no time', () => {
    for (const flags of [{ keepRecords: 'always' }, { keepDecisions: '0h' }, { keepRecords: '-1h' }]) {
      assert.throws(() => recordRetention(flags), { code: 'CONFIG_INVALID' });
    }
  });

  test('is 90 days after a certificate, 30 days after a decision without, or what is asked for', () => {
    assert.deepEqual(recordRetention({}), DEFAULT_RETENTION);
    assert.deepEqual(recordRetention({ keepRecords: '1y', keepDecisions: '1h' }), {
      afterCertificateSeconds: 31_536_000,
      afterDecisionSeconds: 3600,
    });
  });
});
