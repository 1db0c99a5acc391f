import { isDeepStrictEqual } from 'node:util';
import { verifyRecord } from '../../src/authority/record-signature.js';
import { toHex } from '../../src/base/bytes.js';
import { parseCertificateBundle } from '../../src/certificates/certificate-bundle.js';
import { recordName } from '../../src/certificates/canonical-record.js';
import type { CertificateRecord } from '../../src/certificates/certificate-record.js';
import type { CertificateSigningRequest } from '../../src/certificates/certificate-signing-request.js';
import {
  APPROVED,
  APPROVED_BY_POLICY,
  conditionOf,
  DENIED,
  DENIED_BY_POLICY,
  FAILED,
  isDenied,
  isIssued,
} from '../../src/certificates/conditions.js';
import type { MemoryApi } from '../../src/client/testing/memory-api.js';
import type { RaceEnd } from '../../src/limbo/race-case.js';
import { CSRS, RECORDS } from './race-acts.js';
import type { RaceKit } from './race-kit.js';

/** Looks at every step and says what was against the rules. */
export class Referee {
  /** What was against the rules, in words. */
  readonly violations: string[] = [];
  readonly #api: MemoryApi;
  readonly #kit: RaceKit;
  /** Requests as they were seen last, by uid. */
  readonly #seen = new Map<string, CertificateSigningRequest>();
  /** Serial numbers of everything that was signed, by the uid of the request. */
  readonly #signed = new Map<string, string[]>();
  /** Requesters that have a certificate for a key. */
  readonly #holders = new Set<string>();

  constructor(api: MemoryApi, kit: RaceKit) {
    this.#api = api;
    this.#kit = kit;
  }

  /** A signature is made with this serial number. */
  signed(uid: string, serialNumber: string): void {
    this.#signed.set(uid, [...(this.#signed.get(uid) ?? []), serialNumber]);
  }

  object(detail: string): void {
    this.violations.push(detail);
  }

  /** Looks at what the last step changed. `forged`: the step was one of somebody who pretends to be an approver. */
  look(forged: boolean): void {
    for (const csr of this.requests()) {
      const uid = csr.metadata.uid ?? '';
      const before = this.#seen.get(uid);
      if (before === csr) continue;
      this.#seen.set(uid, csr);
      this.#judgeConditions(before, csr, forged);
      this.#judgeCertificate(before, csr);
    }
  }

  /** Looks at how everything rests. `kept`: a record keeper was there all the time, and has missed nothing. */
  judgeEnd(kept: boolean): void {
    const present = this.requests();
    for (const csr of this.#seen.values()) if (kept || present.includes(csr)) this.#judgeRecord(csr);
  }

  /** How each of the requests ended. */
  ends(): string {
    return this.#kit.requests.map(({ metadata }) => this.#endOf(metadata.name ?? '')).join(', ');
  }

  /** Requests that are there. */
  requests(): readonly CertificateSigningRequest[] {
    return [...this.#api.objects]
      .filter(([path]) => path.startsWith(CSRS))
      .map(([, object]) => object as CertificateSigningRequest); // nothing else is stored there
  }

  recordOf(uid: string): CertificateRecord | undefined {
    return this.#api.objects.get(`${RECORDS}/${recordName(uid)}`) as CertificateRecord | undefined; // as above
  }

  /** Whether nothing more has to come of what is there; `records`: also in the records. */
  isSettled(records: boolean): boolean {
    return this.requests().every((csr) => {
      const phase = this.recordOf(csr.metadata.uid ?? '')?.status?.issuance?.phase;
      if (isIssued(csr)) return phase === 'Issued' || !records;
      return isDenied(csr) || (conditionOf(csr, FAILED) !== undefined && (phase !== 'Intended' || !records));
    });
  }

  #endOf(name: string): RaceEnd {
    const csr = this.requests().find(({ metadata }) => metadata.name === name);
    if (csr === undefined) return 'gone';
    if (isIssued(csr)) return 'issued';
    const denied = conditionOf(csr, DENIED);
    if (denied !== undefined) return denied.reason === DENIED_BY_POLICY ? 'denied by policy' : 'denied by a person';
    const failed = conditionOf(csr, FAILED);
    if (failed !== undefined) return `failed: ${failed.reason ?? ''}` as RaceEnd; // an unknown one fits no case
    return conditionOf(csr, APPROVED) === undefined ? 'pending' : 'approved';
  }

  #judgeConditions(
    before: CertificateSigningRequest | undefined,
    csr: CertificateSigningRequest,
    forged: boolean,
  ): void {
    for (const type of [APPROVED, DENIED, FAILED]) {
      const was = before === undefined ? undefined : conditionOf(before, type);
      const is = conditionOf(csr, type);
      if (was !== undefined && !isDeepStrictEqual(was, is)) this.object(`the condition ${type} was overwritten`);
      const isNew = was === undefined && is !== undefined;
      if (isNew && !forged && (is.reason === APPROVED_BY_POLICY || is.reason === DENIED_BY_POLICY)) {
        this.#judgeDecision(csr, type, is.message ?? '');
      }
    }
    if (conditionOf(csr, APPROVED) !== undefined && isDenied(csr)) this.object('it is approved and denied');
    const [latest, count] = [csr.status.conditions ?? [], new Set((csr.status.conditions ?? []).map((c) => c.type))];
    if (latest.length !== count.size) this.object('it has two conditions of one type');
  }

