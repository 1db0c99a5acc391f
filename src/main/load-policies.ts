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
    await put(client, wanted);
  }
}

async function put(client: Client, wanted: ApprovalPolicy): Promise<void> {
  try {
    await client.create(APPROVAL_POLICIES, wanted);
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error;
    await replace(client, wanted);
  }
}

async function replace(client: Client, wanted: ApprovalPolicy): Promise<void> {
  const { resourceVersion = '' } = (await client.get(APPROVAL_POLICIES, wanted.metadata.name ?? '')).metadata;
  try {
    await client.update(APPROVAL_POLICIES, { ...wanted, metadata: { ...wanted.metadata, resourceVersion } });
  } catch (error) {
    // another replica that starts at the same time, or the controller that writes what came of the policy
    if (!hasReason(error, 'Conflict')) throw error;
    await replace(client, wanted);
  }
}
