import { RBAC_GROUP } from '../../../registry/roles/roles.js';
import { READ, resourceRule, WRITE, type BootstrapPolicy, type BootstrapRole } from './policy.js';

type Tier = 'admin' | 'edit' | 'view';

function aggregateTo(tier: Tier): Readonly<Record<string, string>> {
  return { [`rbac.authorization.k8s.io/aggregate-to-${tier}`]: 'true' };
}

/** `admin`, `edit` and `view` hold no rules of their own: they gather what is labelled for them. */
function gathering(tier: Tier, partOf?: Tier): BootstrapRole {
  return {
    name: tier,
    rules: [],
    ...(partOf === undefined ? {} : { labels: aggregateTo(partOf) }),
    aggregates: [{ matchLabels: aggregateTo(tier) }],
  };
}

const ROLES = ['rolebindings', 'roles'];

/** The roles that are meant to be bound to people, for the resources that are served here or in any cluster's core. */
export const USER_POLICY: BootstrapPolicy = {
  roles: [
    gathering('admin'),
    gathering('edit', 'admin'),
    gathering('view', 'edit'),
    {
      name: 'system:aggregate-to-admin',
      labels: aggregateTo('admin'),
      rules: [
        resourceRule(['create'], ['authorization.k8s.io'], ['localsubjectaccessreviews']),
        resourceRule([...WRITE, ...READ], [RBAC_GROUP], ROLES),
      ],
    },
    {
      name: 'system:aggregate-to-edit',
      labels: aggregateTo('edit'),
      rules: [
        resourceRule(
          READ,
          [''],
          ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'],
        ),
        resourceRule(['impersonate'], [''], ['serviceaccounts']),
        resourceRule(WRITE, [''], ['pods', 'pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy']),
        resourceRule(['create'], [''], ['pods/eviction']),
        resourceRule(WRITE, [''], ['configmaps', 'events', 'secrets', 'serviceaccounts', 'services', 'services/proxy']),
        resourceRule(['create'], [''], ['serviceaccounts/token']),
        resourceRule(WRITE, ['events.k8s.io'], ['events']),
        resourceRule([...WRITE, ...READ], ['coordination.k8s.io'], ['leases']),
      ],
    },
    {
      name: 'system:aggregate-to-view',
      labels: aggregateTo('view'),
      rules: [
        resourceRule(
          READ,
          [''],
          [
            'configmaps',
            'endpoints',
            'events',
            'namespaces',
            'namespaces/status',
            'pods',
            'pods/log',
            'pods/status',
            'serviceaccounts',
            'services',
            'services/status',
          ],
        ),
        resourceRule(READ, ['discovery.k8s.io'], ['endpointslices']),
        resourceRule(READ, ['events.k8s.io'], ['events']),
      ],
    },
  ],
  bindings: [],
};
