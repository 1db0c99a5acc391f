import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { openTestTerminal } from './testing/test-terminal.js';

const REFUSALS: readonly (readonly [name: string, text: string, stderr: RegExp])[] = [
  ['is empty', '---\n', /: it holds no CertificateSigningRequest\n$/],
  ['holds an empty list', 'kind: List\nitems: []\n', /: it holds no CertificateSigningRequest\n$/],
  ['is no YAML', 'kind: [', /: it is no YAML: /],
  [
    'holds another kind',
    'kind: Pod\nmetadata: { name: a }\n',
    /: object 1 is "Pod", must be a CertificateSigningRequest\n$/,
  ],
  ['holds no object', '- a\n', /: object 1 is without kind, must be a CertificateSigningRequest\n$/],
  [
    'holds one without a name',
    'kind: CertificateSigningRequest\nmetadata: { generateName: a- }\n',
    /: object 1 has no metadata\.name\n$/,
  ],
  [
    'holds another kind beside a request',
    'kind: CertificateSigningRequest\nmetadata: { name: a }\n---\nkind: Secret\n',
    /: object 2 is "Secret", must be a CertificateSigningRequest\n$/,
  ],
];

suite('approve -f', () => {
  for (const [name, text, stderr] of REFUSALS) {
    test(`decides nothing where the file ${name}`, async (t) => {
      const terminal = openTestTerminal(t);
      writeFileSync(terminal.path('requests.yaml'), text);
      const result = await terminal.run(['approve', '-f', 'requests.yaml']);
      assert.equal(result.exitCode, 1);
      assert.match(result.stderr, /^error: Cannot read "requests\.yaml"/);
      assert.match(result.stderr, stderr);
    });
  }

  test('decides nothing without a name or a file', async (t) => {
    const result = await openTestTerminal(t).run(['approve']);
    assert.equal(result.exitCode, 1);
    assert.match(result.stderr, /^error: Cannot choose requests: name at least one, or give a file with -f\n/);
  });
});
