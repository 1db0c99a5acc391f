import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseCertificateRecord } from './parse-certificate-record.js';
import { recordSpec } from './testing/records.js';

type Json = Record<string, unknown>;

function record(): Json {
  const spec = { ...recordSpec(), signature: { keyID: 'sha256:00', value: 'eA==' } };
  return { apiVersion: 'countersign.dev/v1alpha1', kind: 'CertificateRecord', metadata: { name: 'csr-1' }, spec };
}

/** The record with another value at a place; undefined takes it away. */
function changed(path: readonly (string | number)[], value: unknown): unknown {
  const copy = structuredClone(record());
  let at = copy;
  for (const step of path.slice(0, -1)) at = at[step] as Json;
  at[path.at(-1) ?? ''] = value;
  return copy;
}

suite('parseCertificateRecord', () => {
  const refused: readonly { readonly name: string; readonly value: unknown; readonly where: RegExp }[] = [
    { name: 'refuses text', value: 'record', where: /no object/ },
    { name: 'refuses nothing', value: null, where: /no object/ },
    { name: 'refuses another kind', value: changed(['kind'], 'ConfigMap'), where: /kind: it is "ConfigMap"/ },
    { name: 'refuses another version', value: changed(['apiVersion'], 'v1'), where: /apiVersion: it is "v1"/ },
    { name: 'refuses a record without name', value: changed(['metadata'], {}), where: /metadata\.name: it is missing/ },
    { name: 'refuses a record without spec', value: changed(['spec'], undefined), where: /spec: it is missing/ },
    {
      name: 'refuses a record without signature',
      value: changed(['spec', 'signature'], undefined),
      where: /spec\.signature: it is missing/,
    },
    {
      name: 'refuses an empty uid as it refuses none',
      value: changed(['spec', 'request', 'uid'], ''),
      where: /spec\.request\.uid: it is missing/,
    },
    {
      name: 'refuses a number for a text',
      value: changed(['spec', 'request', 'signerName'], 7),
      where: /signerName: it is 7, and must be text/,
    },
    {
      name: 'refuses a verdict that there is not',
      value: changed(['spec', 'decision', 'verdict'], 'Maybe'),
      where: /verdict: it is "Maybe", and must be one of Approved, Denied/,
    },
    {
      name: 'refuses a list for an object',
      value: changed(['spec', 'requester', 'extra'], ['x']),
      where: /extra: it is a list, and must be an object/,
    },
    {
      name: 'refuses a text for a list, in a map',
      value: changed(['spec', 'requester', 'extra'], { a: 'x' }),
      where: /extra\["a"\]: it is "x", and must be a list/,
    },
    {
      name: 'refuses a field that nobody reads',
      value: changed(['spec', 'names', 0, 'alsoGranted'], 'x'),
      where: /spec\.names\[0\]: it has an unknown field "alsoGranted"/,
    },
    {
      name: 'refuses a lifetime of parts of seconds',
      value: changed(['spec', 'request', 'expirationSeconds'], 0.5),
      where: /fraction|no integer/,
    },
    {
      name: 'refuses a phase that there is not',
      value: { ...record(), status: { issuance: { phase: 'Done' } } },
      where: /status\.issuance\.phase/,
    },
    {
      name: 'refuses evidence without an object',
      value: changed(['spec', 'names', 0, 'evidence'], ['x']),
      where: /evidence\[0\]: it is "x", and must be an object/,
    },
  ];
  for (const { name, value, where } of refused) {
    test(name, () => assert.throws(() => parseCertificateRecord(value), { code: 'OBJECT_MALFORMED', message: where }));
  }

  test('reads what was written', () => {
    assert.deepEqual(parseCertificateRecord(record()), { ...record(), status: {} });
  });

  test('reads a record as a server gives it: without what is empty, with null', () => {
    const spec = {
      ...(record()['spec'] as Json),
      names: null,
      facts: null,
      decision: { verdict: 'Approved', by: 'Other', decidedAt: '2026-11-23T17:28:06Z', policy: { name: 'file' } },
    };
    const read = parseCertificateRecord({ metadata: { name: 'csr-1' }, spec }).spec;
    assert.deepEqual(read.names, []);
    assert.equal(read.facts, undefined);
    assert.deepEqual(read.decision, {
      verdict: 'Approved',
      by: 'Other',
      policy: { name: 'file', uid: '', generation: 0 },
      reason: '',
      message: '',
      decidedAt: '2026-11-23T17:28:06Z',
    });
  });

  test('reads what a signature covers, and nothing beside it', () => {
    const read = parseCertificateRecord(changed(['spec', 'names', 0, 'grantedBy'], ''));
    assert.equal(read.spec.names[0]?.grantedBy, undefined);
  });
});
