import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { suite, test } from 'node:test';
import { toBase64 } from '../../src/base/base64.js';
import { utf8 } from '../../src/base/bytes.js';
import { silentLogger } from '../../src/base/logger.js';
import { cn, testKey } from '../../src/authority/testing/test-certificates.js';
import type { CertificateSigningRequest } from '../../src/certificates/certificate-signing-request.js';
import { conditionText } from '../../src/certificates/conditions.js';
import { createClient, type Client } from '../../src/client/client.js';
import { createInProcessTransport } from '../../src/client/in-process-transport.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../src/client/resources.js';
import { createCertificationRequest } from '../../src/crypto/certification-request.js';
import { startEmbedded } from '../../src/main/embedded.js';
import { createSystemClock } from '../../src/main/system-clock.js';
import { encodePem } from '../../src/x509/pem.js';

const SIGNER = 'countersign.dev/serving';
const POLICY = `
apiVersion: countersign.dev/v1alpha1
kind: ApprovalPolicy
metadata: {name: team}
spec:
  signerNames: [${SIGNER}]
  requesters: {groups: [team]}
  minimumIdentity: User
  names: {dns: ['*.team.example.com']}
  usages: {allowed: [digital signature, server auth]}
`;

/** Runs a server on the folder while `use` runs. */
async function withServer(
  folder: string,
  signerNames: readonly string[],
  use: (client: Client) => Promise<void>,
): Promise<void> {
  const policy = join(folder, 'policy.yaml');
  await writeFile(policy, POLICY);
  const embedded = await startEmbedded({
    dataFolder: join(folder, 'data'),
    host: '127.0.0.1',
    port: 0,
    kubeconfigPath: join(folder, 'kubeconfig'),
    signerNames,
    policyFiles: [policy],
    clock: createSystemClock(),
    logger: silentLogger,
  });
  try {
    const user = { username: 'ada', groups: ['team', 'system:masters', 'system:authenticated'] };
    await use(createClient(createInProcessTransport(embedded.transport, user), { userAgent: 'test' }));
  } finally {
    await embedded.close();
  }
}

async function requestFor(name: string): Promise<CertificateSigningRequest> {
  const der = await createCertificationRequest(await testKey(name), {
    subject: cn(`${name}.team.example.com`),
    subjectAltNames: [{ kind: 'dns', value: `${name}.team.example.com` }],
  });
  const request = toBase64(utf8(encodePem('CERTIFICATE REQUEST', der)));
  const spec = { request, signerName: SIGNER, usages: ['digital signature', 'server auth'] };
  return { metadata: { name }, spec, status: {} };
}

/** What has become of a request when it has come to one of these ends. */
async function endOf(client: Client, name: string, ...ends: readonly string[]): Promise<string> {
  for (let i = 0; i < 1000; i++) {
    const csr = await client.get(CERTIFICATE_SIGNING_REQUESTS, name);
    if (ends.includes(conditionText(csr))) return conditionText(csr);
    await delay(10);
  }
  throw new Error(`${name} never came to ${ends.join(' or ')}`);
}

suite('the key that signs records', () => {
  for (const forgets of [false, true]) {
    const expected = forgets ? 'Approved,Failed' : 'Approved,Issued';
    test(`is changed, and what the former one approved ends ${expected}${forgets ? ' where it was taken out of the list' : ''}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'countersign-record-key-'));
      const pki = join(folder, 'data', 'pki');
      try {
        // The first start gives the approver its rights.
        await withServer(folder, [SIGNER], async () => undefined);
        await withServer(folder, [], async (client) => {
          await client.create(CERTIFICATE_SIGNING_REQUESTS, await requestFor('web'));
          assert.equal(await endOf(client, 'web', 'Approved'), 'Approved');
        });
        await rename(join(pki, 'approver.key'), join(folder, 'former.key'));
        if (forgets) await rm(join(pki, 'record-keys.pem'));
        await withServer(folder, [SIGNER], async (client) => {
          assert.equal(await endOf(client, 'web', 'Approved,Issued', 'Approved,Failed'), expected);
        });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
});
