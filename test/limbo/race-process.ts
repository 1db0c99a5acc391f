import { createCertificateAuthority } from '../../src/authority/certificate-authority.js';
import { parseSigningProfile } from '../../src/authority/signing-profile.js';
import type { Random } from '../../src/base/bytes.js';
import { secondsOf } from '../../src/base/clock.js';
import { silentLogger } from '../../src/base/logger.js';
import type { CertificateSigningRequest } from '../../src/certificates/certificate-signing-request.js';
import {
  conditionOf,
  DENIED,
  isApprovedByPolicy,
  isDenied,
  isFailed,
  isIssued,
} from '../../src/certificates/conditions.js';
import { normaliseRequest } from '../../src/certificates/normalised-request.js';
import { createClient, type Client } from '../../src/client/client.js';
import type { EventRecorder } from '../../src/client/event-recorder.js';
import { createApprover } from '../../src/controllers/approver/approver.js';
import { isPending } from '../../src/controllers/approver/decide.js';
import { judge } from '../../src/controllers/approver/judge.js';
import { createRecordVerifier } from '../../src/authority/record-verifier.js';
import { createFactCaches, type FactCaches } from '../../src/controllers/facts/fact-caches.js';
import { createRecordKeeper } from '../../src/controllers/records/record-keeper.js';
import type { Controller } from '../../src/controllers/runtime/controller.js';
import { runControllers } from '../../src/controllers/runtime/run-controllers.js';
import { evidenceStanding } from '../../src/controllers/signer/evidence.js';
import type { ApprovedRequest, Issuer } from '../../src/controllers/signer/issuer.js';
import { createSigner } from '../../src/controllers/signer/signer.js';
import { sha256 } from '../../src/crypto/digest.js';
import type { Transport } from '../../src/kube/exchange.js';
import type { RaceProcess } from '../../src/limbo/race-case.js';
import { recheckRecord } from '../../src/policy/recheck-record.js';
import { DEFAULT_SETTINGS } from '../../src/policy/settings.js';
import type { CertificationRequest } from '../../src/x509/certification-request-model.js';
import { SIGNER_NAME, type RaceKit } from './race-kit.js';
import type { Referee } from './referee.js';
import { Wire, type Parked, type WireListener } from './wire.js';
import type { ProcessClock, WorldClock } from './world-clock.js';

/** What a process runs in. */
export interface ProcessWorld {
  readonly kit: RaceKit;
  readonly server: Transport;
  readonly clock: WorldClock;
  readonly referee: Referee;
  /** Resources whose events are late for it. */
  readonly late: readonly string[];
  readonly skewMs: number;
  /** How often a process of this name was started before. */
  readonly incarnation: number;
  readonly heard: WireListener['heard'];
}

/** A process that is running, or was. */
export interface RunningProcess {
  readonly name: RaceProcess;
  readonly wire: Wire;
  /** It is gone in the midst of whatever it did. */
  die(): void;
  /** What it has to do about a request by what it knows now, and has not done. */
  undone(csr: CertificateSigningRequest): Promise<string | undefined>;
  /** It is told to stop: it begins nothing more, and ends what it is at. */
  stop(): void;
}

interface Parts {
  readonly name: RaceProcess;
  readonly client: Client;
  readonly clock: ProcessClock;
  readonly random: Random;
  readonly facts: FactCaches;
  readonly world: ProcessWorld;
}

const NO_EVENTS: EventRecorder = { record: () => undefined, flush: () => Promise.resolve() };

/** Starts a process; it is ready when everything that it reads at its start has been read. */
export function startProcess(name: RaceProcess, world: ProcessWorld): RunningProcess {
  const clock = world.clock.processClock(world.skewMs, () => world.heard('timer', undefined));
  const sent = (parked: Parked): void => {
    if (parked.label === 'PUT certificatesigningrequests/approval') judgeDecision(parts, parked);
  };
  const wire = new Wire(world.server, world.late, { heard: world.heard, sent });
  const client = createClient(wire.transport, { userAgent: name, clock });
  const random = countingRandom(`${name} ${world.incarnation}`);
  const facts = createFactCaches({ client, clock, random });
  const parts: Parts = { name, client, clock, random, facts, world };
  const end = new AbortController();
  runControllers([controllerOf(parts)], { clock, random, logger: silentLogger }, end.signal);
  return {
    name,
    wire,
    undone: (csr) => undoneBy(parts, csr),
    die: () => {
      clock.stop();
      wire.cut();
    },
    stop: () => {
      end.abort();
    },
  };
}

