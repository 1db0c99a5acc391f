import { setImmediate as nextTurn } from 'node:timers/promises';
import { NOW } from '../../src/authority/testing/test-certificates.js';
import { toUnixSeconds } from '../../src/base/clock.js';
import type { CertificateSigningRequest } from '../../src/certificates/certificate-signing-request.js';
import { APPROVED, conditionOf, isDenied, isFailed, isIssued } from '../../src/certificates/conditions.js';
import { createMemoryApi, type MemoryApi } from '../../src/client/testing/memory-api.js';
import type { Transport } from '../../src/kube/exchange.js';
import type { KubeObject } from '../../src/kube/object-meta.js';
import { formatTime } from '../../src/kube/time.js';
import type { RaceAct, RaceCase, RaceProcess } from '../../src/limbo/race-case.js';
import { ACTS, CSRS, RACE_OBJECTS } from './race-acts.js';
import type { RaceKit } from './race-kit.js';
import { startProcess, type RunningProcess } from './race-process.js';
import { Referee } from './referee.js';
import type { StateNames } from './state-names.js';
import type { Parked } from './wire.js';
import { WorldClock } from './world-clock.js';

/** One thing that can happen next. */
export interface Step {
  readonly label: string;
  readonly take: () => Promise<void> | void;
}

/** Timers due later than this are not waited for while anything else can happen. */
const HORIZON_MS = 10_000;
/** Timers that may fire in one run while nobody is busy. */
const IDLE_TIMERS = 1;
const SILENCE_MS = 200_000;
const REST_MS = 240_000;
const AFTER_SETTLED_MS = 5000;
const BOOKMARK_MS = 30_000;

/** One run of a race: the world as it is, and what can happen next. */
export class RaceWorld {
  readonly referee: Referee;
  readonly #race: RaceCase;
  readonly #kit: RaceKit;
  readonly #names: StateNames;
  readonly #api: MemoryApi = createMemoryApi();
  readonly #clock = new WorldClock(NOW * 1000);
  readonly #processes = new Map<RaceProcess, RunningProcess>();
  readonly #incarnations = new Map<RaceProcess, number>();
  /** What each process has heard since it began, as a number. */
  readonly #heard = new Map<RaceProcess, number>();
  /** How many acts of each list have been done. */
  readonly #done: number[];
  #faultsLeft: number;
  #hasteLeft: number;
  /** Whether a record keeper is there from the beginning. */
  readonly #isKept: boolean;
  #idleLeft = IDLE_TIMERS;

  private constructor(race: RaceCase, kit: RaceKit, names: StateNames) {
    this.#race = race;
    this.#kit = kit;
    this.#names = names;
    this.referee = new Referee(this.#api, kit);
    this.#done = (race.acts ?? []).map(() => 0);
    this.#isKept = race.processes?.includes('keeper') === true;
    this.#faultsLeft = race.faults?.times ?? 0;
    this.#hasteLeft = race.haste ?? 0;
  }

  /** The world before anything has happened: every process has begun, and filled its caches. */
  static async begin(race: RaceCase, kit: RaceKit, names: StateNames): Promise<RaceWorld> {
    const world = new RaceWorld(race, kit, names);
    const api = world.#api;
    for (const { path, object } of RACE_OBJECTS) api.put(path, object);
    for (const csr of kit.requests) api.put(`${CSRS}/${csr.metadata.name ?? ''}`, csr);
    for (const act of race.before ?? []) world.#act(act);
    if (race.startsApproved === true) await world.#approve();
    for (const name of race.processes ?? (['approver', 'signer'] as const)) world.#start(name);
    await nextTurn();
    world.referee.look(false);
    return world;
  }

  /** An approver comes, does what it has to, and goes. */
  async #approve(): Promise<void> {
    const approver = this.#start('approver');
    const { wire } = approver;
    await nextTurn();
    for (let [next] = wire.parked; next !== undefined; [next] = wire.parked) {
      await wire.pass(next);
      await nextTurn();
    }
    approver.die();
    this.#processes.delete('approver');
  }

