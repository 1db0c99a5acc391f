import {
  ApiException,
  CertificatesV1Api,
  type Informer,
  type KubeConfig,
  makeInformer,
  type ObjectCache,
  type V1CertificateSigningRequest,
} from '@kubernetes/client-node';

/** What a controller is about. */
export interface ApprovingOptions {
  readonly signerName: string;
  /** Told before each write; a test changes the object here, so that the write meets a conflict. */
  readonly beforeWrite?: (name: string) => Promise<void>;
}

const RETRY_MS = 50;

/**
 * A controller as somebody would write it who has nothing but @kubernetes/client-node: an informer fills a queue of
 * names, and a loop approves what waits. It keeps nothing that it could lose: whether something is to be done is read
 * from the object, every time.
 */
export class ApprovingController implements AsyncDisposable {
  /** How often each request was approved by this controller, as far as it heard. */
  readonly approved: Map<string, number> = new Map();
  conflicts = 0;
  failures = 0;
  readonly #options: ApprovingOptions;
  readonly #api: CertificatesV1Api;
  readonly #informer: Informer<V1CertificateSigningRequest> & ObjectCache<V1CertificateSigningRequest>;
  readonly #waiting: Set<string> = new Set();
  readonly #timers: Set<NodeJS.Timeout> = new Set();
  #working: Promise<void> | undefined;
  #stopped = false;

  constructor(config: KubeConfig, options: ApprovingOptions) {
    this.#options = options;
    this.#api = config.makeApiClient(CertificatesV1Api);
    this.#informer = makeInformer(config, '/apis/certificates.k8s.io/v1/certificatesigningrequests', () =>
      this.#api.listCertificateSigningRequest(),
    );
    this.#informer.on('change', (csr) => {
      if (this.#isWaiting(csr)) this.#enqueue(csr.metadata?.name ?? '');
    });
    this.#informer.on('error', () => {
      this.#later(() => void this.#informer.start());
    });
  }

  start(): Promise<void> {
    return this.#informer.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#informer.stop();
    await this.#working;
  }

  #isWaiting({ spec, status }: V1CertificateSigningRequest): boolean {
    return spec.signerName === this.#options.signerName && (status?.conditions ?? []).length === 0;
  }

  #enqueue(name: string): void {
    this.#waiting.add(name);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    for (const name of this.#waiting) {
      if (this.#stopped) return;
      this.#waiting.delete(name);
      try {
        await this.#approve(name);
      } catch {
        this.failures++;
        this.#later(() => this.#enqueue(name));
      }
    }
  }

  /** From what the informer knows at first; after a conflict, from what the server says. */
  async #approve(name: string): Promise<void> {
    let csr = this.#informer.get(name);
    while (csr !== undefined && this.#isWaiting(csr)) {
      await this.#options.beforeWrite?.(name);
      const condition = { type: 'Approved', status: 'True', reason: 'Robot', message: 'approved by a robot' };
      try {
        await this.#api.replaceCertificateSigningRequestApproval({
          name,
          body: { ...csr, status: { ...csr.status, conditions: [condition] } },
        });
        this.approved.set(name, (this.approved.get(name) ?? 0) + 1);
        return;
      } catch (error) {
        if (!(error instanceof ApiException) || error.code !== 409) throw error;
        this.conflicts++;
        csr = await this.#api.readCertificateSigningRequest({ name });
      }
    }
  }

  #later(act: () => void): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, RETRY_MS);
    this.#timers.add(timer);
  }
}
