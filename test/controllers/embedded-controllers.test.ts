import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import type { Client } from '../../src/client/client.js';
import type { ConfigMap } from '../../src/client/core-objects.js';
import { CONFIG_MAPS, NAMESPACES, PODS, SERVICE_ACCOUNTS } from '../../src/client/resources.js';
import { createEmbeddedControllers, type EmbeddedControllerName } from '../../src/controllers/embedded-controllers.js';
import { createRequestVerifier } from '../../src/crypto/request-verifier.js';
import type { ApiRequest } from '../../src/kube/exchange.js';
import { hasReason } from '../../src/kube/status.js';
import {
  condition,
  exists,
  keepingLogger,
  maybe,
  type Line,
  openBench,
  post,
  postApproved,
  rest,
  until,
  type ControlBench,
  type Fate,
} from './control-bench.js';

const ROOT_CA = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const NAME = 'kube-root-ca.crt';

interface Running {
  readonly lines: Line[];
  readonly stop: () => Promise<void>;
}

function start(b: ControlBench, client: Client = b.client(), rootCaPem: () => string = () => ROOT_CA): Running {
  const lines: Line[] = [];
  const logger = keepingLogger(lines);
  const { clock, random } = b;
  const clients = {
    cleaner: client,
    rootCaPublisher: client,
    serviceAccounts: client,
    namespaces: client,
    endpointSlices: client,
    certificates: client,
    trustBundles: client,
    garbageCollector: client,
  };
  const verifier = createRequestVerifier();
  // it has tests of its own
  const runs = (name: EmbeddedControllerName): boolean => name !== 'garbage-collector';
  const controllers = createEmbeddedControllers({ clients, clock, random, logger, rootCaPem, verifier, runs });
  return { lines, stop: b.run(controllers, logger) };
}

async function bench(t: TestContext): Promise<ControlBench> {
  const opened = await openBench();
  t.after(() => opened.close());
  return opened;
}

async function orUndefined<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}

const rootCa = (b: ControlBench, namespace = 'default'): Promise<ConfigMap | undefined> =>
  orUndefined(b.client().get(CONFIG_MAPS, NAME, { namespace }));

const hasAccount = async (b: ControlBench, namespace: string): Promise<boolean> =>
  (await orUndefined(b.client().get(SERVICE_ACCOUNTS, 'default', { namespace }))) !== undefined;

const namespaceOf = (b: ControlBench, name: string) => orUndefined(b.client().get(NAMESPACES, name));

const conditionsOf = async (b: ControlBench, name: string): Promise<readonly string[]> =>
  ((await namespaceOf(b, name))?.status?.conditions ?? []).map(({ status, message = '' }) => `${status} ${message}`);

