import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CertificateSigningRequestStatus } from '../../src/certificates/certificate-signing-request.js';
import { createMemoryApi } from '../../src/client/testing/memory-api.js';
import { CSRS } from './race-acts.js';
import { raceKit } from './race-kit.js';
import { Referee } from './referee.js';

const APPROVED = { type: 'Approved', status: 'True', reason: 'KubectlApprove' } as const;
const DENIED = { type: 'Denied', status: 'True', reason: 'KubectlDeny' } as const;
const FAILED = { type: 'Failed', status: 'True', reason: 'EvidenceStale' } as const;

interface Case {
  readonly name: string;
  /** What stands in the status of the request, one after the other. */
  readonly statuses: readonly CertificateSigningRequestStatus[];
  readonly expect: RegExp;
}

const CASES: readonly Case[] = [
  {
    name: 'a decision of a policy without a record',
    statuses: [{ conditions: [{ ...APPROVED, reason: 'ApprovedByPolicy' }] }],
    expect: /there is no record/,
  },
  {
    name: 'a denial over an approval',
    statuses: [{ conditions: [APPROVED] }, { conditions: [APPROVED, DENIED] }],
    expect: /approved and denied/,
  },
  {
    name: 'an approval that goes away',
    statuses: [{ conditions: [APPROVED] }, { conditions: [] }],
    expect: /the condition Approved was overwritten/,
  },
  { name: 'a certificate that nobody approved', statuses: [{ certificate: 'YQ==' }], expect: /nobody approved/ },
  {
    name: 'a certificate of a denied request',
    statuses: [{ conditions: [DENIED] }, { conditions: [DENIED], certificate: 'YQ==' }],
    expect: /a denied request has a certificate/,
  },
  {
    name: 'a certificate of a failed request',
    statuses: [{ conditions: [APPROVED, FAILED], certificate: 'YQ==' }],
    expect: /a failed request has a certificate/,
  },
  {
    name: 'a second certificate',
    statuses: [
      { conditions: [APPROVED], certificate: 'YQ==' },
      { conditions: [APPROVED], certificate: 'Yg==' },
    ],
    expect: /a published certificate was changed/,
  },
  {
    name: 'a certificate that is taken back',
    statuses: [{ conditions: [APPROVED], certificate: 'YQ==' }, { conditions: [APPROVED] }],
    expect: /a published certificate was changed/,
  },
];

suite('the referee of races objects to', () => {
  for (const { name, statuses, expect } of CASES) {
    test(name, async () => {
      const kit = await raceKit({ id: 'races/none', title: '', ends: [] });
      const api = createMemoryApi();
      const referee = new Referee(api, kit);
      for (const status of statuses) {
        assert.deepEqual(referee.violations, []);
        for (const csr of kit.requests) api.put(`${CSRS}/web`, { ...csr, ...{ status } });
        referee.look(false);
      }
      assert.match(referee.violations.join('; '), expect);
    });
  }

  test('nothing where a person approves and a certificate is published', async () => {
    const kit = await raceKit({ id: 'races/none', title: '', ends: [] });
    const api = createMemoryApi();
    const referee = new Referee(api, kit);
    for (const status of [{}, { conditions: [APPROVED] }, { conditions: [APPROVED], certificate: 'YQ==' }]) {
      for (const csr of kit.requests) api.put(`${CSRS}/web`, { ...csr, ...{ status } });
      referee.look(false);
    }
    assert.deepEqual(referee.violations, []);
    assert.equal(referee.ends(), 'issued');
  });
});
