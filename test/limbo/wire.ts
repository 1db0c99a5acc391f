import type { ApiRequest, ApiResponse, EventStream, StreamSink, Transport } from '../../src/kube/exchange.js';
import type { KubeObject, WatchEvent } from '../../src/kube/object-meta.js';

/** A request that waits on its way to the server. */
export interface Parked {
  /** `PUT certificatesigningrequests/status`. */
  readonly label: string;
  readonly isWrite: boolean;
  readonly request: ApiRequest;
  readonly answer: (response: ApiResponse) => void;
  readonly fail: (error: Error) => void;
}

/** What a wire tells of. */
export interface WireListener {
  /** Something reached the process: an answer, an event. */
  heard(what: string, object: KubeObject | undefined): void;
  /** The process sent a request. */
  sent(parked: Parked): void;
}

/**
 * The connection of one process to the API server. Requests about single objects wait on it until they are let through;
 * so do the events of the resources that are `late`, once their cache has been filled.
 */
export class Wire {
  #parked: readonly Parked[] = [];
  readonly #late: Map<string, readonly (() => void)[]>;
  readonly #server: Transport;
  readonly #listener: WireListener;
  #isCut = false;

  constructor(server: Transport, late: readonly string[], listener: WireListener) {
    this.#server = server;
    this.#late = new Map(late.map((resource) => [resource, []]));
    this.#listener = listener;
  }

  get parked(): readonly Parked[] {
    return this.#parked;
  }

  /** Resources for which events wait, and how many. */
  get waiting(): readonly (readonly [resource: string, events: number])[] {
    return [...this.#late].map(([resource, events]) => [resource, events.length] as const).filter(([, n]) => n > 0);
  }

  readonly transport: Transport = async (request) => {
    if (this.#isCut) return new Promise(() => undefined);
    if (/[?&]watch=true/.test(request.target)) return this.#watch(request);
    return new Promise((answer, fail) => {
      const parked = { label: labelOf(request), isWrite: request.method !== 'GET', request, answer, fail };
      this.#parked = [...this.#parked, parked];
      this.#listener.sent(parked);
    });
  };

  /** The server gets the request, and the process its answer. */
  async pass(parked: Parked): Promise<void> {
    const response = await this.deliver(parked);
    if (this.#isCut) return;
    const object = response.body.kind === 'object' ? (response.body.value as KubeObject) : undefined; // of the memory API
    this.#listener.heard(`${parked.label} ${response.status}`, response.status < 400 ? object : undefined);
    parked.answer(response);
  }

  /** The server gets the request, and nobody its answer. */
  async deliver(parked: Parked): Promise<ApiResponse> {
    this.#parked = this.#parked.filter((other) => other !== parked);
    return this.#server(parked.request);
  }

  /** The process finds the connection broken. */
  break(parked: Parked): void {
    this.#parked = this.#parked.filter((other) => other !== parked);
    if (this.#isCut) return;
    this.#listener.heard(`${parked.label} broken`, undefined);
    parked.fail(new Error('The connection was broken'));
  }

  /** One event arrives at a late cache. */
  bring(resource: string): void {
    const [first, ...rest] = this.#late.get(resource) ?? [];
    this.#late.set(resource, rest);
    first?.();
  }

  /** From now on nothing is late; what waits arrives. */
  hurry(): void {
    for (const [resource, events] of this.#late) {
      this.#late.delete(resource);
      for (const event of events) event();
    }
  }

  /** Nothing reaches the process any more, nor does anything that it sent reach the server. */
  cut(): void {
    this.#isCut = true;
    this.#late.clear();
    this.#parked = [];
  }

  async #watch(request: ApiRequest): Promise<ApiResponse> {
    const response = await this.#server(request);
    if (response.body.kind !== 'events') return response;
    return { ...response, body: { kind: 'events', stream: this.#slow(resourceOf(request), response.body.stream) } };
  }

  #slow(resource: string, stream: EventStream): EventStream {
    return {
      start: (sink) => {
        let isFilled = false;
        const slow: StreamSink<WatchEvent> = {
          ...sink,
          write: (event) => {
            if (isFilled) this.#receive(resource, event, sink);
            else sink.write(event);
            return true;
          },
          end: () => sink.end(),
          drained: () => sink.drained(),
        };
        stream.start(slow);
        isFilled = true;
      },
      stop: () => stream.stop(),
    };
  }

  #receive(resource: string, event: WatchEvent, sink: StreamSink<WatchEvent>): void {
    const arrive = (): void => {
      if (this.#isCut) return;
      this.#listener.heard(`${event.type} ${resource}`, event.type === 'BOOKMARK' ? undefined : event.object);
      sink.write(event);
    };
    const waiting = this.#late.get(resource);
    if (waiting === undefined) arrive();
    else if (!this.#isCut) this.#late.set(resource, [...waiting, arrive]);
  }
}

function resourceOf({ target }: ApiRequest): string {
  const [path = ''] = target.split('?');
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Method, resource and subresource of a request about one object, or to a collection. */
function labelOf({ method, target }: ApiRequest): string {
  const [path = ''] = target.split('?');
  const [, resource = '', subresource = ''] =
    /(certificatesigningrequests|certificaterecords|pods)(?:\/[^/]+(\/[a-z]+)?)?$/.exec(path) ?? [];
  return `${method} ${resource}${subresource}`;
}
