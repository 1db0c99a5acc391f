import type { Command } from 'commander';
import { repeatable } from '../flags.js';
import type { ConfigureCommand } from '../command-entry.js';
import { DEFAULT_SIGNER } from '../request-plan.js';
import { runRequest } from '../run-request.js';

/** `request NAME`: key, PKCS#10, submit, wait, write. Interrupted, it goes on where it was when it is run again. */
export const configureRequest: ConfigureCommand = (command, environment) => {
  nameFlags(command)
    .option('--signer <name>', `who shall sign; default ${DEFAULT_SIGNER}`)
    .option('--usages <list>', 'such as "digital signature,server auth"; default by the signer', repeatable)
    .option('--duration <time>', "lifetime such as 24h or 90d, from 10m; default: the signer's")
    .option('--key-type <type>', 'ecdsa-p256, ecdsa-p384, ecdsa-p521, rsa-2048, rsa-3072, rsa-4096 or ed25519')
    .option('--key <file>', 'use this private key instead of making one')
    .option('--out-dir <folder>', 'where the files go; default: here')
    .option('--secret <name>', 'write a kubernetes.io/tls Secret instead of files')
    .option('--ca <file>', "the signer's root, for ca.crt; default: the one published for the signer")
    .option('--wait-timeout <time>', 'how long to wait for the certificate; default 15m')
    .option('--no-wait', 'submit, and do not wait')
    .option('--force', 'make a new key and replace files that exist')
    .option('--dry-run <strategy>', 'none, client (show the request) or server (let the server check it)')
    .option('-o, --output <format>', 'json, yaml or name: print the request object at the end')
    .action((name: string) => runRequest(name, command, environment));
};

function nameFlags(command: Command): Command {
  return command
    .argument('<name>', 'name of the request, and of the files NAME-key.pem and NAME.crt')
    .option('--dns <names>', 'DNS names, between commas or repeated', repeatable)
    .option('--ip <addresses>', 'IP addresses', repeatable)
    .option('--uri <uris>', 'URIs, such as spiffe://example.com/web', repeatable)
    .option('--email <addresses>', 'email addresses', repeatable)
    .option('--cn <name>', 'common name; default: the first DNS name')
    .option('--org <names>', 'organizations (groups, in a client certificate for Kubernetes)', repeatable);
}
