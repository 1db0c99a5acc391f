import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  byteLength,
  dns1035LabelProblems,
  dnsLabelProblems,
  dnsSubdomainProblems,
  isDnsLabel,
  isDnsSubdomain,
  labelValueProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
} from './names.js';

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const refused: readonly {
  readonly what: string;
  readonly problems: (name: string) => readonly string[];
  readonly name: string;
  readonly expect: readonly string[];
}[] = [
  { what: 'an empty subdomain', problems: dnsSubdomainProblems, name: '', expect: [SUBDOMAIN] },
  { what: 'a subdomain in upper case', problems: dnsSubdomainProblems, name: 'Conv_Bad', expect: [SUBDOMAIN] },
  { what: 'a subdomain with an empty label', problems: dnsSubdomainProblems, name: 'a..b', expect: [SUBDOMAIN] },
  { what: 'a subdomain that ends in a dot', problems: dnsSubdomainProblems, name: 'a.', expect: [SUBDOMAIN] },
  { what: 'a subdomain with a dash at an edge', problems: dnsSubdomainProblems, name: 'a.-b', expect: [SUBDOMAIN] },
  { what: 'a subdomain beyond ASCII', problems: dnsSubdomainProblems, name: 'é', expect: [SUBDOMAIN] },
  {
    what: 'a subdomain of 254 bytes',
    problems: dnsSubdomainProblems,
    name: 'a'.repeat(254),
    expect: ['must be no more than 253 bytes'],
  },
  { what: 'a label with a dot', problems: dnsLabelProblems, name: 'a.b', expect: ['must not contain dots'] },
  { what: 'a label with an underscore', problems: dnsLabelProblems, name: 'a_b', expect: [LABEL] },
  {
    what: 'a label of 64 bytes',
    problems: dnsLabelProblems,
    name: 'a'.repeat(64),
    expect: ['must be no more than 63 bytes'],
  },
  { what: 'the segment .', problems: pathSegmentProblems, name: '.', expect: ["may not be '.'"] },
  { what: 'the segment ..', problems: pathSegmentProblems, name: '..', expect: ["may not be '..'"] },
  {
    what: 'a segment with a slash and a percent sign',
    problems: pathSegmentProblems,
    name: 'a%/b',
    expect: ["may not contain '/'", "may not contain '%'"],
  },
  { what: 'a key with a space', problems: qualifiedNameProblems, name: 'bad key!', expect: [`name part ${QUALIFIED}`] },
  {
    what: 'an empty key',
    problems: qualifiedNameProblems,
    name: '',
    expect: ['name part must be non-empty', `name part ${QUALIFIED}`],
  },
  {
    what: 'a key without prefix before its slash',
    problems: qualifiedNameProblems,
    name: '/a',
    expect: ['prefix part must be non-empty'],
  },
  {
    what: 'a key with a bad prefix',
    problems: qualifiedNameProblems,
    name: 'A/a',
    expect: [`prefix part ${SUBDOMAIN}`],
  },
  {
    what: 'a key with two slashes',
    problems: qualifiedNameProblems,
    name: 'a/b/c',
    expect: [`a qualified name ${QUALIFIED} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`],
  },
  {
    what: 'a key that is too long and badly formed',
    problems: qualifiedNameProblems,
    name: `${'a'.repeat(63)}-`,
    expect: ['name part must be no more than 63 bytes', `name part ${QUALIFIED}`],
  },
  { what: 'a label value with a space', problems: labelValueProblems, name: 'bad value!', expect: [VALUE] },
  { what: 'a label value that ends in a dot', problems: labelValueProblems, name: 'a.', expect: [VALUE] },
  {
    what: 'a label value of 64 bytes',
    problems: labelValueProblems,
    name: 'a'.repeat(64),
    expect: ['must be no more than 63 bytes'],
  },
];

for (const { what, problems, name, expect } of refused) {
  test(`refuses ${what}`, () => {
    assert.deepEqual(problems(name), expect);
  });
}

test('refuses an RFC 1035 label that starts with a digit', () => {
  assert.equal(dns1035LabelProblems('1a').length, 1);
  assert.deepEqual(dns1035LabelProblems('a1'), []);
});

test('accepts good names of each kind', () => {
  for (const name of ['a', '0', 'a-b.c-d.1', 'a'.repeat(253)]) assert.deepEqual(dnsSubdomainProblems(name), []);
  for (const name of ['a', '0-9', 'a'.repeat(63)]) assert.deepEqual(dnsLabelProblems(name), []);
  for (const name of ['a b', 'system:node', '...', 'Ä']) assert.deepEqual(pathSegmentProblems(name), []);
  for (const name of ['a', 'A_b.c-d', 'example.com/A', 'kubernetes.io/x.y_z']) {
    assert.deepEqual(qualifiedNameProblems(name), []);
  }
  for (const value of ['', 'a', 'A_b.c-1']) assert.deepEqual(labelValueProblems(value), []);
});

test('forgives a dash at the end of a prefix, and dots as a whole prefix of a segment', () => {
  assert.deepEqual(dnsSubdomainProblems('web-', true), []);
  assert.deepEqual(dnsLabelProblems('web-', true), []);
  assert.deepEqual(dnsSubdomainProblems('web-'), [SUBDOMAIN]);
  assert.deepEqual(pathSegmentProblems('..', true), []);
});

test('judges as the regular expressions in its messages do', () => {
  const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
  const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
  const value = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
  const text = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', '.', '_', '/', ' ', 'é'), maxLength: 12 });
  fc.assert(
    fc.property(text, (name) => {
      assert.equal(isDnsLabel(name), label.test(name));
      assert.equal(isDnsSubdomain(name), subdomain.test(name));
      assert.equal(labelValueProblems(name).length === 0, value.test(name));
    }),
  );
});

test('takes no longer than its input deserves', () => {
  const hostile = `${'a.'.repeat(500_000)}!`;
  assert.equal(dnsSubdomainProblems(hostile).length, 2);
  assert.equal(qualifiedNameProblems(hostile).length, 2);
});

test('counts bytes as UTF-8 does', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(byteLength(text), Buffer.byteLength(text));
    }),
  );
});
