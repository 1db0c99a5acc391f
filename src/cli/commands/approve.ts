import { configureDecision } from '../decide-request.js';
import type { ConfigureCommand } from '../command-entry.js';

/** `approve NAME...`: adds the Approved condition through /approval. */
export const configureApprove: ConfigureCommand = configureDecision({
  type: 'Approved',
  opposite: 'Denied',
  done: 'approved',
  reason: 'CountersignApprove',
  message: 'This CSR was approved by countersign approve.',
});
