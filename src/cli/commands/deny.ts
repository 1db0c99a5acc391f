import { configureDecision } from '../decide-request.js';
import type { ConfigureCommand } from '../command-entry.js';

/** `deny NAME...`: adds the Denied condition through /approval. */
export const configureDeny: ConfigureCommand = configureDecision({
  type: 'Denied',
  opposite: 'Approved',
  done: 'denied',
  reason: 'CountersignDeny',
  message: 'This CSR was denied by countersign deny.',
});
