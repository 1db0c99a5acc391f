import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import type * as GrpcPackage from '@grpc/grpc-js';
import type { ChannelCredentials, Client } from '@grpc/grpc-js';

import { CountersignError, messageOf } from '../../base/error.js';
import type { EtcdTls } from './etcd-store-options.js';

/** The package, loaded when it is needed. */
export type Grpc = typeof GrpcPackage;

/** How a connection is kept. A member allows a ping every five seconds, while a stream is open. */
const CHANNEL = {
  'grpc.keepalive_time_ms': 6000,
  'grpc.keepalive_timeout_ms': 3000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1000,
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  'grpc.enable_retries': 0,
  'grpc.enable_channelz': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.use_local_subchannel_pool': 1,
  'grpc-node.flow_control_window': 4 * 1024 * 1024,
} as const;

/** An address has no name to ask for in TLS; this is asked for instead, and the certificate must have the address. */
const NO_NAME = 'etcd.invalid';

/** The connection to a member, opened when it is used; over TLS where `tls` is given. Refuses PEM that is none (USAGE). */
export function createMemberClient(grpc: Grpc, endpoint: string, tls: EtcdTls | undefined): Client {
  if (tls === undefined) return new grpc.Client(endpoint, grpc.credentials.createInsecure(), CHANNEL);
  const host = endpoint.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  if (isIP(host) === 0) return new grpc.Client(endpoint, credentialsOf(grpc, tls), CHANNEL);
  const credentials = credentialsOf(grpc, tls, (_, certificate) => checkServerIdentity(host, certificate));
  return new grpc.Client(endpoint, credentials, { ...CHANNEL, 'grpc.ssl_target_name_override': NO_NAME });
}

function credentialsOf(grpc: Grpc, tls: EtcdTls, check?: typeof checkServerIdentity): ChannelCredentials {
  try {
    const verify = check === undefined ? {} : { checkServerIdentity: check };
    return grpc.credentials.createSsl(pem(tls.ca), pem(tls.key), pem(tls.certificate), verify);
  } catch (error) {
    throw new CountersignError('USAGE', `Cannot use the TLS files for etcd: ${messageOf(error)}`, { cause: error });
  }
}

function pem(text: string | undefined): Buffer | null {
  return text === undefined ? null : Buffer.from(text);
}