suite('root CA publisher', () => {
  test('publishes the root into every namespace, present and future', async (t) => {
    const b = await bench(t);
    const { stop } = start(b);
    await until('it is published', async () => (await rootCa(b)) !== undefined);
    await b.client().create(NAMESPACES, { metadata: { name: 'later' } });
    await until('it is published', async () => (await rootCa(b, 'later')) !== undefined);
    const published = await rootCa(b, 'later');
    assert.deepEqual(published?.data, { 'ca.crt': ROOT_CA });
    assert.deepEqual(published.metadata.annotations, {
      'kubernetes.io/description':
        'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
    });
    assert.equal(published.metadata.labels, undefined);
    await stop();
  });

  const repairs: readonly { readonly name: string; readonly damage: object }[] = [
    { name: 'an emptied root', damage: { data: { 'ca.crt': '' } } },
    { name: 'another root', damage: { data: { 'ca.crt': 'other' } } },
    { name: 'data beside the root', damage: { data: { more: 'x' } } },
    { name: 'a missing description', damage: { metadata: { annotations: { 'kubernetes.io/description': null } } } },
  ];
  for (const { name, damage } of repairs) {
    test(`repairs ${name}, and leaves alone what is not its own`, async (t) => {
      const b = await bench(t);
      const { stop } = start(b);
      await until('it is published', async () => (await rootCa(b)) !== undefined);
      const first = await rootCa(b);
      await b
        .client()
        .patch(
          CONFIG_MAPS,
          NAME,
          { metadata: { labels: { mine: 'yes' }, annotations: { also: 'mine' } }, binaryData: { blob: 'AA==' } },
          { namespace: 'default' },
        );
      await b.client().patch(CONFIG_MAPS, NAME, damage, { namespace: 'default' });
      await until('it is repaired', async () => {
        const now = await rootCa(b);
        return (
          now?.data?.['ca.crt'] === ROOT_CA &&
          now.data['more'] === undefined &&
          now.metadata.annotations?.['kubernetes.io/description'] !== undefined
        );
      });
      const now = await rootCa(b);
      assert.deepEqual(now?.metadata.labels, { mine: 'yes' });
      assert.deepEqual(now.metadata.annotations, { ...first?.metadata.annotations, also: 'mine' });
      assert.deepEqual(now.binaryData, { blob: 'AA==' });
      await stop();
    });
  }

  test('publishes it again when it is deleted', async (t) => {
    const b = await bench(t);
    const { stop } = start(b);
    await until('it is published', async () => (await rootCa(b)) !== undefined);
    const first = await rootCa(b);
    await b.client().delete(CONFIG_MAPS, NAME, { namespace: 'default' });
    await until('it is published again', async () => {
      const now = await rootCa(b);
      return now !== undefined && now.metadata.uid !== first?.metadata.uid;
    });
    await stop();
  });

  test('brings a new root everywhere within ten minutes', async (t) => {
    const b = await bench(t);
    let pem = ROOT_CA;
    const { stop } = start(b, b.client(), () => pem);
    await until('it is published', async () => (await rootCa(b)) !== undefined);
    pem = 'renewed';
    b.clock.advance(600_000);
    await until('it is replaced', async () => (await rootCa(b))?.data?.['ca.crt'] === 'renewed');
    await stop();
  });

  test('writes nothing where everything is right', async (t) => {
    const b = await bench(t);
    const { stop } = start(b);
    await until('it is published', async () => (await rootCa(b)) !== undefined);
    await rest();
    await stop();
    const before = await rootCa(b);
    const again = start(b);
    await rest();
    b.clock.advance(600_000);
    await rest();
    await again.stop();
    assert.equal((await rootCa(b))?.metadata.resourceVersion, before?.metadata.resourceVersion);
  });
});

suite('default service account', () => {
  test('is there in every namespace, and comes back', async (t) => {
    const b = await bench(t);
    const { stop } = start(b);
    await until('it is there', () => hasAccount(b, 'default'));
    await b.client().create(NAMESPACES, { metadata: { name: 'later' } });
    await until('it is there', () => hasAccount(b, 'later'));
    await b.client().delete(SERVICE_ACCOUNTS, 'default', { namespace: 'later' });
    await until('it is there again', () => hasAccount(b, 'later'));
    await stop();
  });
});

