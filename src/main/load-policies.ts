import type { ApprovalPolicy } from '../certificates/approval-policy.js';
import type { Client } from '../client/client.js';
import { APPROVAL_POLICIES } from '../client/resources.js';
import { hasReason } from '../kube/status.js';

/** Writes policies into the API server: new ones are made, others of the same name become what these say. */
export async function loadPolicies(client: Client, policies: readonly ApprovalPolicy[]): Promise<void> {
  for (const { metadata, spec } of policies) {
    const { name = '', labels, annotations } = metadata;
    const wanted: ApprovalPolicy = {
      metadata: {
        name,
        ...(labels === undefined ? {} : { labels }),
        ...(annotations === undefined ? {} : { annotations }),
      },
      spec,
    };
    try {
      await client.create(APPROVAL_POLICIES, wanted);
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
      const { resourceVersion = '' } = (await client.get(APPROVAL_POLICIES, name)).metadata;
      await client.update(APPROVAL_POLICIES, { ...wanted, metadata: { ...wanted.metadata, resourceVersion } });
    }
  }
}
