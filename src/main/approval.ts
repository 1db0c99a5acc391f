import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { KeyCustody } from '../authority/key-custody.js';
import type { RecordVerifier } from '../authority/record-verifier.js';
import type { Client } from '../client/client.js';
import { createEventRecorder } from '../client/event-recorder.js';
import { type ApproverMetrics, createApprover } from '../controllers/approver/approver.js';
import { createPolicyCache, fixedPolicies } from '../controllers/approver/policy-source.js';
import { createPolicyStatus } from '../controllers/approver/policy-status.js';
import { createFactCaches, type FactCaches } from '../controllers/facts/fact-caches.js';
import { createRecordCleaner, type RecordRetention } from '../controllers/records/record-cleaner.js';
import { createRecordKeeper } from '../controllers/records/record-keeper.js';
import type { Controller } from '../controllers/runtime/controller.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';
import type { ExpressionEngine } from '../policy/expression.js';
import type { ApprovalSettings } from '../policy/settings.js';
import type { RequestVerifier } from '../x509/request-verifier.js';

/** What an approver is put together from. */
export interface ApprovalOptions {
  /** Acts as the approver. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly verifier: RequestVerifier;
  /** Signs records. */
  readonly custody: KeyCustody;
  /** Whose records say whose a key is; absent: everybody's. */
  readonly records?: RecordVerifier;
  readonly settings: ApprovalSettings;
  readonly engine: ExpressionEngine;
  /** These policies and no others; absent: the ApprovalPolicies of the API server. */
  readonly policies?: readonly CompiledPolicy[];
  /** How long records stay. */
  readonly retention: RecordRetention;
  readonly metrics?: ApproverMetrics;
  /** Host or pod name, for Events. */
  readonly instance?: string;
}

/** The loops of an approver, and of the records that it writes. */
export interface Approval {
  readonly controllers: readonly Controller[];
  /** What it decides by, for a signer in the same process. */
  readonly facts: FactCaches;
  /** Resolves when everything that was told is written. */
  flush(): Promise<void>;
}

/** Puts an approver together, with what keeps its records. */
export function createApproval(options: ApprovalOptions): Approval {
  const { client, clock, random, logger, verifier, custody, settings, engine, retention } = options;
  const metrics = options.metrics === undefined ? {} : { metrics: options.metrics };
  const world = { client, clock, random };
  const policies =
    options.policies === undefined ? createPolicyCache({ ...world, engine }) : fixedPolicies(options.policies);
  const events = createEventRecorder({
    ...world,
    logger,
    component: 'countersign.dev/approver',
    ...(options.instance === undefined ? {} : { instance: options.instance }),
  });
  const facts = createFactCaches({
    ...world,
    besides: policies.informers,
    ...(options.records === undefined ? {} : { records: options.records }),
  });
  return {
    facts,
    controllers: [
      createApprover({ ...world, logger, verifier, events, facts, policies, settings, custody, ...metrics }),
      ...policies.informers.map((informer) => createPolicyStatus({ client, policies: informer })),
      createRecordKeeper({ ...world, logger, verifier, custody }),
      createRecordCleaner({ client, logger, retention }),
    ],
    flush: () => events.flush(),
  };
}
