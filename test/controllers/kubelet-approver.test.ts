import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { testKey } from '../../src/authority/testing/test-certificates.js';
import { KUBELET_CLIENT_SIGNER } from '../../src/certificates/kubernetes-signers.js';
import { createKubeletApprover } from '../../src/controllers/kubelet-approver/kubelet-approver.js';
import { createCertificationRequest } from '../../src/crypto/certification-request.js';
import { createRequestVerifier } from '../../src/crypto/request-verifier.js';
import { ATTRIBUTE } from '../../src/x509/name.js';
import { encodePem } from '../../src/x509/pem.js';
import {
  COLLECTION,
  condition,
  type ControlBench,
  type Fate,
  keepingLogger,
  type Line,
  openBench,
  post,
  read,
  rest,
  until,
} from './control-bench.js';

async function bench(t: TestContext): Promise<ControlBench> {
  const opened = await openBench();
  t.after(() => opened.close());
  return opened;
}

/** Runs the approver, and keeps what it says and asks. */
function start(b: ControlBench, fate: (call: number) => Fate = () => 'pass') {
  const { clock, random } = b;
  const lines: Line[] = [];
  const calls: string[] = [];
  const client = b.client((call, request) => {
    calls.push(`${request.method} ${request.target.split('?')[0] ?? ''}`);
    return fate(call);
  });
  const logger = keepingLogger(lines);
  const approver = createKubeletApprover({ client, clock, random, logger, verifier: createRequestVerifier() });
  return { lines, calls, stop: b.run([approver], logger) };
}

/** Asks for the client certificate of node `name`. */
async function ask(b: ControlBench, name: string): Promise<void> {
  const der = await createCertificationRequest(await testKey('node'), {
    subject: [
      [{ oid: ATTRIBUTE.organization, value: 'system:nodes' }],
      [{ oid: ATTRIBUTE.commonName, value: `system:node:${name}` }],
    ],
  });
  const usages = ['digital signature', 'client auth'];
  await post(b.server, name, {
    signerName: KUBELET_CLIENT_SIGNER,
    usages,
    request: encodePem('CERTIFICATE REQUEST', der),
  });
}

const conditionsOf = async (b: ControlBench, name: string): Promise<readonly string[]> =>
  ((await read(b.server, name)).status.conditions ?? []).map(({ type, reason = '' }) => `${type} ${reason}`);

const isApproved = async (b: ControlBench, name: string): Promise<boolean> =>
  (await conditionsOf(b, name)).includes('Approved AutoApproved');

suite('the approver of kubelets', () => {
  test('approves with one question and one write, what was there and what comes', async (t) => {
    const b = await bench(t);
    await ask(b, 'before');
    const { calls, stop } = start(b);
    await until('it is approved', () => isApproved(b, 'before'));
    await ask(b, 'later');
    await until('it is approved', () => isApproved(b, 'later'));
    await rest();
    await stop();
    const once = ['POST /apis/authorization.k8s.io/v1/subjectaccessreviews', `PUT ${COLLECTION}/before/approval`];
    assert.deepEqual(calls, [`GET ${COLLECTION}`, ...once, ...once.map((call) => call.replace('/before/', '/later/'))]);
  });

  test('leaves alone what somebody decided, and what is for another signer', async (t) => {
    const b = await bench(t);
    await ask(b, 'denied');
    await condition(b.server, 'denied', 'Denied');
    await post(b.server, 'other');
    const { calls, stop } = start(b);
    await rest();
    await stop();
    assert.deepEqual(calls, [`GET ${COLLECTION}`]);
    assert.deepEqual(await conditionsOf(b, 'denied'), ['Denied Test']);
  });

  for (const lost of ['lose-request', 'lose-answer'] as const) {
    test(`is right after its second to fourth call is cut off: ${lost}`, async (t) => {
      for (const cut of [2, 3, 4]) {
        const b = await bench(t);
        await ask(b, 'a');
        const { stop } = start(b, (call) => (call === cut ? lost : 'pass'));
        await until('it is approved', async () => {
          b.clock.advance(1000);
          return isApproved(b, 'a');
        });
        await rest();
        await stop();
        assert.deepEqual(await conditionsOf(b, 'a'), ['Approved AutoApproved']);
      }
    });
  }
});
