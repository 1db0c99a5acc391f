import type { Command } from 'commander';
import { toHex } from '../base/bytes.js';
import { validateSignerName } from '../certificates/signer-name.js';
import type { Environment } from '../cli/environment.js';
import { usageError } from '../cli/failure.js';
import { listFlag, outputFlag, rawFlags, readGlobalFlags, repeatable, switchFlag, textFlag } from '../cli/flags.js';
import type { RawFlags } from '../cli/flags.js';
import { withSession } from '../cli/session.js';
import { formatTable } from '../cli/text-table.js';
import { CountersignError } from '../base/error.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../client/resources.js';
import { generateKeyPair } from '../crypto/generate-key-pair.js';
import { fieldErrorText } from '../kube/field-error.js';
import { parseIp } from '../base/ip-address.js';
import { ALL_CASES } from '../limbo/all-cases.js';
import { attack, type AttackPlan } from '../limbo/attack.js';
import type { ForgeKit, KnownNames } from '../limbo/forge.js';
import { LIMBO_GROUPS, type LimboCase } from '../limbo/limbo-case.js';
import { describeSurprises, scoreLine, scoreOf } from '../limbo/report.js';
import type { CaseResult } from '../limbo/run-case.js';

/** Label of every request that an attack leaves for a moment. */
const LABEL = 'countersign.dev/attack';

/** Names that a request could have in most clusters, and that belong to nobody who attacks. */
const VICTIM: KnownNames = {
  serviceDns: 'kubernetes.default.svc.cluster.local',
  podDns: 'db-0.limbo.pod.cluster.local',
  podIp: '10.255.255.254',
  serviceIp: '10.96.0.1',
  spiffe: 'spiffe://cluster.local/ns/kube-system/sa/default',
};

/** Adds the flags of `attack`. */
export function configureAttack(command: Command, environment: Environment): void {
  command
    .option('--signer <name>', 'the signerName to attack; default: one that nobody can have a policy for')
    .option('--approve', 'approve what nobody decides, to see what the signer signs; needs the right to approve')
    .option('--group <name>', `only these cases, repeatable: ${LIMBO_GROUPS.join(', ')}`, repeatable)
    .option('--own-dns <name>', 'a Service name that is really yours, so that honest requests are tried too')
    .option('--own-ip <address>', 'an address that is really yours')
    .option('--patience <seconds>', 'how long approver and signer get for each request', '5')
    .option('--list', 'list the cases and send nothing')
    .option('-o, --output <format>', 'json')
    .action(async () => {
      await runAttack(rawFlags(command), command, environment);
    });
}

async function runAttack(flags: RawFlags, command: Command, environment: Environment): Promise<void> {
  const cases = chosenCases(flags);
  if (switchFlag(flags, 'list')) {
    const rows = cases.map(({ id, title, history = '' }) => [id, title, history]);
    environment.stdout.write(formatTable(['CASE', 'WHAT IT TRIES', 'SEEN BEFORE'], rows));
    return;
  }
  const run = toHex(environment.random(4));
  const plan: AttackPlan = {
    cases,
    signerName: signerOf(flags, run),
    approve: switchFlag(flags, 'approve'),
    patienceSeconds: patienceOf(flags),
    label: { key: LABEL, value: run },
  };
  const kit = await kitOf(flags);
  const results = await withSession(environment, readGlobalFlags(command), async ({ client }) => {
    environment.stderr.write(`Sending ${cases.length} requests to ${plan.signerName}\n`);
    let done = 0;
    const onResult = (): void => {
      done++;
      if (environment.stderr.isTerminal) environment.stderr.write(`\r${done} of ${cases.length}`);
      if (done === cases.length && environment.stderr.isTerminal) environment.stderr.write('\n');
    };
    const { clock, random, signal } = environment;
    try {
      return await attack(plan, { client, clock, random, kit, signal, onResult });
    } finally {
      const labelSelector = `${LABEL}=${run}`;
      await client.deleteCollection(CERTIFICATE_SIGNING_REQUESTS, { labelSelector }).catch(() => {
        environment.stderr.write(`Some requests may be left: kubectl delete csr -l ${labelSelector}\n`);
      });
    }
  });
  report(results, flags, environment);
}

function report(results: readonly CaseResult[], flags: RawFlags, { stdout }: Environment): void {
  if (outputFlag(flags) === 'json') {
    const shown = results.map(({ case: { id, title }, surprises }) => ({ id, title, surprises }));
    stdout.write(`${JSON.stringify({ scores: scoreOf(results), cases: shown }, undefined, 2)}\n`);
  } else {
    const rows = scoreOf(results).map((s) => [s.group, String(s.cases), String(s.asExpected), String(s.grave)]);
    stdout.write(formatTable(['GROUP', 'CASES', 'HELD', 'GRAVE'], rows));
    stdout.write(`\n${describeSurprises(results)}${scoreLine(results)}\n`);
  }
  const grave = scoreOf(results).reduce((sum, score) => sum + score.grave, 0);
  if (grave > 0) {
    throw new CountersignError(
      'ISSUANCE_REFUSED',
      `${grave} of ${results.length} requests were given more than they may have`,
    );
  }
}

function chosenCases(flags: RawFlags): readonly LimboCase[] {
  const groups = listFlag(flags, 'group');
  const unknown = groups.find((group) => !(LIMBO_GROUPS as readonly string[]).includes(group)); // widened: any text is looked for
  if (unknown !== undefined) {
    throw usageError(`Cannot use --group: ${JSON.stringify(unknown)} is none of ${LIMBO_GROUPS.join(', ')}`);
  }
  const chosen = groups.length === 0 ? ALL_CASES : ALL_CASES.filter(({ group }) => groups.includes(group));
  if (chosen.length === 0) throw usageError('Cannot attack: no case is in these groups');
  return chosen;
}

function signerOf(flags: RawFlags, run: string): string {
  const name = textFlag(flags, 'signer') ?? `limbo.countersign.dev/attack-${run}`;
  const [error] = validateSignerName(name, '--signer');
  if (error !== undefined) throw usageError(`Cannot use ${fieldErrorText(error)}`);
  return name;
}

function patienceOf(flags: RawFlags): number {
  const text = textFlag(flags, 'patience') ?? '5';
  if (/^[0-9]{1,3}$/.test(text)) return Number(text);
  throw usageError(`Cannot use --patience: ${JSON.stringify(text)} is no number of seconds from 0 to 999`);
}

async function kitOf(flags: RawFlags): Promise<ForgeKit> {
  const podIp = textFlag(flags, 'ownIp') ?? '10.255.255.253';
  if (parseIp(podIp)?.length !== 4)
    throw usageError(`Cannot use --own-ip: ${JSON.stringify(podIp)} is no IPv4 address`);
  const serviceDns = textFlag(flags, 'ownDns') ?? 'web.limbo.svc.cluster.local';
  const [key, otherKey] = await Promise.all([generateKeyPair('ecdsa-p256'), generateKeyPair('ecdsa-p256')]);
  return {
    key,
    otherKey,
    own: {
      serviceDns,
      podDns: 'web-0.limbo.pod.cluster.local',
      podIp,
      serviceIp: podIp,
      spiffe: 'spiffe://cluster.local/ns/limbo/sa/web',
    },
    victim: VICTIM,
  };
}
