import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { parse } from 'yaml';
import { decodeObject } from '../../src/kube/decode-json.js';
import type { CustomKind } from '../../src/registry/custom/custom-kind.js';
import { OWN_KINDS } from '../../src/registry/custom/own-kinds.js';
import { validateStructure } from '../../src/registry/custom/validate-structure.js';
import { runCommand } from '../command.js';
import { requireTool } from '../tools.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DIGEST = `sha256:${'0a'.repeat(32)}`;

/** An object of each kind that says something in every corner. */
const FULL: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ApprovalPolicy: {
    spec: {
      mode: 'Enforce',
      onViolation: 'Deny',
      signerNames: ['example.com/serving'],
      requesters: {
        serviceAccounts: [{ namespaces: ['a'], namespaceSelector: { matchLabels: { a: 'b' } }, names: ['c'] }],
        users: ['u'],
        groups: ['g'],
        nodes: true,
      },
      minimumIdentity: 'Pod',
      names: { provable: ['PodIP'], nodeAddresses: { dns: ['a.b'] }, dns: ['a.b'], maxCount: 3 },
      subject: { commonName: 'Optional', organizations: ['o'] },
      keys: [
        { algorithm: 'ECDSA', curves: ['P-256'] },
        { algorithm: 'RSA', minimumBits: 3072 },
      ],
      usages: { required: ['server auth'], allowed: ['server auth', 'digital signature'] },
      maxExpirationSeconds: 86_400,
      rules: [{ name: 'r', expression: 'true', message: 'm' }],
    },
    status: { conditions: [{ type: 'Ready', status: 'True', observedGeneration: 1, reason: 'R', message: 'm' }] },
  },
  CertificateRecord: {
    spec: {
      request: {
        name: 'n',
        uid: 'u',
        signerName: 's',
        request: 'cGVt',
        requestDigest: DIGEST,
        publicKeyDigest: DIGEST,
        usages: ['server auth'],
        expirationSeconds: 600,
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
      requester: { username: 'u', groups: ['g'], extra: { a: ['b'] }, identity: { kind: 'Node', nodeName: 'n' } },
      decision: {
        verdict: 'Denied',
        by: 'Policy',
        policy: { name: 'p', uid: 'u', generation: 1 },
        reason: 'R',
        message: 'm',
        decidedAt: '2026-01-01T00:00:00Z',
      },
      names: [
        {
          type: 'DNS',
          value: 'v',
          evidence: [{ kind: 'Pod', namespace: 'n', name: 'p', uid: 'u', resourceVersion: '1' }],
        },
      ],
      signature: { keyID: DIGEST, value: 'c2ln' },
    },
    status: {
      issuance: { phase: 'Issued', serialNumber: '0a', fingerprint: DIGEST, notAfter: '2026-01-01T00:00:00Z' },
    },
  },
};

/** What somebody may write in the place of something else. */
const VALUES: readonly unknown[] = [
  '',
  'x',
  'Shadow',
  'any/thing',
  'x'.repeat(600),
  '2026-01-01T00:00:00Z',
  'YWJj',
  DIGEST,
  0,
  -1,
  1,
  1.5,
  100_000,
  true,
  false,
  [],
  ['x'],
  ['server auth', 'x'],
  [[]],
  [{}],
  {},
  { name: 'x' },
  { a: ['x'] },
  Array.from({ length: 33 }, (_, i) => `a/${i}`),
];

/** Every place in an object that a value or an item stands at. */
function placesIn(value: unknown, at: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([name, inner]) => placesIn(inner, [...at, name]))];
}

/** A copy with another value, or none, at a place. */
function changed(value: unknown, [step, ...rest]: readonly string[], to: unknown): unknown {
  if (step === undefined) return to;
  const copy: unknown = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) };
  const fields = copy as Record<string, unknown>; // a list has its items by their numbers
  fields[step] = changed(fields[step], rest, to);
  return Array.isArray(copy) ? copy.filter((item) => item !== undefined) : copy;
}

