import { messageOf } from '../base/error.js';
import type { Logger } from '../base/logger.js';
import { hasHttpCode } from '../client/api-failure.js';
import type { Client } from '../client/client.js';
import { CONFIG_MAPS } from '../client/resources.js';
import type { Certificate } from '../x509/certificate.js';
import { decodePem, encodePem } from '../x509/pem.js';
import type { ClientAuthorities } from './client-authorities.js';
import type { FrontProxySettings } from './front-proxy-flags.js';

/** Where programs learn how users of this server are known: kube-controller-manager does not start without it. */
export const AUTHENTICATION_CONFIG_MAP = {
  namespace: 'kube-system',
  name: 'extension-apiserver-authentication',
} as const;

/** What is published. */
export interface PublishedAuthentication {
  readonly authorities: Pick<ClientAuthorities, 'clients' | 'proxies' | 'onChange'>;
  readonly frontProxy?: Omit<FrontProxySettings, 'caFile'>;
  readonly logger: Logger;
}

/**
 * Publishes the authorities of client certificates and what is said of a front proxy, and again after each change of
 * the authorities, until the answer is called. What other replicas published stays, as with kube-apiserver.
 */
export async function publishAuthentication(client: Client, options: PublishedAuthentication): Promise<() => void> {
  const { authorities, frontProxy, logger } = options;
  const publish = (): Promise<void> => put(client, (current) => dataOf(current, authorities, frontProxy));
  await publish();
  return authorities.onChange(() => {
    publish().catch((error: unknown) => {
      logger.error('Could not publish how users authenticate', { error: messageOf(error) });
    });
  });
}

type Data = Readonly<Record<string, string>>;

async function put(client: Client, dataFrom: (current: Data) => Data): Promise<void> {
  const { namespace, name } = AUTHENTICATION_CONFIG_MAP;
  for (;;) {
    try {
      const current = await client.get(CONFIG_MAPS, name, { namespace }).catch(absent);
      const data = dataFrom(current?.data ?? {});
      if (current === undefined) await client.create(CONFIG_MAPS, { metadata: { namespace, name }, data });
      else if (JSON.stringify(current.data) !== JSON.stringify(data)) {
        await client.update(CONFIG_MAPS, { ...current, data });
      }
      return;
    } catch (error) {
      // another replica publishes at the same time
      if (!hasHttpCode(error, 409)) throw error;
    }
  }
}

function absent(error: unknown): undefined {
  if (!hasHttpCode(error, 404)) throw error;
}

function dataOf(
  current: Data,
  { clients, proxies }: PublishedAuthentication['authorities'],
  frontProxy: PublishedAuthentication['frontProxy'],
): Data {
  const bundle = (key: string, own: readonly Certificate[]): string => {
    const published = decodePem(current[key] ?? '').map(({ bytes }) => encodePem('CERTIFICATE', bytes));
    return [...new Set([...published, ...own.map(({ der }) => encodePem('CERTIFICATE', der))])].join('');
  };
  const clientCa = { 'client-ca-file': bundle('client-ca-file', clients()) };
  if (frontProxy === undefined) return { ...current, ...clientCa };
  return {
    ...current,
    ...clientCa,
    'requestheader-allowed-names': JSON.stringify(frontProxy.allowedNames),
    'requestheader-client-ca-file': bundle('requestheader-client-ca-file', proxies()),
    'requestheader-extra-headers-prefix': JSON.stringify(frontProxy.extraHeaderPrefixes),
    'requestheader-group-headers': JSON.stringify(frontProxy.groupHeaders),
    'requestheader-uid-headers': JSON.stringify(frontProxy.uidHeaders),
    'requestheader-username-headers': JSON.stringify(frontProxy.usernameHeaders),
  };
}
