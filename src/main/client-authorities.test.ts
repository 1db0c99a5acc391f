import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { selfSigned } from '../apiserver/testing/self-signed.js';
import { hasCode } from '../base/error.js';
import { FakeClock } from '../base/fake-clock.js';
import { silentLogger } from '../base/logger.js';
import type { Certificate } from '../x509/certificate.js';
import { commonName } from '../x509/name.js';
import { openClientAuthorities, type ClientAuthorityFiles } from './client-authorities.js';

const [own, one, two] = await Promise.all(['own', 'one', 'two'].map(selfSigned));
assert.ok(own !== undefined && one !== undefined && two !== undefined);

suite('authorities of clients', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-authorities-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const logger = { ...silentLogger, error: (_message: string, fields?: object) => errors.push(fields) };
  const open = (files: ClientAuthorityFiles) => openClientAuthorities({ ownPem: own.cert, files, clock, logger });

  for (const [name, files, message] of [
    [
      'a file that is not there',
      { clients: join(folder, 'no') },
      /Cannot read client CAs: .*no: there is no such file/,
    ],
    ['a file without certificates', { clients: file('key', own.key) }, /there is no PEM block of a certificate/],
    [
      'a damaged one',
      { clients: file('cut', one.cert + '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n') },
      /cut: x509: /,
    ],
    [
      'an authority of clients that any proxy comes from, by the name of the server itself',
      { proxies: file('own', own.cert), anyProxy: true },
      /"CN=own" is a CA of clients too, and every client could speak for every user/,
    ],
    [
      'the same by the files',
      { clients: file('both', one.cert + two.cert), proxies: file('two', two.cert), anyProxy: true },
      /"CN=two" is a CA of clients too/,
    ],
    ['proxies of a file that is not there', { proxies: join(folder, 'no') }, /Cannot read CAs of front proxies/],
  ] as const) {
    test(`refuse ${name}`, async () => {
      await assert.rejects(open(files), (error) => hasCode(error, 'CONFIG_INVALID') && message.test(error.message));
    });
  }

  const until = async (isSo: () => boolean): Promise<void> => {
    for (let i = 0; i < 400 && !isSo(); i++) {
      clock.advance(5000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.ok(isSo());
  };

  test('may be those of proxies that are known by name', async () => {
    const authorities = await open({ proxies: file('named', own.cert), anyProxy: false });
    assert.equal(authorities.proxies().length, 1);
    authorities.close();
  });

  test('do not become those of any proxy by a change of a file, either', async () => {
    const proxies = file('any', two.cert);
    const authorities = await open({ clients: file('some', one.cert), proxies, anyProxy: true });
    const told = errors.length;
    file('some', one.cert + two.cert);
    await until(() => errors.length > told);
    file('any', one.cert);
    await until(() => errors.length > told + 1);
    const names = (of: readonly Certificate[]) => of.map(({ subject }) => commonName(subject));
    assert.deepEqual([names(authorities.clients()), names(authorities.proxies())], [['own', 'one'], ['two']]);
    authorities.close();
    errors.length = told;
  });

  test('are the own and those of a file, which is followed; a bad change is told once and changes nothing', async () => {
    const clients = file('clients', one.cert);
    const authorities = await open({ clients, proxies: file('proxies', two.cert) });
    const names = () => authorities.clients().map(({ subject }) => commonName(subject));
    assert.deepEqual(names(), ['own', 'one']);
    assert.equal(authorities.clients(), authorities.clients(), 'the same list while nothing changes');
    assert.deepEqual(
      authorities.proxies().map(({ subject }) => commonName(subject)),
      ['two'],
    );
    assert.equal(authorities.pems().length, 3);
    let changes = 0;
    const stop = authorities.onChange(() => changes++);
    file('clients', 'nothing');
    await until(() => errors.length > 0);
    clock.advance(5000);
    assert.deepEqual([names(), changes, errors.length], [['own', 'one'], 0, 1]);
    file('clients', two.cert + one.cert);
    await until(() => names().length === 3);
    assert.deepEqual([names(), changes], [['own', 'two', 'one'], 1]);
    stop();
    authorities.close();
  });
});
