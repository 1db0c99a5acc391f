import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject, UserInfo } from '../../kube/object-meta.js';
import type { Authorizer } from '../authorization/authorizer.js';
import type { AdmissionOperation } from './admission.js';
import { refuseAttestation } from './cluster-trust-bundle-attest.js';

const user: UserInfo = { username: 'pat', groups: [] };

/** An authorizer that lets these names of signers be attested, and nothing else. */
function attesting(...names: readonly string[]): Authorizer {
  return {
    authorize: (question) => {
      const allowed =
        question.kind === 'resource' &&
        question.verb === 'attest' &&
        question.resource === 'signers' &&
        names.includes(question.name);
      return Promise.resolve({ allowed, reason: '' });
    },
  };
}

function bundle(signerName: string, metadata: object = {}): KubeObject {
  return { metadata: { name: 'n', ...metadata }, ...{ spec: { signerName, trustBundle: 'pem' } } };
}

function writes(more: Partial<AdmissionOperation>): AdmissionOperation {
  return {
    verb: 'create',
    resource: { group: 'certificates.k8s.io', resource: 'clustertrustbundles' },
    subresource: '',
    namespace: '',
    name: 'n',
    object: undefined,
    previous: undefined,
    user,
    dryRun: false,
    ...more,
  };
}

const ours = bundle('example.com/foo');

const refused: readonly (readonly [string, readonly string[], Partial<AdmissionOperation>])[] = [
  ['a bundle of a signer', [], { object: ours }],
  ['one of another signer', ['example.com/f*', '*', '*/foo', 'example.com/bar'], { object: ours }],
  ['a new label', [], { verb: 'update', object: bundle('example.com/foo', { labels: { a: 'b' } }), previous: ours }],
];

for (const [name, names, operation] of refused) {
  test(`refuses ${name} to who may not attest for it`, async () => {
    await assert.rejects(refuseAttestation(writes(operation), attesting(...names)), {
      httpCode: 403,
      message:
        'clustertrustbundles.certificates.k8s.io "n" is forbidden: user not permitted to attest for signerName "example.com/foo"',
    });
  });
}

const allowed: readonly (readonly [string, readonly string[], Partial<AdmissionOperation>])[] = [
  ['a bundle of nobody', [], { object: bundle('') }],
  ['a bundle by who may attest for its signer', ['example.com/foo'], { object: ours }],
  ['a bundle by who may attest for its domain', ['example.com/*'], { object: ours }],
  ['the end of a bundle', [], { verb: 'delete', previous: ours }],
  [
    'owners and finalizers',
    [],
    { verb: 'update', object: bundle('example.com/foo', { finalizers: ['a.b/c'] }), previous: ours },
  ],
  ['another resource', [], { object: ours, resource: { group: 'x', resource: 'clustertrustbundles' } }],
];

for (const [name, names, operation] of allowed) {
  test(`lets through ${name}`, async () => {
    await refuseAttestation(writes(operation), attesting(...names));
  });
}
