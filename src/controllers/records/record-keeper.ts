import type { Random } from '../../base/bytes.js';
import { secondsOf, type Clock, type UnixSeconds } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { KeyCustody } from '../../authority/key-custody.js';
import { signRecord } from '../../authority/record-signature.js';
import { COUNTERSIGN_GROUP, COUNTERSIGN_VERSION } from '../../certificates/approval-policy.js';
import { recordName } from '../../certificates/canonical-record.js';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../certificates/certificate-signing-request.js';
import { APPROVED, conditionOf } from '../../certificates/conditions.js';
import { normaliseRequest } from '../../certificates/normalised-request.js';
import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import { createInformer, type Informer } from '../../client/informer.js';
import { CERTIFICATE_RECORDS, CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import { sha256 } from '../../crypto/digest.js';
import { parseTime, ZERO_TIME } from '../../kube/time.js';
import { buildOtherRecordSpec } from '../../policy/record.js';
import type { RequestVerifier } from '../../x509/request-verifier.js';
import { createController, watched, type Applied, type Controller } from '../runtime/controller.js';
import {
  decideKeeping,
  recordFacts,
  requestFacts,
  type KeepingAction,
  type KeptPair,
  type RecordFacts,
  type RequestFacts,
} from './decide.js';
import { writeIssuance } from './write-issuance.js';

/** What the keeper is made with. */
export interface RecordKeeperOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly verifier: RequestVerifier;
  /** Signs the records of what somebody else approved; absent: there are none. */
  readonly custody?: KeyCustody;
  /** Records in progress at once. Default 4. */
  readonly concurrency?: number;
}

const BY_UID = 'uid';

/** Requests that went with a certificate and are remembered; records are written within moments. */
const MAX_GONE = 1024;

/**
 * Keeps records true: writes into each what came of its request, and puts certificates on record that somebody else
 * approved, so that a search for a name finds everybody who has it. Its keys are the uids of requests.
 */
export function createRecordKeeper(options: RecordKeeperOptions): Controller {
  const keeper = new RecordKeeper(options);
  return createController<KeptPair, KeepingAction>({
    name: 'record-keeper',
    watches: [
      watched(keeper.records),
      watched(keeper.requests, ({ current, previous }) =>
        [current?.uid, previous?.uid].filter((uid) => uid !== undefined),
      ),
    ],
    concurrency: options.concurrency ?? 4,
    observe: (uid) => keeper.observe(uid),
    decide: decideKeeping,
    apply: (action, signal) => keeper.apply(action, signal),
  });
}

class RecordKeeper {
  readonly records: Informer<RecordFacts>;
  readonly requests: Informer<RequestFacts>;
  readonly #options: RecordKeeperOptions;
  /** Requests that went with a certificate before it was on record, by uid: somebody has it all the same. */
  readonly #gone = new Map<string, RequestFacts>();

  constructor(options: RecordKeeperOptions) {
    this.#options = options;
    const { client, clock, random } = options;
    this.records = createInformer(client, CERTIFICATE_RECORDS, { clock, random, keep: recordFacts });
    this.requests = createInformer(client, CERTIFICATE_SIGNING_REQUESTS, {
      clock,
      random,
      keep: (csr) => requestFacts(csr, sha256),
      indexes: { [BY_UID]: ({ uid }) => [uid] },
    });
    this.requests.onChange(({ previous, current }) => {
      if (previous?.outcome.kind === 'issued' && previous.uid !== current?.uid) this.#rememberGone(previous);
    });
  }

  observe(uid: string): KeptPair {
    const [name] = this.requests.keysBy(BY_UID, uid);
    return {
      record: this.records.get(recordName(uid)),
      request: name === undefined ? this.#gone.get(uid) : this.requests.get(name),
      maySign: this.#options.custody !== undefined,
    };
  }

  #rememberGone(request: RequestFacts): void {
    this.#gone.set(request.uid, request);
    if (this.#gone.size <= MAX_GONE) return;
    // Maps keep the order of insertion.
    const oldest = this.#gone.keys().next();
    if (oldest.done !== true) this.#gone.delete(oldest.value);
  }

  async apply(action: KeepingAction, signal: AbortSignal): Promise<Applied> {
    try {
      return action.kind === 'write' ? await this.#write(action, signal) : await this.#create(action.request, signal);
    } catch (error) {
      // Gone, or changed: the caches will say so.
      if (hasHttpCode(error, 404)) return { kind: 'done' };
      if (hasHttpCode(error, 409)) return { kind: 'retry', because: error.message };
      throw error;
    }
  }

  async #write(
    { record, issuance }: Extract<KeepingAction, { readonly kind: 'write' }>,
    signal: AbortSignal,
  ): Promise<Applied> {
    const { name, uid, resourceVersion, requestName, requestUid } = record;
    if (issuance.phase === 'Lost') {
      // One cache may be ahead of the other: the server knows whether the request still waits for its certificate.
      const live = await this.#read(requestName, signal);
      const { kind } = live?.metadata.uid === requestUid ? requestFacts(live, sha256).outcome : { kind: 'denied' };
      if (kind !== 'denied') return { kind: 'retry', because: 'its request is not lost' };
    }
    await writeIssuance(this.#options.client, { metadata: { name, uid, resourceVersion } }, issuance, signal);
    if (issuance.phase === 'Lost') {
      const { serialNumber = '' } = issuance;
      this.#options.logger.warn('Found an intent without certificate', {
        request: requestName,
        record: name,
        serialNumber,
      });
    }
    return { kind: 'done' };
  }

  async #create({ name, uid }: RequestFacts, signal: AbortSignal): Promise<Applied> {
    const { client, clock, custody, verifier, logger } = this.#options;
    const csr = await this.#read(name, signal);
    if (custody === undefined || csr?.metadata.uid !== uid) return { kind: 'done' };
    const verified = await verifier.verify(csr.spec.request);
    if (verified.kind === 'invalid') {
      logger.warn('Cannot put certificate on record', { request: name, because: verified.detail });
      return { kind: 'done' };
    }
    const condition = conditionOf(csr, APPROVED);
    const unsigned = buildOtherRecordSpec({
      request: normaliseRequest(csr, verified.request, sha256),
      reason: condition?.reason ?? '',
      message: condition?.message ?? '',
      decidedAt: timeOf(condition) ?? secondsOf(clock),
    });
    const spec = await signRecord(unsigned, custody, { signal });
    const record = {
      apiVersion: `${COUNTERSIGN_GROUP}/${COUNTERSIGN_VERSION}`,
      kind: 'CertificateRecord',
      metadata: { name: recordName(uid) },
      spec,
    };
    try {
      await client.create(CERTIFICATE_RECORDS, record, { signal });
    } catch (error) {
      if (!hasHttpCode(error, 409)) throw error; // it is there, and the cache will say so
    }
    return { kind: 'done' };
  }

  async #read(name: string, signal: AbortSignal): Promise<CertificateSigningRequest | undefined> {
    try {
      return await this.#options.client.get(CERTIFICATE_SIGNING_REQUESTS, name, { signal });
    } catch (error) {
      if (hasHttpCode(error, 404)) return undefined;
      throw error;
    }
  }
}

/** When a condition was written; undefined where it does not say. */
function timeOf(condition: CertificateSigningRequestCondition | undefined): UnixSeconds | undefined {
  const time = parseTime(condition?.lastUpdateTime ?? '');
  return time === ZERO_TIME ? undefined : time;
}