function controllerOf({ name, client, clock, random, facts, world }: Parts): Controller {
  const { kit, referee } = world;
  const common = { client, clock, random, logger: silentLogger, verifier: kit.verifier, events: NO_EVENTS };
  switch (name) {
    case 'approver':
    case 'approver-2':
      return createApprover({
        ...common,
        facts,
        policies: kit.policiesOf(name),
        settings: DEFAULT_SETTINGS,
        custody: kit.custodyOf(name),
      });
    case 'signer':
    case 'signer-2': {
      const ca = createCertificateAuthority(kit.ca, parseSigningProfile({}), { clock, random });
      const issuer = watchedIssuer(ca, referee, facts);
      const records = { records: createRecordVerifier(kit.trustedKeys), facts, settings: DEFAULT_SETTINGS };
      return createSigner({ ...common, issuers: new Map([[SIGNER_NAME, issuer]]), records });
    }
    case 'keeper':
      return createRecordKeeper({ ...common, custody: kit.custodyOf('approver') });
  }
}

/** Objects where something is signed that the signer's own caches contradict in that moment. */
function watchedIssuer(issuer: Issuer, referee: Referee, facts: FactCaches): Issuer {
  return {
    issue: (approved) =>
      issuer.issue({
        ...approved,
        beforeSigning: async (intent) => {
          await approved.beforeSigning?.(intent);
          referee.signed(approved.uid, intent.serialNumberHex);
          const stale = contradiction(approved, referee, facts);
          if (stale !== undefined) referee.object(`it is signed, and the signer knows better: ${stale}`);
        },
      }),
  };
}

/** What the caches of a signer say now against signing what a policy approved; undefined where nothing does. */
function contradiction({ uid, request }: ApprovedRequest, referee: Referee, caches: FactCaches): string | undefined {
  const csr = referee.requests().find(({ metadata }) => metadata.uid === uid);
  return csr === undefined || !isApprovedByPolicy(csr) ? undefined : objection(csr, request, referee, caches);
}

function objection(
  csr: CertificateSigningRequest,
  request: CertificationRequest,
  referee: Referee,
  caches: FactCaches,
): string | undefined {
  const record = referee.recordOf(csr.metadata.uid ?? '');
  if (record === undefined) return 'it has no record';
  const facts = caches.facts();
  if (facts.standing.kind !== 'fresh') return 'its caches are not to be believed';
  // The record itself has been written since it was looked at: only what it rests on counts.
  const seen = { ...record, metadata: {} };
  const standing = evidenceStanding(seen, (kind) => caches.versionOf(kind), facts);
  if (standing.kind === 'behind') return standing.because;
  const normalised = normaliseRequest(csr, request, sha256);
  const recheck = recheckRecord({ request: normalised, spec: record.spec, facts, settings: DEFAULT_SETTINGS });
  return recheck.kind === 'holds' ? undefined : 'because' in recheck ? recheck.because : recheck.kind;
}

/** Objects where an approver sends a decision that its own caches do not bear in that moment. */
function judgeDecision(parts: Parts, { request }: Parked): void {
  const csr = (request.body.kind === 'object' ? request.body.value : {}) as CertificateSigningRequest; // as it sent it
  const wanted = conditionOf(csr, DENIED) === undefined ? 'approve' : 'deny';
  void verdictOf(parts, { ...csr, status: {} }).then((verdict) => {
    if (verdict.startsWith(`${wanted}: `)) return;
    parts.world.referee.object(`${parts.name} sends ${wanted}, and knows better: ${verdict}`);
  });
}

/** What an approver makes of a request by what it knows now, in words. */
async function verdictOf({ name, facts, clock, world }: Parts, csr: CertificateSigningRequest): Promise<string> {
  const { kit } = world;
  const verified = await kit.verifier.verify(csr.spec.request);
  if (verified.kind === 'invalid') return verified.detail;
  const judged = judge({
    csr,
    request: verified.request,
    facts: facts.facts(),
    policies: kit.policiesOf(name).policies(),
    settings: DEFAULT_SETTINGS,
    now: secondsOf(clock),
  });
  if (judged.kind === 'needs') return 'it asks the authorizer';
  const { kind, message } = judged.judgement.verdict;
  return `${kind}: ${message}`;
}

async function undoneBy(parts: Parts, csr: CertificateSigningRequest): Promise<string | undefined> {
  const { name, facts, world } = parts;
  if (name.startsWith('approver')) {
    const verdict = isPending(csr) ? await verdictOf(parts, csr) : 'defer: ';
    return verdict.startsWith('defer: ') ? undefined : verdict;
  }
  if (!name.startsWith('signer') || isPending(csr) || isIssued(csr) || isDenied(csr) || isFailed(csr)) return undefined;
  const verified = await world.kit.verifier.verify(csr.spec.request);
  if (verified.kind === 'invalid') return verified.detail;
  return objection(csr, verified.request, world.referee, facts) === undefined ? 'nothing is against it' : undefined;
}

/** Bytes that differ with the seed and from call to call, and are the same in each run. */
function countingRandom(seed: string): Random {
  let calls = 0;
  return (count) => {
    const bytes = sha256(new TextEncoder().encode(`${seed} ${calls++}`)).slice(0, count);
    if (bytes.length < count) throw new RangeError(`No more than ${bytes.length} bytes at once`);
    return bytes;
  };
}
