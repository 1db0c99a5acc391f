import type { CertificateRecord } from '../../certificates/certificate-record.js';
import { recordSpec, type RecordChanges } from '../../certificates/testing/records.js';
import type { KeySpec } from '../../crypto/generate-key-pair.js';
import { createSoftwareCustody } from '../key-custody.js';
import { signRecord } from '../record-signature.js';
import { testKey } from './test-certificates.js';

/** The record of the sample request, signed by a key of the tests, in version 9. */
export async function testRecord(
  changes: RecordChanges = {},
  keyName = 'approver',
  keySpec?: KeySpec,
): Promise<CertificateRecord> {
  const custody = createSoftwareCustody(await testKey(keyName, keySpec));
  const spec = await signRecord(recordSpec(changes), custody);
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'CertificateRecord',
    metadata: { name: spec.request.uid, resourceVersion: '9' },
    spec,
  };
}
