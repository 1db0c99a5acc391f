import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GeneralName } from '../x509/general-name.js';
import { encodeName } from '../x509/name.js';
import { MAX_ALTERNATIVE_NAMES, rebuildAlternativeNames } from './alternative-names.js';

const der = Uint8Array.from([0x05, 0x00]);
const dns = (value: string): GeneralName => ({ kind: 'dns', value });

const OTHER_KINDS: readonly GeneralName[] = [
  { kind: 'otherName', oid: '1.3.6.1.4.1.311.20.2.3', valueDer: der },
  { kind: 'x400Address', der },
  { kind: 'directoryName', name: encodeName([]) },
  { kind: 'ediPartyName', der },
  { kind: 'registeredId', oid: '1.2.3' },
  { kind: 'unknown', der },
];

for (const other of OTHER_KINDS) {
  test(`refuses a name of kind ${other.kind}, wherever it stands`, () => {
    const rebuilt = rebuildAlternativeNames([dns('a.example'), other]);
    assert.deepEqual(rebuilt, {
      kind: 'refused',
      message: `subjectAltNames[1] is of kind ${other.kind}, only dns, email, ip, uri are signed`,
    });
  });
}

test('refuses more names than a certificate should have', () => {
  const many = Array.from({ length: MAX_ALTERNATIVE_NAMES + 1 }, (_, i) => dns(`a${i}.example`));
  assert.equal(rebuildAlternativeNames(many).kind, 'refused');
  assert.equal(rebuildAlternativeNames(many.slice(1)).kind, 'names');
});

test('orders by kind, and writes each name once', () => {
  const ip: GeneralName = { kind: 'ip', bytes: Uint8Array.from([10, 0, 0, 1]) };
  const uri: GeneralName = { kind: 'uri', value: 'spiffe://a/b' };
  const email: GeneralName = { kind: 'email', value: 'a@b' };
  assert.deepEqual(rebuildAlternativeNames([uri, ip, dns('b'), email, dns('a'), dns('b'), ip]), {
    kind: 'names',
    names: [dns('b'), dns('a'), email, ip, uri],
  });
});