  /**
   * Everything that can happen next, in an order that depends on the state alone. Nothing more where every request is
   * settled and nobody has asked for anything: what is left to hear is then heard while everything comes to rest.
   */
  steps(): readonly Step[] {
    const steps: Step[] = [];
    const isBusy = [...this.#processes.values()].some(({ wire }) => wire.parked.length > 0);
    if (!isBusy && this.referee.isSettled(this.#isKept)) return steps;
    for (const process of this.#processes.values()) steps.push(...this.#stepsOf(process));
    (this.#race.acts ?? []).forEach((acts, list) => {
      const act = acts[this.#done[list] ?? 0];
      if (act !== undefined) steps.push({ label: act, take: () => this.#actOf(list, act) });
    });
    const due = this.#clock.nextAt;
    const soon = due !== undefined && due <= this.#clock.now + HORIZON_MS;
    if (soon && (isBusy ? this.#hasteLeft > 0 : this.#idleLeft > 0)) {
      steps.push({ label: 'a timer', take: () => this.#fire(isBusy) });
    }
    return steps;
  }

  /** Takes a step, and lets everybody go on until they wait again. */
  async take(step: Step): Promise<void> {
    await step.take();
    await nextTurn();
    this.referee.look(step.label === 'approval-is-forged');
  }

  /** Equal for two states only where the same can happen from here on. */
  fingerprint(): string {
    const processes = [...this.#processes.values()].map((process) => {
      const { name, wire } = process;
      if (this.#hasNothingToDo(process)) return `${name} has nothing to do`;
      const late = wire.waiting.map(([resource, events]) => `${resource} ${events}`).join(',');
      return `${name} ${this.#incarnations.get(name) ?? 0} ${this.#heard.get(name) ?? 0} ${late}`;
    });
    const objects = [...this.#api.objects].map(([path, object]) => `${path} ${this.#names.of(object)}`).sort();
    const rest = [
      this.#clock.now,
      this.#clock.nextAt ?? 0,
      this.#faultsLeft,
      this.#hasteLeft,
      this.#idleLeft,
      ...this.#done,
    ].join(' ');
    return [...processes, ...objects, rest].join('\n');
  }

  /** No more faults and delays: what is left to do is done, and everything goes on until nothing changes any more. */
  async rest(): Promise<void> {
    for (const act of this.#actsLeft()) {
      this.#act(act);
      await nextTurn();
      this.referee.look(act === 'approval-is-forged');
    }
    for (const name of ['signer', 'keeper'] as const) if (!this.#processes.has(name)) this.#start(name);
    const { now } = this.#clock;
    let end = now + REST_MS;
    let bookmarkAt = now;
    for (const { wire } of this.#processes.values()) wire.hurry();
    for (;;) {
      await nextTurn();
      this.referee.look(false);
      const [next] = [...this.#processes.values()].flatMap(({ wire }) =>
        wire.parked.map((parked) => ({ wire, parked })),
      );
      if (next !== undefined) {
        await next.wire.pass(next.parked);
        continue;
      }
      if (this.referee.isSettled(true)) end = Math.min(end, this.#clock.now + AFTER_SETTLED_MS);
      const at = Math.min(this.#clock.nextAt ?? Infinity, bookmarkAt);
      if (at > end) break;
      if (at === bookmarkAt) {
        this.#clock.passTo(at);
        this.#api.bookmark();
        bookmarkAt += BOOKMARK_MS;
      } else this.#clock.fireNext();
    }
    await this.#conclude();
  }

  /** Objects where a process has left something undone; looks at the records. */
  async #conclude(): Promise<void> {
    for (const csr of this.referee.requests()) {
      for (const process of this.#processes.values()) {
        const undone = await process.undone(csr);
        if (undone !== undefined) this.referee.object(`${process.name} has left it: ${undone}`);
      }
    }
    this.referee.judgeEnd(this.#isKept);
  }

  /** Ends every process. */
  close(): void {
    for (const process of this.#processes.values()) process.die();
  }

  readonly #server: Transport = (request) => {
    if (request.method === 'GET' || request.body.kind !== 'object') return this.#api.transport(request);
    const body = request.body.value as KubeObject; // what clients send
    return this.#api.transport({
      ...request,
      body: { kind: 'object', value: this.#asServed(request.method, request.target, body) },
    });
  };

  /** What the API server makes of a write: it sets times, and lets `/approval` change nothing but conditions. */
  #asServed(method: string, target: string, body: KubeObject): KubeObject {
    if (method === 'POST') {
      const creationTimestamp = formatTime(toUnixSeconds(this.#clock.now / 1000));
      return { ...body, metadata: { ...body.metadata, creationTimestamp } };
    }
    const current = target.endsWith('/approval') ? this.#api.objects.get(target.replace(/\/approval$/, '')) : undefined;
    if (current === undefined) return body;
    const [is, wanted] = [current, body] as readonly { readonly status?: { readonly conditions?: unknown } }[];
    const status = { ...is?.status, conditions: wanted?.status?.conditions };
    return { ...current, metadata: { ...current.metadata, ...versionOf(body) }, ...{ status } };
  }

  #start(name: RaceProcess): RunningProcess {
    const incarnation = (this.#incarnations.get(name) ?? -1) + 1;
    this.#incarnations.set(name, incarnation);
    this.#heard.set(name, 0);
    const late = (this.#race.late ?? []).flatMap((cache) => {
      const [process, resource = ''] = cache.split(' ');
      return process === name ? [resource] : [];
    });
    const process = startProcess(name, {
      kit: this.#kit,
      server: this.#server,
      clock: this.#clock,
      referee: this.referee,
      late,
      skewMs: (this.#race.skewSeconds?.[name] ?? 0) * 1000,
      incarnation,
      heard: (what, object) => {
        // A process that is gone hears nothing.
        if (this.#incarnations.get(name) !== incarnation) return;
        const named = object === undefined ? '' : this.#names.of(object);
        const heard = this.#heard.get(name) ?? 0;
        this.#heard.set(name, this.#names.numberOf(`${heard} ${this.#clock.now} ${what} ${named}`));
      },
    });
    this.#processes.set(name, process);
    return process;
  }

  #stepsOf(process: RunningProcess): readonly Step[] {
    const { name, wire } = process;
    const steps: Step[] = wire.parked.flatMap((parked) => [
      { label: `${name}: ${parked.label}`, take: () => wire.pass(parked) },
      ...(parked.isWrite ? this.#faultsOf(process, parked) : []),
    ]);
    for (const [resource] of this.#hasNothingToDo(process) ? [] : wire.waiting) {
      steps.push({ label: `${name} hears of ${resource}`, take: () => wire.bring(resource) });
    }
    return steps;
  }

  /** Whether whatever a process may still hear changes nothing, because what it has to do is done for ever. */
  #hasNothingToDo({ name, wire }: RunningProcess): boolean {
    if (wire.parked.length > 0 || wire.waiting.some(([resource]) => resource === 'certificatesigningrequests'))
      return false;
    if (this.#race.acts?.some((acts) => acts.includes('request-is-replaced')) === true || name === 'keeper')
      return false;
    const isDone = name.startsWith('approver') ? isDecided : isFinal;
    return this.referee.requests().every(isDone);
  }

  #faultsOf({ name, wire }: RunningProcess, parked: Parked): readonly Step[] {
    const { faults } = this.#race;
    if (faults === undefined || this.#faultsLeft === 0 || !faults.of.includes(name)) return [];
    const spend = (step: () => Promise<void> | void) => () => {
      this.#faultsLeft--;
      return step();
    };
    const restart = (): void => {
      this.#processes.get(name)?.die();
      this.#start(name);
    };
    const what = `${name}: ${parked.label}`;
    const crashes: readonly Step[] = [
      { label: `${what}, dies before`, take: spend(restart) },
      { label: `${what}, dies after`, take: spend(() => wire.deliver(parked).then(restart)) },
    ];
    const breaks: readonly Step[] = [
      { label: `${what}, breaks before`, take: spend(() => wire.break(parked)) },
      { label: `${what}, breaks after`, take: spend(() => wire.deliver(parked).then(() => wire.break(parked))) },
    ];
    return [...(faults.kinds.includes('crash') ? crashes : []), ...(faults.kinds.includes('broken') ? breaks : [])];
  }

  #actsLeft(): readonly RaceAct[] {
    return (this.#race.acts ?? []).flatMap((acts, list) => acts.slice(this.#done[list]));
  }

  #actOf(list: number, act: RaceAct): void {
    this.#done[list] = (this.#done[list] ?? 0) + 1;
    this.#act(act);
  }

  #act(act: RaceAct): void {
    switch (act) {
      case 'leader-changes':
        this.#processes.get('signer')?.stop();
        this.#start('signer-2');
        break;
      case 'silence':
        this.#clock.passTo(this.#clock.now + SILENCE_MS);
        break;
      default:
        ACTS[act](this.#api);
    }
  }

  #fire(isBusy: boolean): void {
    if (isBusy) this.#hasteLeft--;
    else this.#idleLeft--;
    this.#clock.fireNext();
  }
}

function isDecided(csr: CertificateSigningRequest): boolean {
  return conditionOf(csr, APPROVED) !== undefined || isDenied(csr);
}

function isFinal(csr: CertificateSigningRequest): boolean {
  return isIssued(csr) || isFailed(csr) || isDenied(csr);
}

function versionOf({ metadata: { uid, resourceVersion } }: KubeObject): Partial<KubeObject['metadata']> {
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}
