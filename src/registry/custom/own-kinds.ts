import { APPROVAL_POLICY_KIND } from '../approvalpolicies/approvalpolicies.js';
import { CERTIFICATE_RECORD_KIND } from '../certificaterecords/certificaterecords.js';
import type { CustomKind } from './custom-kind.js';

/** Every kind of ours. */
export const OWN_KINDS: readonly CustomKind[] = [APPROVAL_POLICY_KIND, CERTIFICATE_RECORD_KIND];
