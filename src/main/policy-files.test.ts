import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FakeClock } from '../base/fake-clock.js';
import { hasCode } from '../base/error.js';
import { loadCelEngine } from '../cel/cel-engine.js';
import { readPolicyFiles } from './policy-files.js';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'policies-'));
after(() => rm(folder, { recursive: true }));
const engine = await loadCelEngine({ clock: new FakeClock() });

const POLICY = `apiVersion: countersign.dev/v1alpha1
kind: ApprovalPolicy
metadata:
  name: serving
spec:
  signerNames: [example.com/serving]
  requesters:
    serviceAccounts: [{ namespaces: [shop] }]
  names:
    provable: [PodIP]
  usages:
    allowed: [server auth]
`;

async function read(...texts: readonly string[]) {
  const paths = await Promise.all(
    texts.map(async (text, i) => {
      await writeFile(join(folder, `${i}.yaml`), text);
      return `${i}.yaml`;
    }),
  );
  return readPolicyFiles(paths, folder, engine);
}

suite('policy files', () => {
  const refused: readonly { readonly name: string; readonly texts: readonly string[]; readonly message: RegExp }[] = [
    { name: 'what is no YAML', texts: ['a: [b'], message: /^Cannot use policies: "0\.yaml": / },
    { name: 'doubled keys', texts: [`${POLICY}spec: {}\n`], message: /Map keys must be unique/ },
    { name: 'a list', texts: ['- a'], message: /"0\.yaml", document 1: it is no object/ },
    {
      name: 'another kind',
      texts: ['apiVersion: v1\nkind: ConfigMap\n'],
      message: /it is no countersign\.dev\/v1alpha1 ApprovalPolicy/,
    },
    {
      name: 'a field that policies do not have',
      texts: [POLICY.replace('usages:', 'usage:')],
      message: /spec\.usage\b/,
    },
    { name: 'a field of another type', texts: [POLICY.replace('[PodIP]', '7')], message: /cannot unmarshal number/ },
    { name: 'no name', texts: [POLICY.replace('  name: serving\n', '  labels: {}\n')], message: /metadata\.name: ""/ },
    {
      name: 'a policy that does not compile',
      texts: [`${POLICY}  rules: [{ name: r, expression: "request.nothing" }]\n`],
      message: /spec\.rules\[0\]\.expression/,
    },
    {
      name: 'one name twice',
      texts: [POLICY, POLICY],
      message: /"1\.yaml", document 1: metadata\.name: there is a policy "serving" already/,
    },
    {
      name: 'everything that is wrong, at once',
      texts: [`${POLICY}---\n- a\n`, POLICY.replace('[PodIP]', '[Everything]').replace('serving]', '*]')],
      message: /"0\.yaml", document 2: .*"1\.yaml", document 1: .*spec\.signerNames.*spec\.names\.provable/,
    },
  ];
  for (const { name, texts, message } of refused) {
    test(`refuse ${name}`, async () => {
      await assert.rejects(read(...texts), (error) => {
        assert.ok(hasCode(error, 'CONFIG_INVALID'));
        assert.match(error.message, message);
        return true;
      });
    });
  }

  test('refuse a file that is not there', async () => {
    await assert.rejects(readPolicyFiles(['missing.yaml'], folder, engine), {
      code: 'CONFIG_INVALID',
      message: 'Cannot use policies: "missing.yaml": there is no such file or folder',
    });
  });

  test('hold several policies, each with a uid that says what it is', async () => {
    const policies = await read(`${POLICY}---\n${POLICY.replace('serving\nspec', 'other\nspec')}`, '');
    assert.deepEqual(
      policies.map(({ compiled }) => compiled.reference.name),
      ['serving', 'other'],
    );
    const [one, two] = policies.map(({ compiled }) => compiled.reference);
    assert.match(one?.uid ?? '', /^sha256:[0-9a-f]{64}$/);
    assert.equal(one?.uid, two?.uid, 'they say the same');
    const [changed] = await read(POLICY.replace('[shop]', '[shop, till]'));
    assert.notEqual(changed?.compiled.reference.uid, one?.uid);
  });

  test('may be items of a List', async () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- ${POLICY.trim().replaceAll('\n', '\n  ')}\n`;
    assert.equal((await read(list)).length, 1);
  });

  test('of the examples can all be used', async () => {
    const files = (await readdir(EXAMPLES)).filter((file) => file.endsWith('.yaml'));
    const policies = await readPolicyFiles(files, EXAMPLES, engine);
    assert.equal(policies.length, files.length);
  });
});
