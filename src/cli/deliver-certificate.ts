import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { toBase64 } from '../base/base64.js';
import { utf8 } from '../base/bytes.js';
import { secondsOf } from '../base/clock.js';
import { isApiClientSigner } from '../certificates/kubernetes-signers.js';
import type { Client } from '../client/client.js';
import type { Secret } from '../client/core-objects.js';
import { SECRETS } from '../client/resources.js';
import { verifySignature } from '../crypto/verify-signature.js';
import { hasReason } from '../kube/status.js';
import { verifyChain } from '../x509/verify-chain.js';
import type { WaitEnd } from './await-certificate.js';
import type { Environment } from './environment.js';
import { usageError } from './failure.js';
import { findTrustRoot } from './find-trust-root.js';
import { type RawFlags, switchFlag, textFlag } from './flags.js';
import { readTextInput } from './input.js';
import { type IssuedCertificate, readIssued } from './issued-certificate.js';
import { writeOutputFile } from './output-file.js';
import { certificatesOf } from './read-certificates.js';
import type { RequesterKey } from './requester-key.js';
import type { RequestPlan } from './request-plan.js';
import { shownName } from './request-fields.js';
import { shownTime } from './shown-time.js';

/** Annotation of a Secret of ours: the request that it came from. */
const REQUEST_ANNOTATION = 'countersign.dev/request';

/** Where the certificate goes, checked before it is asked for. */
export interface Delivery {
  readonly target:
    | { readonly kind: 'files'; readonly folder: string }
    | { readonly kind: 'secret'; readonly namespace: string; readonly name: string };
  readonly client: Client;
  readonly namespace: string;
  /** PEM of `--ca`. */
  readonly givenRoot?: string;
  readonly force: boolean;
}

/** Decides where the certificate will go, and refuses now what would fail after it has been issued. */
export async function planDelivery(
  plan: RequestPlan,
  flags: RawFlags,
  world: {
    readonly client: Client;
    readonly namespace: string;
    readonly folder: string;
    readonly environment: Environment;
  },
): Promise<Delivery> {
  const { client, namespace, folder, environment } = world;
  const force = switchFlag(flags, 'force');
  const ca = textFlag(flags, 'ca');
  const givenRoot = ca === undefined ? undefined : await readTextInput(ca, environment);
  const secretName = textFlag(flags, 'secret');
  if (secretName !== undefined) await checkSecret(client, namespace, secretName, plan, force, environment.signal);
  return {
    target: secretName === undefined ? { kind: 'files', folder } : { kind: 'secret', namespace, name: secretName },
    client,
    namespace,
    ...(givenRoot === undefined ? {} : { givenRoot }),
    force,
  };
}

async function checkSecret(
  client: Client,
  namespace: string,
  name: string,
  plan: RequestPlan,
  force: boolean,
  signal: AbortSignal,
): Promise<void> {
  const existing = await readSecret(client, namespace, name, signal);
  if (existing === undefined || force) return;
  if (existing.metadata.annotations?.[REQUEST_ANNOTATION] === plan.name) return;
  throw usageError(
    `Cannot write Secret ${namespace}/${name}: it exists and is not of this request; --force replaces it`,
  );
}