  #judgeDecision(csr: CertificateSigningRequest, type: string, message: string): void {
    const problem = this.#recordProblem(csr);
    if (problem !== undefined) this.object(`a policy decided, and ${problem}`);
    const decision = this.recordOf(csr.metadata.uid ?? '')?.spec.decision;
    if (decision === undefined) return;
    if (decision.verdict !== type) this.object(`a policy says ${type}, and its record says ${decision.verdict}`);
    else if (decision.message !== message) this.object('a policy says other words than its record');
  }

  #recordProblem({ metadata }: CertificateSigningRequest): string | undefined {
    const record = this.recordOf(metadata.uid ?? '');
    if (record === undefined) return 'there is no record of it';
    const verdict = verifyRecord(record, this.#kit.trustedKeys);
    return verdict.kind === 'valid' ? undefined : `its record is not genuine: ${verdict.detail}`;
  }

  #judgeCertificate(before: CertificateSigningRequest | undefined, csr: CertificateSigningRequest): void {
    const was = before?.status.certificate;
    const is = csr.status.certificate;
    if (was === is) return;
    if (was !== undefined) this.object('a published certificate was changed');
    if (isDenied(csr)) this.object('a denied request has a certificate');
    if (conditionOf(csr, FAILED) !== undefined) this.object('a failed request has a certificate');
    const approved = conditionOf(csr, APPROVED);
    if (approved === undefined) this.object('a request has a certificate that nobody approved');
    if (approved?.reason === APPROVED_BY_POLICY) this.#judgeGrounds(csr);
    this.#holders.add(csr.spec.username ?? '');
    if (this.#holders.size > 1) this.object('two requesters have a certificate for the same key');
  }

  #judgeGrounds(csr: CertificateSigningRequest): void {
    const problem = this.#recordProblem(csr);
    if (problem !== undefined) this.object(`it has a certificate, and ${problem}`);
    const record = this.recordOf(csr.metadata.uid ?? '');
    if (record?.spec.decision.verdict !== 'Approved')
      this.object('it has a certificate, and its record does not approve');
    if (!recordText(record).includes(serialOf(csr))) this.object('its serial number is not on record');
  }

  #judgeRecord(csr: CertificateSigningRequest): void {
    const uid = csr.metadata.uid ?? '';
    const record = this.recordOf(uid);
    const phase = record?.status?.issuance?.phase;
    const isFinal =
      isIssued(csr) || isDenied(csr) || conditionOf(csr, FAILED) !== undefined || !this.requests().includes(csr);
    if (phase === 'Intended' && isFinal) this.object('its record still says Intended');
    if (isIssued(csr) && record !== undefined) {
      if (phase !== 'Issued') this.object(`it is issued, and its record says ${phase ?? 'nothing'}`);
      const { serialNumber = '' } = record.status?.issuance ?? {};
      if (serialNumber !== serialOf(csr)) this.object('its record has another serial number than its certificate');
    } else if (phase === 'Issued') this.object('its record says Issued, and it has no certificate');
    for (const serial of record?.spec.decision.by === 'Policy' ? (this.#signed.get(uid) ?? []) : []) {
      if (!recordText(record).includes(serial))
        this.object('a signature was made, and its serial number is not on record');
    }
  }
}

function recordText(record: CertificateRecord | undefined): string {
  const { serialNumber = '', message = '' } = record?.status?.issuance ?? {};
  return `${serialNumber} ${message}`;
}

function serialOf({ status }: CertificateSigningRequest): string {
  const bundle = parseCertificateBundle(status.certificate ?? '');
  const leaf = bundle.kind === 'bundle' ? bundle.certificates[0] : undefined;
  return leaf === undefined ? 'no certificate' : toHex(leaf.serialNumber);
}
