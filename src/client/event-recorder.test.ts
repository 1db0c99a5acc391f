import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FakeClock } from '../base/fake-clock.js';
import { silentLogger, type Logger } from '../base/logger.js';
import { createClient } from './client.js';
import type { CoreEvent } from './core-objects.js';
import { createEventRecorder, type EventRecorder } from './event-recorder.js';
import { createMemoryApi, type MemoryApi } from './testing/memory-api.js';

const CSR = { kind: 'CertificateSigningRequest', apiVersion: 'certificates.k8s.io/v1', name: 'my-svc', uid: 'u1' };
const REFUSED = { type: 'Warning', reason: 'SignerValidationFailure', message: 'the key is too short' } as const;

interface Bench {
  readonly api: MemoryApi;
  readonly clock: FakeClock;
  readonly recorder: EventRecorder;
  readonly warnings: string[];
  readonly events: () => readonly CoreEvent[];
}

function bench(fails = false): Bench {
  const api = createMemoryApi();
  const clock = new FakeClock(1_700_000_000_000);
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
  let names = 0;
  const transport = fails ? () => Promise.reject(new Error('away')) : api.transport;
  const recorder = createEventRecorder({
    client: createClient(transport, { userAgent: 'test' }),
    clock,
    random: (count) => new Uint8Array(count).fill(++names),
    logger,
    component: 'countersign-signer',
    instance: 'pod-1',
  });
  // Only events are written here.
  return { api, clock, recorder, warnings, events: () => [...api.objects.values()] as CoreEvent[] };
}

suite('event recorder', () => {
  test('writes an event about a cluster-scoped object into namespace default', async () => {
    const { recorder, events } = bench();
    recorder.record(CSR, REFUSED);
    await recorder.flush();
    const [event] = events();
    assert.deepEqual(
      { ...event, metadata: { name: event?.metadata.name, namespace: event?.metadata.namespace } },
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'my-svc.0101010101010101', namespace: 'default' },
        involvedObject: CSR,
        type: 'Warning',
        reason: 'SignerValidationFailure',
        message: 'the key is too short',
        count: 1,
        firstTimestamp: '2023-11-14T22:13:20Z',
        lastTimestamp: '2023-11-14T22:13:20Z',
        source: { component: 'countersign-signer', host: 'pod-1' },
        reportingComponent: 'countersign-signer',
        reportingInstance: 'pod-1',
      },
    );
  });

  test('counts the same thing up in one event, even when both are recorded at once', async () => {
    const { recorder, events, clock, api } = bench();
    recorder.record(CSR, REFUSED);
    recorder.record(CSR, REFUSED);
    clock.advance(60_000);
    recorder.record(CSR, REFUSED);
    await recorder.flush();
    assert.deepEqual(
      events().map(({ count, lastTimestamp }) => [count, lastTimestamp]),
      [[3, '2023-11-14T22:14:20Z']],
    );
    assert.deepEqual(
      api.log.map((line) => line.split(' ')[0]),
      ['POST', 'PATCH', 'PATCH'],
    );
  });

  test('writes a new event after ten minutes, for another message, and where the old one has expired', async () => {
    const { recorder, events, clock, api } = bench();
    recorder.record(CSR, REFUSED);
    recorder.record(CSR, { ...REFUSED, message: 'another' });
    await recorder.flush();
    assert.equal(events().length, 2);
    clock.advance(600_000);
    recorder.record(CSR, REFUSED);
    await recorder.flush();
    assert.equal(events().length, 3);
    for (const path of [...api.objects.keys()]) api.remove(path);
    recorder.record(CSR, REFUSED);
    await recorder.flush();
    assert.deepEqual(
      events().map(({ count }) => count),
      [1],
    );
  });

  test('drops what is too much about one object, and lets others through', async () => {
    const { recorder, events, clock } = bench();
    for (let i = 0; i < 40; i++) recorder.record(CSR, { ...REFUSED, message: `${i}` });
    recorder.record({ ...CSR, name: 'other' }, REFUSED);
    await recorder.flush();
    assert.equal(events().length, 26);
    clock.advance(300_000);
    recorder.record(CSR, { ...REFUSED, message: 'later' });
    recorder.record(CSR, { ...REFUSED, message: 'dropped' });
    await recorder.flush();
    assert.equal(events().length, 27);
  });

  test('names an event after the kind where the object has no DNS name, as requests may', async () => {
    const { recorder, events } = bench();
    recorder.record({ ...CSR, name: 'node-csr-A_b' }, REFUSED);
    await recorder.flush();
    assert.equal(events()[0]?.metadata.name, 'certificatesigningrequest.0101010101010101');
  });

  test('cuts a long message', async () => {
    const { recorder, events } = bench();
    recorder.record(CSR, { ...REFUSED, message: 'x'.repeat(5000) });
    await recorder.flush();
    assert.equal(events()[0]?.message?.length, 1024);
  });

  test('never fails its caller', async () => {
    const { recorder, warnings } = bench(true);
    recorder.record(CSR, REFUSED);
    await recorder.flush();
    assert.deepEqual(warnings, ['Could not write Event']);
  });

  test('holds no more than a thousand events that wait', async () => {
    const { recorder, events } = bench();
    for (let i = 0; i < 1500; i++) recorder.record({ ...CSR, name: `csr-${i}` }, REFUSED);
    await recorder.flush();
    assert.equal(events().length, 1000);
  });
});