suite('namespace cleaner', () => {
  const fill = async (b: ControlBench): Promise<void> => {
    const client = b.client();
    await client.create(NAMESPACES, { metadata: { name: 'doomed' } });
    for (let i = 0; i < 3; i++)
      await client.create(CONFIG_MAPS, { metadata: { namespace: 'doomed', name: `cm-${i}` } });
  };

  test('empties a namespace and lets it go', async (t) => {
    const b = await bench(t);
    await fill(b);
    const { stop } = start(b);
    await until('the controllers have moved in', () => hasAccount(b, 'doomed'));
    await b.client().delete(NAMESPACES, 'doomed');
    await until('it is gone', async () => (await namespaceOf(b, 'doomed')) === undefined);
    assert.deepEqual((await b.client().list(CONFIG_MAPS, { namespace: 'doomed' })).items, []);
    assert.equal(await hasAccount(b, 'doomed'), false);
    assert.equal(await hasAccount(b, 'default'), true);
    await stop();
  });

  test('waits for what a finalizer holds, and says so', async (t) => {
    const b = await bench(t);
    await fill(b);
    await b.client().create(CONFIG_MAPS, {
      metadata: { namespace: 'doomed', name: 'held', finalizers: ['example.com/hold'] },
    });
    const { lines, stop } = start(b);
    await b.client().delete(NAMESPACES, 'doomed');
    const told = (): boolean =>
      lines.some(({ fields }) => fields['because'] === 'content remains in the namespace: 1 configmaps');
    await until('it says so', told);
    const waiting = async (): Promise<boolean> => (await conditionsOf(b, 'doomed')).length > 0;
    await until('its conditions say so', waiting);
    assert.deepEqual(await conditionsOf(b, 'doomed'), [
      'False All resources successfully discovered',
      'False All legacy kube types successfully parsed',
      'False All content successfully deleted, may be waiting on finalization',
      'True Some resources are remaining: configmaps. has 1 resource instances',
      'True Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    ]);
    await b.client().patch(CONFIG_MAPS, 'held', { metadata: { finalizers: null } }, { namespace: 'doomed' });
    await until('it is gone', async () => {
      b.clock.advance(1000);
      return (await namespaceOf(b, 'doomed')) === undefined;
    });
    await stop();
  });

  test('deletes pods first: while one is held, nothing else goes', async (t) => {
    const b = await bench(t);
    await fill(b);
    const { stop } = start(b);
    await until('the controllers have moved in', () => hasAccount(b, 'doomed'));
    await b.client().create(PODS, {
      metadata: { namespace: 'doomed', name: 'held', finalizers: ['example.com/hold'] },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    });
    await b.client().delete(NAMESPACES, 'doomed');
    await until('it waits', async () => (await conditionsOf(b, 'doomed')).join().includes('pods. has 1'));
    assert.equal((await b.client().list(CONFIG_MAPS, { namespace: 'doomed' })).items.length, 4);
    await b.client().patch(PODS, 'held', { metadata: { finalizers: null } }, { namespace: 'doomed' });
    await until('it is gone', async () => {
      b.clock.advance(1000);
      return (await namespaceOf(b, 'doomed')) === undefined;
    });
    await stop();
  });

  test('goes on with the rest where one resource cannot be deleted, and keeps the namespace', async (t) => {
    const b = await bench(t);
    await fill(b);
    let broken = true;
    const client = b.client((_call, { method, target }) =>
      broken && method === 'DELETE' && target.includes('/secrets') ? 'lose-request' : 'pass',
    );
    const { stop } = start(b, client);
    await until('the controllers have moved in', () => hasAccount(b, 'doomed'));
    await b.client().delete(NAMESPACES, 'doomed');
    const failed = async (): Promise<boolean> =>
      (await conditionsOf(b, 'doomed')).some((text) => text.startsWith('True Failed to delete all resource types, 1 '));
    await until('it says so', failed);
    assert.deepEqual((await b.client().list(CONFIG_MAPS, { namespace: 'doomed' })).items, []);
    broken = false;
    await until('it is gone', async () => {
      b.clock.advance(1000);
      return (await namespaceOf(b, 'doomed')) === undefined;
    });
    await stop();
  });

  test('leaves a namespace alone that nobody deletes', async (t) => {
    const b = await bench(t);
    await fill(b);
    const { stop } = start(b);
    await until('the controllers have moved in', () => hasAccount(b, 'doomed'));
    await rest();
    await stop();
    // Three, and the root CA.
    assert.equal((await b.client().list(CONFIG_MAPS, { namespace: 'doomed' })).items.length, 4);
  });
});

suite('cleaner', () => {
  test('deletes what is past its age at start, every hour, and nothing else', async (t) => {
    const b = await bench(t);
    await post(b.server, 'pending');
    await post(b.server, 'denied');
    await condition(b.server, 'denied', 'Denied');
    await postApproved(b.server, 'approved');
    await post(b.server, 'custom');
    await condition(b.server, 'custom', 'Reviewed');
    b.clock.advance(3_601_000);
    const { lines, stop } = start(b);
    await until('the denied one is gone', async () => !(await exists(b.server, 'denied')));
    assert.deepEqual(await Promise.all(['pending', 'approved', 'custom'].map((name) => exists(b.server, name))), [
      true,
      true,
      true,
    ]);
    for (let hour = 0; hour < 24; hour++) {
      b.clock.advance(3_600_000);
      await rest();
    }
    await until(
      'both are gone',
      async () => !(await exists(b.server, 'pending')) && !(await exists(b.server, 'approved')),
    );
    assert.equal(await exists(b.server, 'custom'), true);
    await stop();
    const deleted = lines.filter(({ message }) => message === 'Deleted CertificateSigningRequest');
    assert.deepEqual(
      deleted.map(({ fields }) => [fields['name'], fields['because']]),
      [
        ['denied', 'denied more than 1 hour ago'],
        ['approved', 'approved, and not issued within 24 hours'],
        ['pending', 'pending for more than 24 hours'],
      ],
    );
  });

  test('spares a request that changed between the look and the deletion', async (t) => {
    const b = await bench(t);
    await post(b.server, 'denied');
    await condition(b.server, 'denied', 'Denied');
    b.clock.advance(3_601_000);
    let touched = false;
    const client = b.client();
    const meddling: Client = {
      ...client,
      delete: async (resource, name, options) => {
        if (!touched) {
          touched = true;
          await condition(b.server, 'denied', 'Reviewed');
        }
        return client.delete(resource, name, options);
      },
    };
    const { stop } = start(b, meddling);
    await until('it was to be deleted', () => touched);
    await rest();
    assert.equal(await exists(b.server, 'denied'), true);
    b.clock.advance(3_600_000);
    await until('the next scan deletes it', async () => !(await exists(b.server, 'denied')));
    await stop();
  });
});

suite('embedded controllers, cut off at any call', () => {
  const CALLS = 42;
  /** What is to be done: a namespace to empty, one to equip, an old request to delete. */
  const work = async (b: ControlBench): Promise<void> => {
    const client = b.client();
    await client.create(NAMESPACES, { metadata: { name: 'doomed' } });
    await client.create(CONFIG_MAPS, { metadata: { namespace: 'doomed', name: 'cm' } });
    await client.delete(NAMESPACES, 'doomed');
    await post(b.server, 'old');
    await condition(b.server, 'old', 'Denied');
    b.clock.advance(3_601_000);
    await post(b.server, 'young');
  };
  const done = async (b: ControlBench): Promise<boolean> =>
    (await namespaceOf(b, 'doomed')) === undefined &&
    (await rootCa(b))?.data?.['ca.crt'] === ROOT_CA &&
    (await hasAccount(b, 'default')) &&
    !(await exists(b.server, 'old'));
  const stands = async (b: ControlBench): Promise<void> => {
    assert.equal(await exists(b.server, 'young'), true);
    const left = await b.client().list(CONFIG_MAPS);
    assert.deepEqual(
      left.items.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name ?? ''}`),
      [`default/${NAME}`],
    );
    const accounts = await b.client().list(SERVICE_ACCOUNTS);
    assert.equal(accounts.items.length, 1);
  };

  /** Counts all calls but those that only ask what is served: they are many, and each as good as the next. */
  const counting = (fateOf: (call: number) => Fate) => {
    let calls = 0;
    return (_call: number, { target }: ApiRequest): Fate => {
      if (!/^\/apis?(\/[^/?]+){0,2}$/.test(target)) calls++;
      return fateOf(calls);
    };
  };

  for (const fate of ['lose-request', 'lose-answer'] as const) {
    test(`fresh ones end what others began that died at any call (${fate})`, async (t) => {
      let reached = 0;
      for (let cut = 1; cut <= CALLS; cut++) {
        const b = await bench(t);
        await work(b);
        let died = false;
        const dying = (call: number): Fate => {
          if (died) return 'lose-request';
          if (call < cut) return 'pass';
          died = true;
          reached++;
          return fate;
        };
        const first = start(b, b.client(counting(dying)));
        await maybe(() => died);
        await rest();
        await first.stop();
        const second = start(b);
        await until(`the work is done after a death at call ${cut}`, async () => {
          b.clock.advance(100);
          return done(b);
        });
        await rest();
        await second.stop();
        await stands(b);
      }
      assert.ok(reached >= 30, `only ${reached} cuts were reached`);
    });

    test(`they go on by themselves after any call broke (${fate})`, async (t) => {
      for (let cut = 1; cut <= CALLS; cut++) {
        const b = await bench(t);
        await work(b);
        const running = start(b, b.client(counting((call) => (call === cut ? fate : 'pass'))));
        await until(`the work is done though call ${cut} broke`, async () => {
          b.clock.advance(100);
          return done(b);
        });
        await rest();
        await running.stop();
        await stands(b);
      }
    });
  }
});
