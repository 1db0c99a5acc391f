import type { CertificateRecord, RecordedRequester } from '../certificates/certificate-record.js';
import type { KeyHolder } from './facts.js';

/** A public key, and for whom it is on record. */
export interface RecordedKey {
  readonly publicKeyDigest: string;
  readonly holder: KeyHolder;
}

/** Whose key a record says it is; undefined where the request was denied: nobody was given anything. */
export function recordedKeyOf({ metadata, spec }: CertificateRecord): RecordedKey | undefined {
  if (spec.decision.verdict !== 'Approved') return undefined;
  return {
    publicKeyDigest: spec.request.publicKeyDigest,
    holder: {
      record: metadata.name ?? '',
      requestName: spec.request.name,
      identityKey: recordedIdentityKey(spec.requester),
    },
  };
}

/** What identityKey said of who asked. */
function recordedIdentityKey({ username, identity }: RecordedRequester): string {
  switch (identity.kind) {
    case 'Pod':
    case 'ServiceAccount':
      return `serviceaccount:${identity.namespace ?? ''}/${identity.serviceAccountName ?? ''}`;
    case 'Node':
      return `node:${identity.nodeName ?? ''}`;
    case 'User':
      return `user:${username}`;
  }
}
