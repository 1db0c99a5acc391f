import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { test } from 'node:test';
import {
  ApiException,
  CertificatesV1Api,
  type KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1CertificateSigningRequest,
} from '@kubernetes/client-node';
import { requestObject } from '../system/kubectl-stage.js';
import { ApprovingController } from './approving-controller.js';
import { administrator, until } from './client-node.js';
import { LastingServer } from './lasting-server.js';

const SIGNER = 'countersign.dev/serving';
const COUNT = 24;

/** Creates requests, one after the other, each until the server has it. */
async function ask(config: KubeConfig, names: readonly string[]): Promise<void> {
  const api = config.makeApiClient(CertificatesV1Api);
  for (const name of names) {
    const body = (await requestObject(name, { dns: ['a.example.com'] })) as V1CertificateSigningRequest;
    for (;;) {
      try {
        await api.createCertificateSigningRequest({ body });
        break;
      } catch (error) {
        if (error instanceof ApiException && error.code === 409) break; // it was stored, and the answer lost
        await setTimeout(20);
      }
    }
    await setTimeout(10);
  }
}

async function requests(config: KubeConfig): Promise<readonly V1CertificateSigningRequest[]> {
  return (await config.makeApiClient(CertificatesV1Api).listCertificateSigningRequest()).items;
}

const decidedAt = ({ status }: V1CertificateSigningRequest): number | undefined =>
  status?.conditions?.[0]?.lastUpdateTime?.getTime();

test('a controller written against client-node loses and repeats nothing while its server is killed and restarted', async () => {
  await using server = await LastingServer.start();
  const config = administrator(server);
  const api = config.makeApiClient(CertificatesV1Api);
  const meddled = new Set<string>();
  const meddle = async (name: string): Promise<void> => {
    if (!name.endsWith('0') || meddled.has(name)) return;
    const change = { metadata: { labels: { meddled: 'yes' } } };
    await api.patchCertificateSigningRequest(
      { name, body: change },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    meddled.add(name);
  };
  await using controller = new ApprovingController(config, { signerName: SIGNER, beforeWrite: meddle });
  await controller.start();

  const names = Array.from({ length: COUNT }, (_, i) => `robot-${i}`);
  const asking = ask(config, names);
  for (const [signal, enough] of [
    ['SIGKILL', COUNT / 4],
    ['SIGTERM', COUNT / 2],
  ] as const) {
    await until('some approvals', () => controller.approved.size >= enough);
    await server.stop(signal);
    await server.startAgain();
  }
  await asking;
  const decided = new Map<string, number | undefined>();
  await until('all certificates', async () => {
    const read = await requests(config);
    for (const csr of read) {
      const name = csr.metadata?.name ?? '';
      const at = decidedAt(csr);
      assert.equal(decided.get(name) ?? at, at, `${name} was decided twice`);
      decided.set(name, at);
    }
    return read.length === COUNT && read.every((csr) => csr.status?.certificate !== undefined);
  });

  for (const { metadata, status } of await requests(config)) {
    assert.deepEqual(
      status?.conditions?.map(({ type, reason }) => [type, reason]),
      [['Approved', 'Robot']],
      metadata?.name,
    );
  }
  assert.ok(controller.conflicts >= meddled.size, `${controller.conflicts} conflicts`);
  assert.ok(meddled.size >= 3, `${meddled.size} were meddled with`);
  for (const [name, times] of controller.approved) assert.equal(times, 1, name);
});
