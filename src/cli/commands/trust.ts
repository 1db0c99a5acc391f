import type { Command } from 'commander';
import { trustConfigMap, TRUST_KEY } from '../../authority/trust-root.js';
import { equalBytes, utf8 } from '../../base/bytes.js';
import { secondsOf } from '../../base/clock.js';
import { CountersignError } from '../../base/error.js';
import type { Client } from '../../client/client.js';
import { CONFIG_MAPS } from '../../client/resources.js';
import { hasReason } from '../../kube/status.js';
import type { Certificate } from '../../x509/certificate.js';
import { encodePem } from '../../x509/pem.js';
import type { Environment } from '../environment.js';
import { usageError } from '../failure.js';
import { findTrustRoot } from '../find-trust-root.js';
import { listFlag, type RawFlags, rawFlags, readGlobalFlags, repeatable, textFlag } from '../flags.js';
import { writeOutputFile } from '../output-file.js';
import type { ConfigureCommand } from '../command-entry.js';
import { certificatesOf, readCertificates } from '../read-certificates.js';
import { shownName } from '../request-fields.js';
import { withSession } from '../session.js';
import { shownTime } from '../shown-time.js';

/** `trust export`: the roots of a signer, from where they are to where they are needed. */
export const configureTrust: ConfigureCommand = (command, environment) => {
  const exported = command
    .command('export')
    .description('write the CA bundle of a signer to standard output, a file or a ConfigMap')
    .option('--signer <name>', 'the root published for this signer; with --ca: the signer it is published for')
    .option('--ca <file>', 'from a file; may be repeated', repeatable)
    .option('--from-configmap <name>', `from key ${TRUST_KEY} of a ConfigMap`)
    .option('--out <file>', 'to a file')
    .option('--configmap <name>', `to key ${TRUST_KEY} of a ConfigMap, made or updated`)
    .showHelpAfterError(`See '${environment.program} trust export --help' for usage.`)
    .action(() => run(exported, environment));
};

async function run(command: Command, environment: Environment): Promise<void> {
  const flags = rawFlags(command);
  const files = listFlag(flags, 'ca');
  const fromConfigMap = textFlag(flags, 'fromConfigmap');
  const target = textFlag(flags, 'configmap');
  const signer = textFlag(flags, 'signer');
  if (files.length > 0 && fromConfigMap !== undefined)
    throw usageError('Cannot use --ca together with --from-configmap');
  if (files.length === 0 && fromConfigMap === undefined && signer === undefined) {
    throw usageError('Cannot export: say from where: --signer, --ca or --from-configmap');
  }
  if (target !== undefined && textFlag(flags, 'out') !== undefined) {
    throw usageError('Cannot use --out together with --configmap');
  }
  if (files.length > 0 && target === undefined) {
    const certificates = (await Promise.all(files.map((file) => readCertificates(file, environment)))).flat();
    await write(bundle(certificates, environment), flags, environment);
    return;
  }
  await withSession(environment, readGlobalFlags(command), async ({ client, namespace }) => {
    const source = { client, namespace, files, fromConfigMap, signer };
    const pem = bundle(await collect(source, environment), environment);
    if (target === undefined) await write(pem, flags, environment);
    else await publish(client, { namespace, name: target, signer }, pem, environment);
  });
}

interface Source {
  readonly client: Client;
  readonly namespace: string;
  readonly files: readonly string[];
  readonly fromConfigMap: string | undefined;
  readonly signer: string | undefined;
}

async function collect(source: Source, environment: Environment): Promise<readonly Certificate[]> {
  const { client, namespace, files, fromConfigMap, signer } = source;
  if (files.length > 0) return (await Promise.all(files.map((file) => readCertificates(file, environment)))).flat();
  const signal = environment.signal;
  if (fromConfigMap !== undefined) {
    const configMap = await client.get(CONFIG_MAPS, fromConfigMap, { namespace, signal });
    const pem = configMap.data?.[TRUST_KEY];
    const where = `ConfigMap ${namespace}/${fromConfigMap}`;
    if (pem === undefined)
      throw new CountersignError('CHAIN_INVALID', `Cannot export from ${where}: it has no key ${TRUST_KEY}`);
    return certificatesOf(utf8(pem), where);
  }
  const root = await findTrustRoot(client, signer ?? '', namespace, signal);
  if (root !== undefined) return certificatesOf(utf8(root.pem), `ConfigMap ${root.source}`);
  throw new CountersignError(
    'CHAIN_INVALID',
    `Cannot export: no root is published for signer ${signer ?? ''} in namespaces ${namespace} and kube-public; ` +
      `its operator publishes it with: ${environment.program} trust export --ca ca.pem --signer ${signer ?? ''} --configmap NAME -n kube-public`,
  );
}

/** The bundle as PEM: certificates of CAs only, each once, nothing else of the input. */
function bundle(certificates: readonly Certificate[], environment: Environment): string {
  const now = secondsOf(environment.clock);
  const distinct: Certificate[] = [];
  for (const certificate of certificates) {
    const name = shownName(certificate.subject);
    if (certificate.basicConstraints?.ca !== true) {
      throw new CountersignError(
        'CHAIN_INVALID',
        `Cannot export ${name}: it is no CA, so it cannot be a root of trust`,
      );
    }
    if (distinct.some((known) => equalBytes(known.der, certificate.der))) continue;
    if (now > certificate.notAfter)
      environment.stderr.write(`warning: ${name} expired: ${shownTime(certificate.notAfter, now)}\n`);
    distinct.push(certificate);
  }
  if (distinct.length === 0) throw new CountersignError('CHAIN_INVALID', 'Cannot export: there is no certificate');
  return distinct.map((certificate) => encodePem('CERTIFICATE', certificate.der)).join('');
}

async function write(pem: string, flags: RawFlags, environment: Environment): Promise<void> {
  const out = textFlag(flags, 'out');
  if (out === undefined) {
    environment.stdout.write(pem);
    return;
  }
  await writeOutputFile(environment, out, pem, { replace: true });
  environment.stderr.write(`Wrote ${out}\n`);
}

async function publish(
  client: Client,
  where: { readonly namespace: string; readonly name: string; readonly signer: string | undefined },
  pem: string,
  environment: Environment,
): Promise<void> {
  const { namespace, name, signer } = where;
  const signal = environment.signal;
  const wanted =
    signer === undefined
      ? { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { [TRUST_KEY]: pem } }
      : trustConfigMap(signer, pem, { namespace, name });
  try {
    await client.create(CONFIG_MAPS, wanted, { signal });
    environment.stdout.write(`configmap/${name} created\n`);
    return;
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error;
  }
  const { apiVersion: _version, kind: _kind, ...patch } = wanted;
  await client.patch(CONFIG_MAPS, name, patch, { namespace, signal });
  environment.stdout.write(`configmap/${name} configured\n`);
}
