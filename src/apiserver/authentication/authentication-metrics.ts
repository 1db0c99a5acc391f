import { Histogram, LabelledNumbers } from '../metrics/labelled-metrics.js';
import type { MetricFamily, MetricSource } from '../metrics/metric-family.js';
import type { AuthenticationResult, Authenticator } from './authenticator.js';

/** Upper ends of the histogram of what certificates have left, in seconds: half an hour to a year, as Kubernetes'. */
const LIFETIMES: readonly number[] = [
  0, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 345_600, 604_800, 2_592_000, 7_776_000, 15_552_000, 31_104_000,
];

/** Users that are counted by name: nobody chooses a label by choosing a name. */
const NAMED: ReadonlySet<string> = new Set([
  'admin',
  'client',
  'kube_proxy',
  'kubelet',
  'system:serviceaccount:kube-system:default',
]);

/** Counts who is let in, by Kubernetes' names. */
export class AuthenticationMetrics implements MetricSource {
  readonly #attempts = new LabelledNumbers({
    name: 'authentication_attempts',
    help: 'Requests by whether it is known who asks.',
    type: 'counter',
  });
  readonly #users = new LabelledNumbers({
    name: 'authenticated_user_requests',
    help: 'Requests of users that are known, by kinds of names.',
    type: 'counter',
  });
  readonly #left = new Histogram(LIFETIMES);
  #staleTokens = 0;

  /** The authenticator, counting. */
  counting(authenticator: Authenticator): Authenticator {
    return {
      authenticate: async (request) => {
        const result = await authenticator.authenticate(request);
        this.#count(result);
        return result;
      },
    };
  }

  /** A client certificate was taken that is good for so long. */
  certificateTaken(secondsLeft: number): void {
    this.#left.observe(secondsLeft);
  }

  /** A service account token was used past the time at which its bearer should have had another. */
  staleTokenTaken(): void {
    this.#staleTokens++;
  }

  collect(): readonly MetricFamily[] {
    return [
      ...this.#attempts.collect(),
      ...this.#users.collect(),
      {
        name: 'apiserver_client_certificate_expiration_seconds',
        help: 'What client certificates have left when they are used.',
        type: 'histogram',
        samples: this.#left.samples({}),
      },
      {
        name: 'serviceaccount_stale_tokens_total',
        help: 'Uses of service account tokens that should have been replaced.',
        type: 'counter',
        samples: [{ labels: {}, value: this.#staleTokens }],
      },
    ];
  }

  #count(result: AuthenticationResult): void {
    this.#attempts.add({ result: result.kind === 'refused' ? 'error' : 'success' });
    if (result.kind === 'refused') return;
    const { username } = result.user;
    this.#users.add({ username: NAMED.has(username) ? username : username.includes('@') ? 'email_id' : 'other' });
  }
}
