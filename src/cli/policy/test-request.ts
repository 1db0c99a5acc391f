import { dirname, resolve } from 'node:path';
import { toBase64 } from '../../base/base64.js';
import { utf8 } from '../../base/bytes.js';
import { CountersignError } from '../../base/error.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import type { Requester } from '../../certificates/normalised-request.js';
import { createCertificationRequest } from '../../crypto/certification-request.js';
import { generateKeyPair, parseKeySpec } from '../../crypto/generate-key-pair.js';
import type { PrivateKey } from '../../crypto/private-key.js';
import type { Facts } from '../../policy/facts.js';
import { parseIp, type GeneralName } from '../../x509/general-name.js';
import { ATTRIBUTE, type NameInput } from '../../x509/name.js';
import { encodePem } from '../../x509/pem.js';
import type { Environment } from '../environment.js';
import { readInput } from '../input.js';
import type { TestRequest, TestRequester } from './test-file.js';

const EXTRA = 'authentication.kubernetes.io/';

/** Keys of requests that are made, each kind once: making RSA keys takes long. */
export type TestKeys = (spec: string) => Promise<PrivateKey>;

/** Makes keys when they are first asked for. */
export function createTestKeys(): TestKeys {
  const made = new Map<string, Promise<PrivateKey>>();
  return (text) => {
    const known = made.get(text);
    if (known !== undefined) return known;
    const key = generateKeyPair(parseKeySpec(text));
    made.set(text, key);
    return key;
  };
}

/** The API object of a case, as the server would hold it. `path` is the file of the case. */
export async function testRequest(
  wanted: TestRequest,
  requester: Requester,
  path: string,
  { keys, environment }: { readonly keys: TestKeys; readonly environment: Environment },
): Promise<CertificateSigningRequest> {
  const { signerName, usages, expirationSeconds, file } = wanted;
  const pem =
    file === undefined
      ? utf8(encodePem('CERTIFICATE REQUEST', await made(wanted, keys)))
      : await readInput(resolve(environment.cwd, dirname(path), file), environment);
  const { username, uid, groups, extra } = requester;
  return {
    metadata: { name: 'case', uid: 'uid-of-case' },
    spec: {
      request: toBase64(pem),
      signerName,
      usages,
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
      username,
      uid,
      groups,
      extra,
    },
    status: {},
  };
}

async function made(wanted: TestRequest, keys: TestKeys): Promise<Uint8Array> {
  const { commonName, organizations = [], key = 'ecdsa-p256' } = wanted;
  const subject: NameInput = [
    ...organizations.map((value) => [{ oid: ATTRIBUTE.organization, value }]),
    ...(commonName === undefined ? [] : [[{ oid: ATTRIBUTE.commonName, value: commonName }]]),
  ];
  return createCertificationRequest(await keys(key), { subject, subjectAltNames: namesOf(wanted) });
}

/** Names as they are written: a test may ask for what no client would. */
function namesOf({ dns = [], ips = [], uris = [], emails = [] }: TestRequest): readonly GeneralName[] {
  return [
    ...dns.map((value) => ({ kind: 'dns' as const, value })),
    ...ips.map((text) => {
      const bytes = parseIp(text);
      if (bytes === undefined) {
        throw new CountersignError('USAGE', `Cannot make the request: ${JSON.stringify(text)} is no IP address`);
      }
      return { kind: 'ip' as const, bytes };
    }),
    ...uris.map((value) => ({ kind: 'uri' as const, value })),
    ...emails.map((value) => ({ kind: 'email' as const, value })),
  ];
}

/** Who asks in a case, as the API server would vouch for it where the facts are so. */
export function testRequester({ pod, serviceAccount, node, user, groups }: TestRequester, facts: Facts): Requester {
  if (pod !== undefined) return podRequester(pod, facts);
  if (serviceAccount !== undefined) {
    const [namespace, name] = splitName(serviceAccount, 'serviceAccount');
    return accountRequester(namespace, name, facts);
  }
  if (node !== undefined) {
    return { username: `system:node:${node}`, uid: '', groups: ['system:nodes', 'system:authenticated'], extra: {} };
  }
  return { username: user ?? '', uid: '', groups: [...(groups ?? []), 'system:authenticated'], extra: {} };
}

function podRequester(pod: string, facts: Facts): Requester {
  const [namespace, name] = splitName(pod, 'pod');
  const live = facts.pod(namespace, name);
  if (live === undefined) throw new CountersignError('USAGE', `Cannot ask as pod ${pod}: the facts hold no such pod`);
  const node = live.nodeName === '' ? undefined : facts.node(live.nodeName);
  return {
    ...accountRequester(namespace, live.serviceAccountName, facts),
    extra: {
      [`${EXTRA}pod-name`]: [name],
      [`${EXTRA}pod-uid`]: [live.uid],
      ...(live.nodeName === '' ? {} : { [`${EXTRA}node-name`]: [live.nodeName] }),
      ...(node === undefined ? {} : { [`${EXTRA}node-uid`]: [node.uid] }),
    },
  };
}

function accountRequester(namespace: string, name: string, facts: Facts): Requester {
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    uid: facts.serviceAccount(namespace, name)?.uid ?? 'uid-of-nobody',
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: {},
  };
}

function splitName(text: string, field: string): readonly [namespace: string, name: string] {
  const [namespace = '', name = '', ...more] = text.split('/');
  if (name !== '' && more.length === 0) return [namespace, name];
  throw new CountersignError('USAGE', `Cannot use requester.${field}: ${JSON.stringify(text)} is no namespace/name`);
}
