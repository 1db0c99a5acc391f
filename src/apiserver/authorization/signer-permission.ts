import { CERTIFICATES_GROUP } from '../../certificates/certificate-signing-request.js';
import type { UserInfo } from '../../kube/object-meta.js';
import type { Authorizer } from './authorizer.js';

/** What may be done in the name of a signer. */
export type SignerVerb = 'approve' | 'sign' | 'attest';

/**
 * Whether a user may act for a signer: RBAC is asked for `signers` with exactly this name, then with `domain/*`, which
 * is a literal name and no pattern. `signers` is no resource that anybody can list. An error counts as no.
 */
export async function mayActForSigner(
  authorizer: Authorizer,
  user: UserInfo,
  verb: SignerVerb,
  signerName: string,
): Promise<boolean> {
  if (await allows(authorizer, user, verb, signerName)) return true;
  const slash = signerName.indexOf('/');
  const domain = slash < 0 ? signerName : signerName.slice(0, slash);
  return allows(authorizer, user, verb, `${domain}/*`);
}

async function allows(authorizer: Authorizer, user: UserInfo, verb: SignerVerb, name: string): Promise<boolean> {
  const decision = await authorizer.authorize({
    kind: 'resource',
    user,
    verb,
    group: CERTIFICATES_GROUP,
    version: '*',
    resource: 'signers',
    subresource: '',
    namespace: '',
    name,
  });
  return decision.allowed;
}
