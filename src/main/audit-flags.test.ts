import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '../base/error.js';
import { auditSettings } from './audit-flags.js';

const refused: readonly { readonly name: string; readonly flags: object; readonly message: string }[] = [
  {
    name: 'a policy without a log',
    flags: { auditPolicyFile: 'a' },
    message: 'Cannot use --audit-policy-file without --audit-log-path',
  },
  {
    name: 'a limit without a log',
    flags: { auditLogMaxsize: '1' },
    message: 'Cannot use --audit-log-maxsize without --audit-log-path',
  },
  {
    name: 'compression without a log',
    flags: { auditLogCompress: true },
    message: 'Cannot use --audit-log-compress without --audit-log-path',
  },
  { name: 'a log without name', flags: { auditLogPath: '' }, message: 'Cannot use --audit-log-path: "" is no file' },
  {
    name: 'an unknown mode',
    flags: { auditLogPath: 'a', auditLogMode: 'strict' },
    message: 'Cannot use --audit-log-mode: "strict" is none of batch, blocking, blocking-strict',
  },
  {
    name: 'a size with a unit',
    flags: { auditLogPath: 'a', auditLogMaxsize: '10Mi' },
    message: 'Cannot use --audit-log-maxsize: "10Mi" is no whole number from 0 to 999999',
  },
  {
    name: 'a negative age',
    flags: { auditLogPath: 'a', auditLogMaxage: '-1' },
    message: 'Cannot use --audit-log-maxage: "-1" is no whole number from 0 to 999999',
  },
  {
    name: 'too many backups',
    flags: { auditLogPath: 'a', auditLogMaxbackup: '1000000' },
    message: 'Cannot use --audit-log-maxbackup: "1000000" is no whole number from 0 to 999999',
  },
];

for (const { name, flags, message } of refused) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => auditSettings({ ...flags }, '/here'),
      (error) => hasCode(error, 'USAGE') && error.message === message,
    );
  });
}

test('without these flags nothing is put on record', () => {
  assert.equal(auditSettings({}, '/here'), undefined);
});

test('a path is enough; a size of 0 is the default, as for kube-apiserver', () => {
  const settings = {
    path: '/here/audit.log',
    mode: 'blocking',
    maxBytes: 100 * 1024 * 1024,
    maxAgeDays: 0,
    maxBackups: 0,
    compress: false,
  };
  assert.deepEqual(auditSettings({ auditLogPath: 'audit.log' }, '/here'), settings);
  assert.deepEqual(auditSettings({ auditLogPath: 'audit.log', auditLogMaxsize: '0' }, '/here'), settings);
});

test('every flag is heeded, and - stays standard output', () => {
  const flags = {
    auditLogPath: '-',
    auditPolicyFile: 'policy.yaml',
    auditLogMode: 'batch',
    auditLogMaxsize: '5',
    auditLogMaxage: '30',
    auditLogMaxbackup: '10',
    auditLogCompress: true,
  };
  assert.deepEqual(auditSettings(flags, '/here'), {
    path: '-',
    policyFile: '/here/policy.yaml',
    mode: 'batch',
    maxBytes: 5 * 1024 * 1024,
    maxAgeDays: 30,
    maxBackups: 10,
    compress: true,
  });
});