async function readSecret(
  client: Client,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<Secret | undefined> {
  try {
    return await client.get(SECRETS, name, { namespace, signal });
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** Checks what the signer delivered and puts it where it belongs, with the root that verifies it where one is known. */
export async function deliver(
  delivery: Delivery,
  end: WaitEnd & { readonly kind: 'issued' },
  key: RequesterKey,
  plan: RequestPlan,
  environment: Environment,
): Promise<void> {
  const issued = readIssued(end.certificate, key.key.publicKeyDer, plan.names);
  const now = secondsOf(environment.clock);
  environment.stderr.write(
    `Issued by ${shownName(issued.leaf.issuer)}, valid until ${shownTime(issued.leaf.notAfter, now)}\n`,
  );
  if (issued.missingNames.length > 0) {
    environment.stderr.write(`warning: the certificate lacks ${issued.missingNames.join(', ')}\n`);
  }
  const rootPem = await chooseRoot(delivery, issued, plan, environment);
  if (delivery.target.kind === 'files') {
    await deliverFiles(delivery.target.folder, delivery.force, issued, rootPem, key, plan, environment);
  } else {
    await deliverSecret(delivery, delivery.target, issued, rootPem, key, plan, environment);
  }
}

/** The root to hand out: only one under which this very certificate verifies. */
async function chooseRoot(
  delivery: Delivery,
  issued: IssuedCertificate,
  plan: RequestPlan,
  environment: Environment,
): Promise<string | undefined> {
  const { client, namespace, givenRoot } = delivery;
  const published =
    givenRoot === undefined
      ? await findTrustRoot(client, plan.signerName, namespace, environment.signal)
      : { pem: givenRoot, source: '--ca' };
  if (published === undefined) {
    const { signerName } = plan;
    environment.stderr.write(
      isApiClientSigner(signerName)
        ? 'The API server takes it for a credential; nobody else needs its root, and there is no ca.crt.\n'
        : `No root is published for ${signerName}, so there is no ca.crt: ask whoever runs the signer for it.\n`,
    );
    return undefined;
  }
  const verdict = verifyChain({
    leaf: issued.leaf,
    intermediates: issued.others,
    roots: certificatesOf(utf8(published.pem), published.source),
    now: secondsOf(environment.clock),
    verifySignature,
  });
  if (verdict.kind === 'trusted') return published.pem;
  environment.stderr.write(
    `warning: the certificate does not verify under the root from ${published.source} (${verdict.detail}), so there is no ca.crt\n`,
  );
  return undefined;
}

async function deliverFiles(
  folder: string,
  force: boolean,
  issued: IssuedCertificate,
  rootPem: string | undefined,
  key: RequesterKey,
  plan: RequestPlan,
  environment: Environment,
): Promise<void> {
  const certificatePath = join(folder, `${plan.name}.crt`);
  await writeOutputFile(environment, certificatePath, issued.pem, { replace: true });
  environment.stderr.write(`Wrote ${certificatePath}; its key is in ${key.path}\n`);
  const rootPath = rootPem === undefined ? undefined : await writeRoot(folder, force, rootPem, environment);
  const [hostname] = plan.names.flatMap((name) =>
    name.kind === 'dns' && !name.value.startsWith('*') ? [name.value] : [],
  );
  if (rootPath !== undefined) {
    environment.stderr.write(
      `To check it: ${environment.program} verify ${certificatePath} --ca ${rootPath} --key ${key.path}` +
        `${hostname === undefined ? '' : ` --hostname ${hostname}`}\n`,
    );
  }
}

/** ca.crt of another signer is left alone: programs that use it trust somebody else. */
async function writeRoot(folder: string, force: boolean, pem: string, environment: Environment): Promise<string> {
  const path = join(folder, 'ca.crt');
  const there = await readTextInput(path, environment).catch(() => undefined);
  if (there === pem) return path;
  if (there !== undefined && !force) {
    const other = join(folder, 'ca-new.crt');
    await writeOutputFile(environment, other, pem, { replace: true });
    environment.stderr.write(`warning: ${path} holds another root and is left alone; this one is in ${other}\n`);
    return other;
  }
  await writeOutputFile(environment, path, pem, { replace: true });
  environment.stderr.write(`Wrote ${path}, the root to trust\n`);
  return path;
}

async function deliverSecret(
  delivery: Delivery,
  target: Delivery['target'] & { readonly kind: 'secret' },
  issued: IssuedCertificate,
  rootPem: string | undefined,
  key: RequesterKey,
  plan: RequestPlan,
  environment: Environment,
): Promise<void> {
  const { client } = delivery;
  const { namespace, name } = target;
  const signal = environment.signal;
  const existing = await readSecret(client, namespace, name, signal);
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      ...existing?.metadata,
      name,
      namespace,
      annotations: { ...existing?.metadata.annotations, [REQUEST_ANNOTATION]: plan.name },
    },
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': toBase64(utf8(issued.pem)),
      'tls.key': toBase64(utf8(key.pem)),
      ...(rootPem === undefined ? {} : { 'ca.crt': toBase64(utf8(rootPem)) }),
    },
  };
  if (existing === undefined) await client.create(SECRETS, secret, { signal });
  else await client.update(SECRETS, secret, { signal });
  environment.stderr.write(
    `Wrote Secret ${namespace}/${name} with tls.crt, tls.key${rootPem === undefined ? '' : ' and ca.crt'}\n`,
  );
  if (key.origin === 'given') return;
  await rm(resolve(environment.cwd, key.path), { force: true });
  environment.stderr.write(`Removed ${key.path}: the Secret holds the key now\n`);
}
