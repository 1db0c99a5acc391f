import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ATTRIBUTE, encodeName, formatName, type NameInput, parseName } from '../x509/name.js';
import { rebuildSubject, subjectName } from './subject-fields.js';

const o = (value: string): { oid: string; value: string } => ({ oid: ATTRIBUTE.organization, value });
const cn = (value: string): { oid: string; value: string } => ({ oid: ATTRIBUTE.commonName, value });

const REFUSALS: readonly (readonly [name: string, subject: NameInput, message: RegExp])[] = [
  ['a second common name', [[cn('a')], [cn('b')]], /more than one attribute of type 2\.5\.4\.3/],
  ['a second common name in one RDN', [[cn('a'), cn('b')]], /more than one attribute of type 2\.5\.4\.3/],
  ['the same common name twice', [[cn('a')], [cn('a')]], /more than one/],
  [
    'a second serial number',
    [[{ oid: ATTRIBUTE.serialNumber, value: '1' }], [{ oid: ATTRIBUTE.serialNumber, value: '2' }]],
    /more than one attribute of type 2\.5\.4\.5/,
  ],
  [
    'an email address',
    [[cn('a')], [{ oid: ATTRIBUTE.emailAddress, value: 'a@b' }]],
    /type 1\.2\.840\.113549\.1\.9\.1,/,
  ],
  [
    'a domain component',
    [[{ oid: ATTRIBUTE.domainComponent, value: 'com' }]],
    /type 0\.9\.2342\.19200300\.100\.1\.25,/,
  ],
  ['a user id', [[{ oid: ATTRIBUTE.userId, value: 'u' }]], /type 0\.9\.2342\.19200300\.100\.1\.1,/],
  ['a type nobody knows', [[{ oid: '1.3.6.1.4.1.57683.2', value: 'u' }]], /type 1\.3\.6\.1\.4\.1\.57683\.2,/],
  ['an empty value', [[o('')]], /without text/],
];

for (const [name, subject, message] of REFUSALS) {
  test(`refuses ${name}`, () => {
    const rebuilt = rebuildSubject(encodeName(subject));
    assert.equal(rebuilt.kind, 'refused');
    assert.match(rebuilt.message, message);
  });
}

test('refuses a value that is no text', () => {
  // RDN { SET { SEQUENCE { 2.5.4.3, INTEGER 1 } } }
  const der = Uint8Array.from([0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x02, 0x01, 0x01]);
  const rebuilt = rebuildSubject(parseName(der));
  assert.equal(rebuilt.kind, 'refused');
});

test('gathers the values of one type, in the order of kube-controller-manager', () => {
  const rebuilt = rebuildSubject(
    encodeName([[cn('web')], [o('b')], [{ oid: ATTRIBUTE.country, value: 'DE' }], [o('a')]]),
  );
  assert.equal(rebuilt.kind, 'subject');
  assert.deepEqual(rebuilt.subject, [[{ oid: ATTRIBUTE.country, value: 'DE' }], [o('b'), o('a')], [cn('web')]]);
});

test('keeps an empty subject empty', () => {
  assert.deepEqual(rebuildSubject(encodeName([])), { kind: 'subject', subject: [] });
});

test('writes fields in order and leaves out what is empty', () => {
  const name = encodeName(
    subjectName({ commonName: 'web', organizations: ['x', ''], countries: [], serialNumber: '', provinces: ['BE'] }),
  );
  assert.equal(formatName(name, 'openssl'), 'ST = BE, O = x, CN = web');
});
