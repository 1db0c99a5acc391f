import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selfSigned } from '../apiserver/testing/self-signed.js';
import { silentLogger } from '../base/logger.js';
import { createClient } from '../client/client.js';
import { CONFIG_MAPS } from '../client/resources.js';
import { createMemoryApi } from '../client/testing/memory-api.js';
import { parseCertificate } from '../x509/certificate.js';
import { decodePem, encodePem } from '../x509/pem.js';
import { AUTHENTICATION_CONFIG_MAP, publishAuthentication } from './publish-authentication.js';

const [one, two, proxy] = await Promise.all(
  ['one', 'two', 'proxy'].map(async (name) => {
    const [block] = decodePem((await selfSigned(name)).cert);
    assert.ok(block !== undefined);
    return parseCertificate(block.bytes);
  }),
);
assert.ok(one !== undefined && two !== undefined && proxy !== undefined);
const pem = (...certificates: readonly { readonly der: Uint8Array }[]): string =>
  certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');

function open() {
  const client = createClient(createMemoryApi().transport, { userAgent: 'test' });
  const { namespace, name } = AUTHENTICATION_CONFIG_MAP;
  const published = async () => (await client.get(CONFIG_MAPS, name, { namespace })).data;
  return { client, published };
}

function authoritiesOf(...clients: readonly (typeof one)[]) {
  return {
    authorities: {
      clients: () => clients.filter((certificate) => certificate !== undefined),
      proxies: () => (proxy === undefined ? [] : [proxy]),
      onChange: () => () => undefined,
    },
  };
}

test('publishes the authorities of clients, keeps those of other replicas, and says nothing of a proxy without one', async () => {
  const { client, published } = open();
  const logger = silentLogger;
  await publishAuthentication(client, { authorities: authoritiesOf(one).authorities, logger });
  assert.deepEqual(await published(), { 'client-ca-file': pem(one) });
  await publishAuthentication(client, { authorities: authoritiesOf(two, one).authorities, logger });
  assert.deepEqual(await published(), { 'client-ca-file': pem(one, two) });
});

test('loses none where several publish at once', async () => {
  const { client, published } = open();
  await Promise.all(
    [one, two].map((own) =>
      publishAuthentication(client, { authorities: authoritiesOf(own).authorities, logger: silentLogger }),
    ),
  );
  assert.equal(decodePem((await published())?.['client-ca-file'] ?? '').length, 2);
});

test('says what is known of a front proxy, as kube-apiserver writes it', async () => {
  const { client, published } = open();
  const frontProxy = {
    allowedNames: ['front'],
    usernameHeaders: ['x-remote-user'],
    uidHeaders: ['x-remote-uid'],
    groupHeaders: ['x-remote-group'],
    extraHeaderPrefixes: ['x-remote-extra-'],
  };
  const { authorities } = authoritiesOf(one);
  await publishAuthentication(client, { authorities, frontProxy, logger: silentLogger });
  assert.deepEqual(await published(), {
    'client-ca-file': pem(one),
    'requestheader-allowed-names': '["front"]',
    'requestheader-client-ca-file': pem(proxy),
    'requestheader-extra-headers-prefix': '["x-remote-extra-"]',
    'requestheader-group-headers': '["x-remote-group"]',
    'requestheader-uid-headers': '["x-remote-uid"]',
    'requestheader-username-headers': '["x-remote-user"]',
  });
});
