import type { Clock } from '../../../base/clock.js';
import type { Logger } from '../../../base/logger.js';
import { recordOf } from '../token-claims.js';
import { parseKeySet, type PublishedKey } from './published-keys.js';

/** What a document is fetched with. */
export interface DocumentRequest {
  /** https. */
  readonly url: string;
  /** PEM of the authorities that the server's certificate must come from; absent: those of the system. */
  readonly caPem?: string;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A document of status 200, or why there is none. */
export type FetchedDocument =
  { readonly kind: 'document'; readonly text: string } | { readonly kind: 'failed'; readonly detail: string };

/** Fetches one document over TLS, without following redirects. Never rejects. */
export type FetchDocument = (request: DocumentRequest) => Promise<FetchedDocument>;

/** Where an issuer is found. */
export interface IssuerPlace {
  /** `iss` of its tokens. */
  readonly url: string;
  /** Where its metadata lies, where that is elsewhere. */
  readonly discoveryUrl?: string;
  readonly caPem?: string;
}

/** What issuers are asked with. */
export interface IssuerWorld {
  readonly fetchDocument: FetchDocument;
  readonly clock: Clock;
  readonly logger: Logger;
}

const MAX_BYTES = 256 * 1024;
const TIMEOUT_MS = 10_000;
const RETRY_MS = 10_000;

/** Keys are asked for again after this: one that the issuer withdrew is not trusted for ever. */
const REFRESH_MS = 3_600_000;

/**
 * The keys of one issuer: fetched from its metadata in the background, again every hour, after ten seconds where that
 * failed, and at most every ten seconds where a token names a key that is not known. What was fetched stays until
 * something else has been.
 */
export class IssuerKeys {
  readonly #place: IssuerPlace;
  readonly #world: IssuerWorld;
  readonly #ending = new AbortController();
  #keys: readonly PublishedKey[] | undefined;
  #running: Promise<void> | undefined;
  #askedAtMs = -Infinity;
  #complaint: string | undefined;
  #cancel: () => void = () => undefined;

  constructor(place: IssuerPlace, world: IssuerWorld) {
    this.#place = place;
    this.#world = world;
  }

  /** The keys; undefined until they have been fetched for the first time. Another list once they changed. */
  get current(): readonly PublishedKey[] | undefined {
    return this.#keys;
  }

  /** Asks, unless it was asked a moment ago. Resolves when there is an answer; never rejects. */
  async refresh(): Promise<void> {
    const { clock } = this.#world;
    if (this.#running === undefined) {
      if (this.#ending.signal.aborted || clock.now() - this.#askedAtMs < RETRY_MS) return;
      this.#askedAtMs = clock.now();
      this.#running = this.#ask().finally(() => {
        this.#running = undefined;
      });
    }
    await this.#running;
  }

  close(): void {
    this.#ending.abort();
    this.#cancel();
  }

  async #ask(): Promise<void> {
    this.#cancel();
    const { clock, logger } = this.#world;
    const { url: issuer } = this.#place;
    const answer = await this.#fetch();
    if (this.#ending.signal.aborted) return;
    if (typeof answer === 'string') {
      if (answer !== this.#complaint) logger.warn('Keys of token issuer not fetched', { issuer, error: answer });
      this.#complaint = answer;
    } else {
      this.#complaint = undefined;
      this.#keys = answer;
      logger.info('Keys of token issuer fetched', { issuer, keys: answer.length });
    }
    this.#cancel = clock.schedule(typeof answer === 'string' ? RETRY_MS : REFRESH_MS, () => void this.refresh());
  }

  /** The keys, or why there are none. */
  async #fetch(): Promise<readonly PublishedKey[] | string> {
    const { url, discoveryUrl = `${url.replace(/\/$/, '')}/.well-known/openid-configuration` } = this.#place;
    const metadata = await this.#document(discoveryUrl);
    if (typeof metadata === 'string') return metadata;
    const { issuer, jwks_uri: keysUrl } = metadata;
    // OpenID Connect Discovery 1.0 §4.3: whoever answers for an issuer says so in its own words
    if (issuer !== url)
      return `${discoveryUrl}: issuer is ${JSON.stringify(issuer)}, it must be ${JSON.stringify(url)}`;
    if (typeof keysUrl !== 'string' || !keysUrl.startsWith('https://'))
      return `${discoveryUrl}: jwks_uri is no https URL`;
    const set = await this.#document(keysUrl);
    if (typeof set === 'string') return set;
    const keys = parseKeySet(set);
    if (keys === undefined) return `${keysUrl}: it is no set of keys`;
    return keys.length === 0 ? `${keysUrl}: there is no key in it that tokens could be verified with` : keys;
  }

  /** A JSON object, or why there is none. */
  async #document(url: string): Promise<Readonly<Record<string, unknown>> | string> {
    const { caPem } = this.#place;
    const fetched = await this.#world.fetchDocument({
      url,
      ...(caPem === undefined ? {} : { caPem }),
      maxBytes: MAX_BYTES,
      timeoutMs: TIMEOUT_MS,
      signal: this.#ending.signal,
    });
    if (fetched.kind === 'failed') return `${url}: ${fetched.detail}`;
    return recordOf(parseJson(fetched.text)) ?? `${url}: it is no JSON object`;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // JSON.parse throws for what is no JSON, and for nothing else
  }
}
