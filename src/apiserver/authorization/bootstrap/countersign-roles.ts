import { COUNTERSIGN_GROUP } from '../../../certificates/approval-policy.js';
import { READ, resourceRule, WRITE, type BootstrapPolicy } from './policy.js';

/**
 * Roles for people who have to do with kinds of ours. They are bound by hand: `admin`, `edit` and `view` gather none of
 * them, because a policy approves in the name of its author, and a record says who is who. Whoever edits policies also
 * needs `approve` on the signers that they name.
 */
export const COUNTERSIGN_POLICY: BootstrapPolicy = {
  roles: [
    { name: 'countersign-policy-viewer', rules: [resourceRule(READ, [COUNTERSIGN_GROUP], ['approvalpolicies'])] },
    {
      name: 'countersign-policy-editor',
      rules: [resourceRule([...READ, ...WRITE], [COUNTERSIGN_GROUP], ['approvalpolicies'])],
    },
    { name: 'countersign-record-viewer', rules: [resourceRule(READ, [COUNTERSIGN_GROUP], ['certificaterecords'])] },
  ],
  bindings: [],
};
