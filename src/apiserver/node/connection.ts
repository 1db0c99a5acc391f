import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Peer } from '../../kube/exchange.js';

/**
 * What one TLS connection says of its client, read once: the same peer, with the same bytes, serves every request of
 * the connection, so that whoever verifies the certificate can remember its answer by them.
 */
export function peerOf(socket: TLSSocket): Peer {
  const raw = socket.getPeerX509Certificate()?.raw;
  const address = addressOf(socket);
  return raw === undefined ? { kind: 'connection', address } : { kind: 'connection', address, certificateDer: raw };
}

/** The client's address without its port; empty when it has gone already. */
function addressOf(socket: TLSSocket): string {
  const address = socket.remoteAddress ?? '';
  // a dual-stack socket shows IPv4 clients as IPv6 ones (RFC 4291 §2.5.5.2)
  const mapped = address.startsWith('::ffff:') ? address.slice(7) : '';
  return isIP(mapped) === 4 ? mapped : address;
}
