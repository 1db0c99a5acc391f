import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { RACE_CASES } from '../../src/limbo/race-cases.js';
import { explore, follow } from './explore.js';

// What is tried here is complete within the bounds of each case; wider bounds are for races.slow.test.ts.
const MAX_TRIES = 1500;

suite('csr-limbo: races, in every order of steps', () => {
  let asExpected = 0;
  let allTries = 0;
  for (const race of RACE_CASES) {
    test(`${race.id}: ${race.title}`, async (t) => {
      const { tries, states, ends, violations, isComplete } = await explore(race, { maxTries: MAX_TRIES });
      const seen = [...ends].map(([end, times]) => `${end} ${times} times`).join('; ');
      t.diagnostic(`${race.id}: ${tries} orders, ${states} states; ${seen}`);
      assert.equal(violations.join('\n\n'), '');
      assert.ok(isComplete, `${MAX_TRIES} orders are not all of them`);
      assert.deepEqual([...ends.keys()].sort(), [...race.ends].sort());
      asExpected++;
      allTries += tries;
    });
  }
  test('all of them come out as expected', (t) => {
    t.diagnostic(`csr-limbo: ${RACE_CASES.length} races, ${asExpected} as expected, in ${allTries} orders of steps`);
    assert.equal(asExpected, RACE_CASES.length);
  });
});

const RECORDED = ['approver: POST certificaterecords'];
const APPROVED = [...RECORDED, 'approver: PUT certificatesigningrequests/approval'];

/** Orders in which something went wrong once. */
const FOUND: readonly {
  readonly name: string;
  readonly race: string;
  readonly steps: readonly string[];
  readonly end: string;
}[] = [
  {
    name: 'the signer hears that the pod went while it writes down what it will sign',
    race: 'pod-goes',
    steps: [
      ...APPROVED,
      'signer: GET certificaterecords',
      'pod-goes',
      'signer hears of pods',
      'signer: PATCH certificaterecords/status',
    ],
    end: 'failed: EvidenceStale',
  },
  {
    name: 'the pod goes while a signature waits for another try at its publication',
    race: 'lost-publication-and-pod-goes',
    steps: [
      'signer: GET certificaterecords',
      'signer: PATCH certificaterecords/status',
      'signer: PUT certificatesigningrequests/status, breaks before',
      'pod-goes',
    ],
    end: 'failed: EvidenceStale',
  },
  {
    name: 'the approver hears that the pod went while it puts its approval on record',
    race: 'pod-goes',
    steps: ['pod-goes', 'approver hears of pods', ...RECORDED],
    end: 'pending',
  },
  {
    name: 'the approver hears that the address came while it puts its denial on record',
    race: 'denial-that-is-overtaken',
    steps: ['address-comes', 'approver hears of pods', ...RECORDED],
    end: 'pending',
  },
  {
    name: 'another approver would write its own record where somebody has approved and the signer has begun',
    race: 'two-approvers-two-policies',
    steps: [
      ...APPROVED,
      'approver-2: POST certificaterecords',
      'signer: GET certificaterecords',
      'signer: PATCH certificaterecords/status',
      'approver-2: GET certificaterecords',
    ],
    end: 'issued',
  },
  {
    name: 'the service account of the pod is made anew: it will never be the one that asked',
    race: 'account-is-replaced',
    steps: [...APPROVED, 'account-is-replaced', 'signer hears of serviceaccounts', 'signer hears of serviceaccounts'],
    end: 'failed: EvidenceStale',
  },
  {
    name: 'the request is deleted in the moment in which it has its certificate',
    race: 'request-goes',
    steps: [
      ...APPROVED,
      'signer hears of certificatesigningrequests',
      'signer: GET certificaterecords',
      'signer: PATCH certificaterecords/status',
      'signer: PUT certificatesigningrequests/status',
      'request-goes',
    ],
    end: 'gone',
  },
];

suite('csr-limbo: races that went wrong once', () => {
  for (const { name, race, steps, end } of FOUND) {
    test(name, async () => {
      const found = RACE_CASES.find(({ id }) => id === `races/${race}`);
      assert.ok(found !== undefined);
      const outcome = await follow(found, steps);
      assert.deepEqual(outcome.problems, []);
      assert.equal(outcome.end, end);
    });
  }
});
