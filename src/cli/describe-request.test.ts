import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CertificateSigningRequest } from '../certificates/certificate-signing-request.js';
import { nextStep } from './describe-request.js';

function request(name: string, status: CertificateSigningRequest['status'] = {}): CertificateSigningRequest {
  return { metadata: { name }, spec: { request: '', signerName: 'example.com/a', usages: [] }, status };
}

test('the commands for the next step take any name for a name', () => {
  assert.match(nextStep(request('web-1.ns:a'), 'countersign'), /countersign approve web-1\.ns:a, or/);
  assert.match(nextStep(request('a;reboot $(b)'), 'countersign'), /countersign approve 'a;reboot \$\(b\)', or/);
  assert.ok(nextStep(request("a'b"), 'countersign').includes(String.raw`countersign approve 'a'\''b', or`));
  assert.ok(nextStep(request('a\u001b[2Jb'), 'countersign').includes(String.raw`approve 'a\u{1b}[2Jb', or`));
});

test('a reason from the server cannot draw on the terminal', () => {
  for (const type of ['Denied', 'Failed']) {
    const text = nextStep(
      request('a', { conditions: [{ type, status: 'True', message: '\u001b[2Jfine' }] }),
      'countersign',
    );
    assert.ok(!text.includes('\u001b'), text);
  }
});
