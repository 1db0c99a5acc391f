import type { Environment } from './environment.js';
import { writeOutputFile } from './output-file.js';

/** What genkey, `ca init` and sign make, by cfssl's names. PEM. */
export interface CfsslOutput {
  readonly cert?: string;
  readonly csr?: string;
  readonly key?: string;
}

/**
 * cfssl's JSON on standard output, to pipe into cfssljson; or with `bare` the files that `cfssljson -bare NAME` writes:
 * NAME.pem, NAME.csr and, readable only by its owner, NAME-key.pem. An existing key is replaced only with `force`.
 */
export async function writeCfsslOutput(
  output: CfsslOutput,
  options: { readonly bare: string | undefined; readonly force: boolean },
  environment: Environment,
): Promise<void> {
  const { bare, force } = options;
  if (bare === undefined) {
    environment.stdout.write(`${JSON.stringify(output)}\n`);
    return;
  }
  const written: string[] = [];
  const put = async (path: string, text: string | undefined, secret: boolean): Promise<void> => {
    if (text === undefined) return;
    await writeOutputFile(environment, path, text, secret ? { secret, replace: force } : { replace: true });
    written.push(secret ? `${path} (private key)` : path);
  };
  await put(`${bare}-key.pem`, output.key, true); // first: it is the one that may be refused
  await put(`${bare}.csr`, output.csr, false);
  await put(`${bare}.pem`, output.cert, false);
  environment.stderr.write(`Wrote ${written.join(', ')}\n`);
}