function variantsOf(full: object): readonly unknown[] {
  const places = placesIn(full).filter((place) => place.length > 1);
  const change = fc.record({ place: fc.constantFrom(...places), to: fc.constantFrom(undefined, ...VALUES) });
  const variant = fc
    .array(change, { minLength: 1, maxLength: 2 })
    // of two changes, the first may have taken away the place of the second
    .filter(([a, b]) => b === undefined || !b.place.join('.').startsWith(a?.place.join('.') ?? ''))
    .filter(([a, b]) => b === undefined || a?.place.length === b.place.length)
    .map((changes) => changes.reduce<unknown>((object, { place, to }) => changed(object, place, to), full));
  // as a client's JSON arrives
  return fc.sample(variant, { seed: 1, numRuns: 600 }).map((object) => JSON.parse(JSON.stringify(object)) as unknown);
}

/** Whether the embedded server takes the structure of an object. */
function isTakenHere({ schema, kind }: CustomKind, object: unknown): boolean {
  try {
    return validateStructure(schema, decodeObject(schema, kind, object).object).length === 0;
  } catch {
    return false; // something has another type
  }
}

/** Judges instances by a schema with jsonschema of Python: another implementation, by others. */
const JUDGE = `
import base64, datetime, json, sys
from jsonschema import Draft7Validator, FormatChecker
formats = FormatChecker(formats=())
formats.checks('byte', raises=Exception)(lambda v: not isinstance(v, str) or base64.b64decode(v, validate=True) is not None)
formats.checks('date-time', raises=Exception)(
    lambda v: not isinstance(v, str) or 'T' in v and bool(datetime.datetime.fromisoformat(v.replace('Z', '+00:00'))))
asked = json.load(sys.stdin)
validator = Draft7Validator(asked['schema'], format_checker=formats)
json.dump([validator.is_valid(instance) for instance in asked['instances']], sys.stdout)
`;

interface Definition {
  readonly spec: { readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: object } }[] };
}

function definitionOf(kind: CustomKind): object {
  const text = readFileSync(`${ROOT}deploy/crds/${kind.resource}.yaml`, 'utf8');
  // The file is ours, and `npm run check` compares it with what makes it.
  return (parse(text) as Definition).spec.versions[0]?.schema.openAPIV3Schema ?? {};
}

async function judged(kind: CustomKind, instances: readonly unknown[]): Promise<readonly boolean[]> {
  const stdin = JSON.stringify({ schema: definitionOf(kind), instances });
  const { code, stdout, stderr } = await runCommand('python3', ['-c', JUDGE], { stdin });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as readonly boolean[];
}

suite('definitions of our kinds', () => {
  for (const kind of OWN_KINDS) {
    test(`a cluster takes of ${kind.resource} what the embedded server takes, by structure`, async (t) => {
      if (!requireTool(t, 'jsonschema')) return;
      const full = FULL[kind.kind];
      assert.ok(full !== undefined);
      const instances = [full, ...variantsOf(full)];
      const there = await judged(kind, instances);
      assert.equal(there[0], true);
      for (const [i, instance] of instances.entries()) {
        assert.equal(isTakenHere(kind, instance), there[i], JSON.stringify(instance));
      }
      const refused = there.filter((isTaken) => !isTaken).length;
      assert.ok(refused > 100 && refused < instances.length - 50, `${refused} of ${instances.length} were refused`);
    });
  }

  test('a cluster takes every example, by structure', async (t) => {
    if (!requireTool(t, 'jsonschema')) return;
    const [policies] = OWN_KINDS.filter(({ kind }) => kind === 'ApprovalPolicy');
    assert.ok(policies !== undefined);
    const files = readdirSync(`${ROOT}examples`).filter((file) => file.endsWith('.yaml'));
    const examples = files.map((file) => parse(readFileSync(`${ROOT}examples/${file}`, 'utf8')) as unknown);
    assert.deepEqual(
      await judged(policies, examples),
      examples.map(() => true),
    );
  });
});
