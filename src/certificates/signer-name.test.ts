import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../kube/field-error.js';
import { dnsLabelProblems, dnsSubdomainProblems } from '../kube/names.js';
import { validateSignerName } from './signer-name.js';

const [LABEL = ''] = dnsLabelProblems('_');
const [SUBDOMAIN = ''] = dnsSubdomainProblems('_');
const TWO_PARTS = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
const TWO_SEGMENTS = 'should be a domain with at least two segments separated by dots';

const longDomain = `${'a.'.repeat(126)}aa`;

const refused: readonly { readonly name: string; readonly errors: readonly string[] }[] = [
  { name: '', errors: ['signerName: Required value'] },
  { name: 'example.com', errors: [`signerName: Invalid value: "example.com": ${TWO_PARTS}`] },
  { name: 'example.com/a/b', errors: [`signerName: Invalid value: "example.com/a/b": ${TWO_PARTS}`] },
  { name: 'example/a', errors: [`signerName: Invalid value: "example": ${TWO_SEGMENTS}`] },
  {
    name: 'Example.com/Serving',
    errors: [
      `signerName: Invalid value: "Example.com": validating label "Example": ${LABEL}`,
      `signerName: Invalid value: "Serving": validating label "Serving": ${SUBDOMAIN}`,
    ],
  },
  {
    name: '_.b_/x',
    errors: [`signerName: Invalid value: "_.b_": validating label "_": ${LABEL}`],
  },
  {
    name: '/x',
    errors: [
      `signerName: Invalid value: "": validating label "": ${LABEL}`,
      `signerName: Invalid value: "": ${TWO_SEGMENTS}`,
    ],
  },
  {
    name: 'example.com/',
    errors: [`signerName: Invalid value: "": validating label "": ${SUBDOMAIN}`],
  },
  {
    name: `${longDomain}/x`,
    errors: ['signerName: Too long: may not be more than 253 bytes'],
  },
  {
    name: `example.com/${'a.'.repeat(280)}a`,
    errors: ['signerName: Too long: may not be more than 571 bytes'],
  },
];

for (const { name, errors } of refused) {
  test(`refuses ${JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name)}`, () => {
    assert.deepEqual(validateSignerName(name, 'signerName').map(fieldErrorText), errors);
  });
}

test('takes domains and paths of lower-case names', () => {
  for (const name of [
    'example.com/serving',
    'kubernetes.io/kubelet-serving',
    'a.b/c.d.e',
    '1.2/3',
    `a.b/${'x'.repeat(253)}`,
  ]) {
    assert.deepEqual(validateSignerName(name, 'signerName'), []);
  }
});
