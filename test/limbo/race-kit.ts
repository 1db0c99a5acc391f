import { parseCaMaterial, type CaMaterial } from '../../src/authority/ca-material.js';
import { createSoftwareCustody, type KeyCustody } from '../../src/authority/key-custody.js';
import { cn, NOW, testCertificate, testKey } from '../../src/authority/testing/test-certificates.js';
import { toBase64 } from '../../src/base/base64.js';
import { utf8 } from '../../src/base/bytes.js';
import type { CertificateSigningRequest } from '../../src/certificates/certificate-signing-request.js';
import type { Requester } from '../../src/certificates/normalised-request.js';
import { fixedPolicies, type PolicySource } from '../../src/controllers/approver/policy-source.js';
import { createCertificationRequest } from '../../src/crypto/certification-request.js';
import { exportPrivateKeyPem } from '../../src/crypto/private-key.js';
import { createRequestVerifier } from '../../src/crypto/request-verifier.js';
import { compiledPolicyOf } from '../../src/policy/testing/policies.js';
import { POD_REQUESTER } from '../../src/policy/testing/world.js';
import type { RaceCase, RaceProcess } from '../../src/limbo/race-case.js';
import type { GeneralName } from '../../src/x509/general-name.js';
import { encodePem } from '../../src/x509/pem.js';
import type { SubjectPublicKeyInfo } from '../../src/x509/public-key.js';
import type { RequestVerifier } from '../../src/x509/request-verifier.js';

/** The signerName of all requests here. */
export const SIGNER_NAME = 'countersign.dev/serving';

/** What all runs of a case share: nothing of it changes. */
export interface RaceKit {
  readonly verifier: RequestVerifier;
  readonly ca: CaMaterial;
  readonly custodyOf: (approver: RaceProcess) => KeyCustody;
  readonly policiesOf: (approver: RaceProcess) => PolicySource;
  /** Keys whose records count. */
  readonly trustedKeys: readonly SubjectPublicKeyInfo[];
  /** The requests, not decided yet. */
  readonly requests: readonly CertificateSigningRequest[];
}

/** The other service account that asks with the same key. */
export const RIVAL: Requester = {
  username: 'system:serviceaccount:shop:db',
  uid: 'uid-sa-db',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
  extra: {
    'authentication.kubernetes.io/pod-name': ['db-1'],
    'authentication.kubernetes.io/pod-uid': ['uid-pod-db-1'],
  },
};

/** Makes keys, policies and requests of a case. Keys are of Ed25519: what they sign is the same each time. */
export async function raceKit(race: RaceCase): Promise<RaceKit> {
  const caKey = await testKey('race-ca', 'ed25519');
  const oneKey = await testKey('race-approver', 'ed25519');
  const twoKey = await testKey('race-approver-2', 'ed25519');
  const [one, two] = [createSoftwareCustody(oneKey), createSoftwareCustody(twoKey)];
  const policyOf = (name: string, account: string): PolicySource => {
    const { onViolation = 'Deny', rival = false } = race;
    const serviceAccounts = [{ namespaces: ['shop'], ...(rival ? { names: [account] } : {}) }];
    return fixedPolicies([compiledPolicyOf({ onViolation, requesters: { serviceAccounts } }, name)]);
  };
  const policies = {
    approver: policyOf('workload-serving', 'web'),
    'approver-2': policyOf(race.ownPolicies === true ? 'another-policy' : 'workload-serving', 'db'),
  };
  return {
    verifier: createRequestVerifier(),
    ca: parseCaMaterial({
      certificatesPem: await testCertificate({ subject: cn('race'), key: caKey }),
      keyPem: exportPrivateKeyPem(caKey, { format: 'pkcs8' }),
      now: NOW,
    }),
    custodyOf: (name) => (name === 'approver-2' && race.ownKeys === true ? two : one),
    policiesOf: (name) => policies[name === 'approver-2' ? name : 'approver'],
    trustedKeys: race.ownKeys === true ? [oneKey.publicKey, twoKey.publicKey] : [oneKey.publicKey],
    requests: [
      await requestOf('web', POD_REQUESTER, namesOf(race)),
      ...(race.rival === true ? [await requestOf('db', RIVAL, [ipName(10, 0, 34, 8)])] : []),
    ],
  };
}

function namesOf({ names = 'both' }: RaceCase): readonly GeneralName[] {
  const service: GeneralName = { kind: 'dns', value: 'web.shop.svc.cluster.local' };
  const address = ipName(10, 0, 34, 2);
  return { both: [service, address], service: [service], address: [address] }[names];
}

function ipName(...octets: readonly number[]): GeneralName {
  return { kind: 'ip', bytes: new Uint8Array(octets) };
}

async function requestOf(
  name: string,
  requester: Requester,
  subjectAltNames: readonly GeneralName[],
): Promise<CertificateSigningRequest> {
  const der = await createCertificationRequest(await testKey('race'), { subject: [], subjectAltNames });
  const { username, uid, groups, extra } = requester;
  return {
    metadata: { name, uid: `uid-csr-${name}`, creationTimestamp: '2023-11-14T22:13:20Z' },
    spec: {
      request: toBase64(utf8(encodePem('CERTIFICATE REQUEST', der))),
      signerName: SIGNER_NAME,
      usages: ['digital signature', 'server auth'],
      username,
      uid,
      groups,
      extra,
    },
    status: {},
  };
}
