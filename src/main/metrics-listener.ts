import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { CountersignError, messageOf } from '../base/error.js';
import type { Logger } from '../base/logger.js';
import { type MetricSource, metricsText } from '../apiserver/metrics/metric-family.js';
import { ProcessMetrics } from '../apiserver/metrics/process-metrics.js';
import type { ListenAddress } from './locations.js';
import { urlAuthority } from './locations.js';

export interface MetricsListenerOptions extends ListenAddress {
  readonly sources: readonly MetricSource[];
  /** Why the process is not ready; undefined where it is. */
  readonly unready: () => string | undefined;
  readonly logger: Logger;
}

/** Something that monitoring and kubelets ask. */
export interface MetricsListener {
  readonly port: number;
  /** Closes it with every connection. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
}

const PLAIN = 'text/plain; charset=utf-8';
const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';

/** Few ask, and they ask for little. */
const LIMITS = { maxHeaderSize: 8 * 1024, headersTimeout: 5000, requestTimeout: 10_000, keepAliveTimeout: 65_000 };
const MAX_CONNECTIONS = 128;

/**
 * Serves `/metrics`, `/healthz` and `/readyz` over plain HTTP to everybody who reaches it: nothing that it says is a
 * secret. Rejects with CONFIG_INVALID where it cannot bind.
 */
export async function listenForMetrics(options: MetricsListenerOptions): Promise<MetricsListener> {
  const { host, logger } = options;
  const paths = pathsOf(options);
  const server = http.createServer(LIMITS, (request, response) => {
    void answer(paths, request, logger).then(({ status, text, type = PLAIN }) => {
      response.writeHead(status, {
        'content-type': type,
        'content-length': Buffer.byteLength(text),
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
      });
      response.end(request.method === 'HEAD' ? undefined : text);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  await bind(server, options);
  server.on('error', (error) => logger.error('Failed metrics listener', { error: messageOf(error) }));
  const bound = server.address() as AddressInfo; // it listens on TCP, so it is no path
  logger.info('Serves metrics', { address: urlAuthority(host, bound.port) });
  return {
    port: bound.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function bind(server: http.Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => {
      const message = `Cannot listen on ${urlAuthority(host, port)}: ${messageOf(error)}`;
      reject(new CountersignError('CONFIG_INVALID', message, { cause: error }));
    };
    server.once('error', refuse);
    server.listen({ host, port }, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}

type Paths = ReadonlyMap<string, () => Answer | Promise<Answer>>;

function pathsOf({ sources, unready }: MetricsListenerOptions): Paths {
  const processMetrics = new ProcessMetrics();
  return new Map<string, () => Answer | Promise<Answer>>([
    ['/healthz', () => ({ status: 200, text: 'ok\n' })],
    [
      '/readyz',
      () => {
        const because = unready();
        return because === undefined ? { status: 200, text: 'ok\n' } : { status: 503, text: `not ready: ${because}\n` };
      },
    ],
    [
      '/metrics',
      async () => {
        const own = metricsText(sources.flatMap((source) => source.collect()));
        return { status: 200, text: own + (await processMetrics.text()), type: PROMETHEUS };
      },
    ],
  ]);
}

async function answer(paths: Paths, { url = '', method }: http.IncomingMessage, logger: Logger): Promise<Answer> {
  const [path = ''] = url.split('?');
  const handler = paths.get(path);
  if (handler === undefined) return { status: 404, text: '404 page not found\n' };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, text: '405 method not allowed\n' };
  try {
    return await handler();
  } catch (error) {
    logger.error('Failed to answer', { path, error: messageOf(error) });
    return { status: 500, text: '500 internal server error\n' };
  }
}
