import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Peer } from '../../kube/exchange.js';

/** More are in no path that is looked at. */
const MAX_INTERMEDIATES = 9;

/**
 * What one TLS connection says of its client, read once: the same peer, with the same bytes, serves every request of
 * the connection, so that whoever verifies the certificate can remember its answer by them.
 */
export function peerOf(socket: TLSSocket): Peer {
  const certificate = socket.getPeerX509Certificate();
  const address = addressOf(socket);
  if (certificate === undefined) return { kind: 'connection', address };
  const intermediatesDer: Uint8Array[] = [];
  let next = certificate.issuerCertificate;
  while (next !== undefined && intermediatesDer.length < MAX_INTERMEDIATES) {
    intermediatesDer.push(next.raw);
    next = next.issuerCertificate;
  }
  const presented = intermediatesDer.length === 0 ? {} : { intermediatesDer };
  return { kind: 'connection', address, certificateDer: certificate.raw, ...presented };
}

/** The client's address without its port; empty when it has gone already. */
function addressOf(socket: TLSSocket): string {
  const address = socket.remoteAddress ?? '';
  // a dual-stack socket shows IPv4 clients as IPv6 ones (RFC 4291 §2.5.5.2)
  const mapped = address.startsWith('::ffff:') ? address.slice(7) : '';
  return isIP(mapped) === 4 ? mapped : address;
}
