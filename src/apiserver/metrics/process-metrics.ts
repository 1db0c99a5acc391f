/**
 * What prom-client knows of this process: CPU, memory, event loop, garbage collection. The package is only loaded when
 * somebody asks, because most servers are never scraped and it costs start-up time and memory.
 */
export class ProcessMetrics {
  #text: Promise<() => Promise<string>> | undefined;

  /** The Prometheus text of the process's metrics. */
  async text(): Promise<string> {
    this.#text ??= load();
    return (await this.#text)();
  }
}

async function load(): Promise<() => Promise<string>> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return () => registry.metrics();
}
