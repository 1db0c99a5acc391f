import type { Command } from 'commander';
import { requireLifetime } from '../authority/lifetime.js';
import { formatIp, parseIp } from '../base/ip-address.js';
import { lowerAscii } from '../certificates/normalised-request.js';
import { usageError } from '../cli/failure.js';
import { listFlag, repeatable, textFlag, type RawFlags } from '../cli/flags.js';
import type { RecordRetention } from '../controllers/records/record-cleaner.js';
import { isDnsSubdomain } from '../kube/names.js';
import type { ApprovalSettings } from '../policy/settings.js';

const DEFAULT_DOMAIN = 'cluster.local';

/** Adds the flags that say what an approver, and a signer that judges again, must know of its cluster. */
export function addApprovalFlags(command: Command): Command {
  return command
    .option('--cluster-domain <domain>', "the cluster's DNS domain", DEFAULT_DOMAIN)
    .option('--trust-domain <domain>', 'the SPIFFE trust domain', DEFAULT_DOMAIN)
    .option(
      '--reserve <name>',
      'a DNS name or address, such as that of the API server, that only reservedNames of a policy grant, repeatable',
      repeatable,
    )
    .option('--keep-records <duration>', 'how long records stay after the end of their certificate', '2160h')
    .option('--keep-decisions <duration>', 'how long records stay of which no certificate came', '720h');
}

/** How long records are to be kept. */
export function recordRetention(flags: RawFlags): RecordRetention {
  return {
    afterCertificateSeconds: requireLifetime(textFlag(flags, 'keepRecords') ?? '2160h', '--keep-records'),
    afterDecisionSeconds: requireLifetime(textFlag(flags, 'keepDecisions') ?? '720h', '--keep-decisions'),
  };
}

/** What these flags say. */
export function approvalSettings(flags: RawFlags): ApprovalSettings {
  const dnsNames: string[] = [];
  const ips: string[] = [];
  for (const name of listFlag(flags, 'reserve')) {
    const octets = parseIp(name);
    if (octets !== undefined) ips.push(formatIp(octets));
    else dnsNames.push(domainOf(name, '--reserve'));
  }
  return {
    clusterDomain: domainOf(textFlag(flags, 'clusterDomain') ?? DEFAULT_DOMAIN, '--cluster-domain'),
    trustDomain: domainOf(textFlag(flags, 'trustDomain') ?? DEFAULT_DOMAIN, '--trust-domain'),
    reserved: { dnsNames, ips },
  };
}

function domainOf(text: string, flag: string): string {
  const domain = lowerAscii(text);
  if (isDnsSubdomain(domain)) return domain;
  throw usageError(`Cannot use ${flag}: ${JSON.stringify(text)} is no DNS name`);
}
