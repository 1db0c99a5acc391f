import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toBase64 } from '../base/base64.js';
import { utf8 } from '../base/bytes.js';
import { canonicalRecordBytes } from '../certificates/canonical-record.js';
import type { CertificateRecord } from '../certificates/certificate-record.js';
import { inBase64 } from '../certificates/testing/samples.js';
import { PUBLIC_KEY_DIGEST, recordSpec } from '../certificates/testing/records.js';
import { SIGNATURE_ALGORITHM } from '../x509/signature-algorithm.js';
import { createSoftwareCustody } from './key-custody.js';
import { recordKeyId, signRecord, verifyRecord } from './record-signature.js';
import { testKey } from './testing/test-certificates.js';
import { testRecord } from './testing/test-records.js';

/** Every leaf of a JSON value, as the path to it. */
function leaves(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, entry]) => leaves(entry, [...path, name]));
}

/** A copy with the leaf at `path` changed, or taken away. */
function tampered(record: CertificateRecord, path: readonly string[], how: 'changed' | 'removed'): unknown {
  const copy = structuredClone(record);
  let at = copy as unknown as Record<string, unknown>;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>;
  const name = path.at(-1) ?? '';
  if (how === 'removed' && Array.isArray(at)) at.splice(Number(name), 1);
  else if (how === 'removed') Reflect.deleteProperty(at, name);
  else at[name] = typeof at[name] === 'number' ? at[name] + 1 : `${String(at[name])}x`;
  return copy;
}

suite('verifyRecord', () => {
  test('refuses a record in which any one field was changed or taken away', async () => {
    const { publicKey } = await testKey('approver');
    const record = await testRecord();
    const paths = leaves(record.spec, ['spec']);
    assert.ok(paths.length >= 30);
    for (const path of paths) {
      for (const how of ['changed', 'removed'] as const) {
        const verdict = verifyRecord(tampered(record, path, how), [publicKey]);
        assert.equal(verdict.kind, 'invalid', `${path.join('.')} ${how}`);
      }
    }
  });

  const refusals: readonly {
    readonly name: string;
    readonly make: () => Promise<unknown>;
    readonly detail: RegExp;
  }[] = [
    { name: 'refuses what is no record', make: async () => 'record', detail: /no object/ },
    {
      name: 'refuses a record signed by another key',
      make: () => testRecord({}, 'impostor'),
      detail: /signed by the key "sha256:[0-9a-f]{64}", which is not trusted/,
    },
    {
      name: 'refuses a signature of another key under the id of ours',
      make: async () => {
        const [record, other] = [await testRecord(), await testRecord({}, 'impostor')];
        const signature = { ...record.spec.signature, value: other.spec.signature.value };
        return { ...record, spec: { ...record.spec, signature } };
      },
      detail: /signature does not verify/,
    },
    {
      name: 'refuses the record of one request under the name of another',
      make: async () => ({ ...(await testRecord()), metadata: { name: 'csr-2' } }),
      detail: /it is named "csr-2", and its request has the uid "csr-1"/,
    },
    {
      name: 'refuses the signature of another record',
      make: async () => {
        const record = await testRecord();
        const other = await testRecord({ request: { uid: 'csr-2' } });
        return { ...record, spec: { ...record.spec, signature: other.spec.signature } };
      },
      detail: /signature does not verify/,
    },
    {
      name: 'refuses a name that was added',
      make: async () => {
        const record = await testRecord();
        const name = { type: 'DNS', value: 'kubernetes.default.svc', because: 'so' };
        return { ...record, spec: { ...record.spec, names: [...record.spec.names, name] } };
      },
      detail: /signature does not verify/,
    },
    {
      name: 'refuses the same JSON signed without the line that says what it is',
      make: async () => {
        const record = await testRecord();
        const [, json = ''] = new TextDecoder().decode(canonicalRecordBytes(record.spec)).split('\n');
        const value = toBase64(await (await testKey('approver')).sign(utf8(json)));
        return { ...record, spec: { ...record.spec, signature: { ...record.spec.signature, value } } };
      },
      detail: /signature does not verify/,
    },
    {
      name: 'refuses a signature that is no base64',
      make: async () => {
        const record = await testRecord();
        return { ...record, spec: { ...record.spec, signature: { ...record.spec.signature, value: '!' } } };
      },
      detail: /signature is no base64/,
    },
    {
      name: 'refuses a genuine signature over a digest of something else',
      make: () => testRecord({ request: { requestDigest: PUBLIC_KEY_DIGEST } }),
      detail: /requestDigest is not that of the request in it/,
    },
    {
      name: 'refuses a genuine signature over the digest of another key',
      make: () => testRecord({ request: { publicKeyDigest: 'sha256:00' } }),
      detail: /publicKeyDigest is not that of the request in it/,
    },
    {
      name: 'refuses a genuine signature over a request that is none',
      make: () => testRecord({ request: { request: inBase64('no PEM') } }),
      detail: /request in it cannot be read/,
    },
    {
      name: 'refuses a genuine signature over a request that is no base64',
      make: () => testRecord({ request: { request: '!' } }),
      detail: /request in it is no base64/,
    },
  ];
  for (const { name, make, detail } of refusals) {
    test(name, async () => {
      const { publicKey } = await testKey('approver');
      const verdict = verifyRecord(await make(), [publicKey]);
      assert.match(verdict.kind === 'invalid' ? verdict.detail : 'it was taken', detail);
    });
  }

  test('trusts nobody without keys', async () => {
    assert.equal(verifyRecord(await testRecord(), []).kind, 'invalid');
  });

  for (const spec of ['ecdsa-p256', 'ecdsa-p384', 'rsa-2048', 'ed25519'] as const) {
    test(`takes what it wrote with ${spec}, among several keys`, async () => {
      const record = await testRecord({}, 'approver', spec);
      const keys = [await testKey('impostor'), await testKey('approver', spec)].map(({ publicKey }) => publicKey);
      const verdict = verifyRecord(record, keys);
      assert.deepEqual(verdict.kind === 'valid' ? verdict.record.spec : verdict.detail, record.spec);
    });
  }

  test('takes a record whose status says anything: no signature covers that', async () => {
    const { publicKey } = await testKey('approver');
    const record = { ...(await testRecord()), status: { issuance: { phase: 'Issued', serialNumber: '0a' } } };
    assert.equal(verifyRecord(record, [publicKey]).kind, 'valid');
  });
});

suite('signRecord', () => {
  test('refuses a custody that signs in a way that nobody verifies', async () => {
    const custody = createSoftwareCustody(await testKey('approver'));
    const odd = { ...custody, algorithm: SIGNATURE_ALGORITHM.ecdsaSha512 };
    await assert.rejects(signRecord(recordSpec(), odd), { code: 'KEY_UNSUPPORTED' });
  });

  test('refuses a custody that signs with another key than it says', async () => {
    const custody = createSoftwareCustody(await testKey('approver'));
    const { publicKeyDer } = await testKey('impostor');
    await assert.rejects(signRecord(recordSpec(), { ...custody, publicKeyDer }), { code: 'KEY_INVALID' });
  });

  test('names its key by the digest of the public key', async () => {
    const { publicKeyDer } = await testKey('approver');
    assert.equal((await testRecord()).spec.signature.keyID, recordKeyId(publicKeyDer));
  });
});
