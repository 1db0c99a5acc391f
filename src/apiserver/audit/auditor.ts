import { matchingRule } from './audit-policy.js';
import type { AuditedRequest, AuditorOptions } from './audited-request.js';
import { RequestAudit } from './request-audit.js';

/** Decides what of each request is put on record. */
export class Auditor {
  readonly #options: AuditorOptions;

  constructor(options: AuditorOptions) {
    this.#options = options;
  }

  /** The record of a request from here on; undefined where the policy wants none. */
  begin(audited: AuditedRequest): RequestAudit | undefined {
    const { policy, metrics } = this.#options;
    const rule = matchingRule(policy, audited.user, audited.info);
    metrics.level(rule?.level ?? 'None');
    if (rule === undefined || rule.level === 'None') return undefined;
    return new RequestAudit(this.#options, rule, audited);
  }
}
