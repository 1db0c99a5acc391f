import type { Random } from '../../base/bytes.js';
import { secondsOf, type Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { KUBELET_CLIENT_SIGNER } from '../../certificates/kubernetes-signers.js';
import { requesterOf } from '../../certificates/normalised-request.js';
import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import { createInformer } from '../../client/informer.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import { escapeFieldValue } from '../../client/wait-for.js';
import type { RequestVerifier } from '../../x509/request-verifier.js';
import { askAuthorizer } from '../approver/ask-authorizer.js';
import { createController, watched, type Applied, type Controller } from '../runtime/controller.js';
import { decide, isUndecided, type KubeletAction, type Seen, withApproval } from './decide.js';
import { recognisersOf } from './recognise.js';

/** What the approver of kubelets is made with. */
export interface KubeletApproverOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly verifier: RequestVerifier;
}

/**
 * Approves the client certificates of kubelets for whom the authorizer allows it, as kube-controller-manager's csrapproving
 * does: for oneself with `create` on certificatesigningrequests/selfnodeclient, for any node with that on `nodeclient`.
 * It never denies, and touches nothing that anybody has decided. Nobody has these permissions by default.
 */
export function createKubeletApprover(options: KubeletApproverOptions): Controller {
  const { client, clock, random, logger, verifier } = options;
  const requests = createInformer(client, CERTIFICATE_SIGNING_REQUESTS, {
    clock,
    random,
    fieldSelector: `spec.signerName=${escapeFieldValue(KUBELET_CLIENT_SIGNER)}`,
    keep: (csr: CertificateSigningRequest) => (isUndecided(csr) ? csr : undefined),
  });
  return createController<Seen, KubeletAction>({
    name: 'kubelet-approver',
    watches: [watched(requests)],
    concurrency: 5,
    observe: async (name, signal) => {
      const csr = requests.get(name);
      return csr === undefined ? { kind: 'leave' } : observe(csr, { client, verifier }, signal);
    },
    decide,
    apply: (action, signal) =>
      action.kind === 'approve'
        ? approve(action, { client, clock, logger }, signal)
        : Promise.resolve({ kind: 'retry', because: action.because }),
  });
}

/** Reads the request, and asks the authorizer until it allows one of the ways in which it may be approved. */
async function observe(
  csr: CertificateSigningRequest,
  { client, verifier }: Pick<KubeletApproverOptions, 'client' | 'verifier'>,
  signal: AbortSignal,
): Promise<Seen> {
  const verified = await verifier.verify(csr.spec.request);
  if (verified.kind === 'invalid') return { kind: 'leave' };
  const recognisers = recognisersOf(csr, verified.request);
  if (recognisers.length === 0) return { kind: 'leave' };
  const requester = requesterOf(csr);
  for (const recogniser of recognisers) {
    const [review] = await askAuthorizer(client, requester, [recogniser.question], [], signal);
    if (review?.answer === 'allowed') return { kind: 'recognised', csr, recognisers, allowed: recogniser };
  }
  return { kind: 'recognised', csr, recognisers, allowed: undefined };
}

async function approve(
  { csr, message }: Extract<KubeletAction, { readonly kind: 'approve' }>,
  { client, clock, logger }: Pick<KubeletApproverOptions, 'client' | 'clock' | 'logger'>,
  signal: AbortSignal,
): Promise<Applied> {
  try {
    const approved = withApproval(csr, message, secondsOf(clock));
    await client.updateSubresource(CERTIFICATE_SIGNING_REQUESTS, 'approval', approved, { signal });
  } catch (error) {
    if (hasHttpCode(error, 404)) return { kind: 'done' };
    // Somebody has decided or changed it: the cache will say so.
    if (hasHttpCode(error, 409)) return { kind: 'retry', because: error.message };
    throw error;
  }
  const { name = '', uid = '' } = csr.metadata;
  logger.info('Approved CertificateSigningRequest', { name, uid, username: csr.spec.username ?? '', message });
  return { kind: 'done' };
}
