import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBase64 } from '../base/base64.js';
import { parseUtf8 } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import type { Client } from '../client/client.js';
import { CONFIG_MAPS, SECRETS } from '../client/resources.js';
import { startGreetingServer, type Handshake } from './tutorial-handshake.js';
import type { TutorialShell } from './tutorial-shell.js';

const CSR = 'my-svc.my-namespace';
const SERVICE = 'my-svc.my-namespace.svc.cluster.local';
const POD = 'my-pod.my-namespace.pod.cluster.local';
const SIGNER = 'example.com/serving';

const CSR_JSON = `{
  "hosts": ["${SERVICE}", "${POD}", "192.0.2.24", "10.0.34.2"],
  "CN": "${POD}",
  "key": {"algo": "ecdsa", "size": 256}
}
`;

const CA_JSON = `{
  "CN": "My Example Signer",
  "key": {"algo": "rsa", "size": 2048}
}
`;

const SIGNING_CONFIG = `{
  "signing": {
    "default": {
      "usages": ["digital signature", "key encipherment", "server auth"],
      "expiry": "876000h",
      "ca_constraint": {"is_ca": false}
    }
  }
}
`;

/** What the flags of the tutorial's request say; asking again with the same ones goes on with the same request. */
const REQUEST = [
  'request',
  CSR,
  '--signer',
  SIGNER,
  '--key',
  'server-key.pem',
  '--cn',
  POD,
  '--dns',
  `${SERVICE},${POD}`,
  '--ip',
  '192.0.2.24,10.0.34.2',
  '--usages',
  'digital signature,key encipherment,server auth',
];

/** Steps 1 to 3: a requester makes a key and a request, an administrator approves it. */
export async function requestAndApprove(shell: TutorialShell): Promise<void> {
  shell.step('1. A private key and a certificate request');
  shell.say('A service wants a certificate for its names. The key is made here and never leaves.');
  await shell.countersign(['genkey', '--bare', 'server'], { stdin: CSR_JSON });
  await shell.countersign(['inspect', 'server.csr']);

  shell.step('2. The request goes to the Kubernetes API');
  shell.say(`It becomes a CertificateSigningRequest for the signer ${SIGNER}, and waits.`);
  await shell.countersign([...REQUEST, '--no-wait']);
  await shell.countersign(['get']);
  await shell.kubectl(['describe', 'csr', CSR]);

  shell.step('3. An administrator looks at it and approves it');
  await shell.countersign(['describe', CSR]);
  await shell.countersign(['approve', CSR]);
  await shell.kubectl(['get', 'csr']);
}

/** Step 4: we play the signer: a CA, a signature, an upload. */
export async function playTheSigner(shell: TutorialShell, folder: string): Promise<void> {
  shell.step(`4. The signer ${SIGNER} signs: today that is us`);
  shell.say('A signer needs an authority: a key, and a certificate that others will trust.');
  await shell.countersign(['ca', 'init', '--bare', 'ca'], { stdin: CA_JSON });
  shell.say('\nIt takes the request from the API, signs it within its own rules, and uploads the certificate.');
  writeFileSync(join(folder, 'server-signing-config.json'), SIGNING_CONFIG);
  await shell.countersign(['get', CSR, '-o', 'request'], { into: 'to-sign.csr' });
  await shell.countersign([
    'sign',
    'to-sign.csr',
    '--ca',
    'ca.pem',
    '--ca-key',
    'ca-key.pem',
    '--config',
    'server-signing-config.json',
    '--bare',
    'ca-signed-server',
  ]);
  await shell.countersign(['publish', CSR, 'ca-signed-server.pem']);
  await shell.countersign(['get']);
}

/** Steps 5 and 6: the certificate goes into a Secret, the root into a ConfigMap. */
export async function deliver(shell: TutorialShell): Promise<void> {
  shell.step('5. The requester fetches the certificate into a Secret');
  shell.say('The same command as before goes on where it was: the certificate is there now.');
  await shell.countersign([...REQUEST, '--secret', 'server', '--ca', 'ca.pem']);
  await shell.kubectl(['get', 'secret', 'server']);

  shell.step('6. The root of trust is distributed');
  shell.say("Clients must not trust the cluster's own authority for this, but the signer's.");
  await shell.countersign([
    'trust',
    'export',
    '--ca',
    'ca.pem',
    '--signer',
    SIGNER,
    '--configmap',
    'example-serving-ca',
  ]);
  await shell.kubectl(['get', 'configmap', 'example-serving-ca', 'kube-root-ca.crt']);
}

/** Step 7: a TLS server with the Secret, and clients that trust one root or another. */
export async function shakeHands(shell: TutorialShell, client: Client): Promise<void> {
  shell.step('7. A TLS server presents it, and a client checks it');
  const secret = await client.get(SECRETS, 'server', { namespace: 'default' });
  const root = await client.get(CONFIG_MAPS, 'example-serving-ca', { namespace: 'default' });
  const clusterRoot = await client.get(CONFIG_MAPS, 'kube-root-ca.crt', { namespace: 'default' });
  const server = await startGreetingServer(secretText(secret.data, 'tls.crt'), secretText(secret.data, 'tls.key'));
  try {
    shell.say(`An HTTPS server on 127.0.0.1:${server.port} presents tls.crt of Secret server.\n`);
    const rootPem = root.data?.['ca.crt'] ?? '';
    expect(
      'answered',
      await server.visit(SERVICE, rootPem),
      shell,
      `a client that trusts only example-serving-ca asks for ${SERVICE}`,
    );
    expect(
      'refused',
      await server.visit('other.example.com', rootPem),
      shell,
      'the same client asks for other.example.com',
    );
    expect(
      'refused',
      await server.visit(SERVICE, clusterRoot.data?.['ca.crt'] ?? ''),
      shell,
      'a client that trusts only kube-root-ca.crt asks',
    );
  } finally {
    await server.close();
  }
}

/** Step 8: the same with a signer that runs by itself. */
export async function letItRun(shell: TutorialShell): Promise<void> {
  shell.step('8. With a signer that runs, all of that is two commands');
  shell.say('The embedded system runs the signer countersign.dev/serving. One terminal requests and waits:');
  const name = 'my-other-svc';
  const hostname = 'my-other-svc.my-namespace.svc.cluster.local';
  const waiting = shell.printed('Waiting for approval');
  const requested = shell.countersign(['request', name, '--dns', hostname, '--duration', '24h']);
  await Promise.race([waiting, requested]);
  shell.say('\nIn another terminal somebody approves:');
  await shell.countersign(['approve', name]);
  await requested;
  const files = ['--ca', 'ca.crt', '--key', `${name}-key.pem`, '--hostname', hostname];
  await shell.countersign(['verify', `${name}.crt`, ...files]);
}

function expect(wanted: Handshake['kind'], seen: Handshake, shell: TutorialShell, what: string): void {
  const text = seen.kind === 'answered' ? `"${seen.body}"` : `refused: ${seen.why}`;
  shell.say(`  ${what}\n    -> ${text}`);
  if (seen.kind === wanted) return;
  throw new CountersignError('CHAIN_INVALID', `Cannot go on: ${what}: was ${seen.kind}, must be ${wanted}`);
}

function secretText(data: Readonly<Record<string, string>> | undefined, key: string): string {
  const decoded = decodeBase64(data?.[key] ?? '');
  const text = decoded.kind === 'bytes' ? parseUtf8(decoded.bytes) : undefined;
  if (text !== undefined && text !== '') return text;
  throw new CountersignError('CHAIN_INVALID', `Cannot go on: Secret server has no ${key}`);
}
