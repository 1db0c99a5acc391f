import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CountersignError, messageOf } from '../base/error.js';
import { generateKeyPair } from '../crypto/generate-key-pair.js';
import { exportPrivateKeyPem, parsePrivateKeyPem, type PrivateKey } from '../crypto/private-key.js';
import type { Environment } from './environment.js';
import { readTextInput } from './input.js';
import { writeOutputFile } from './output-file.js';
import type { RequestPlan } from './request-plan.js';

/** The requester's key and where it comes from. */
export interface RequesterKey {
  readonly key: PrivateKey;
  /** PEM as it stands in the file. */
  readonly pem: string;
  readonly path: string;
  /** made: new in this run. kept: left by an earlier run of ours. given: the user's own file. */
  readonly origin: 'made' | 'kept' | 'given';
}

/** What decides which key is used. */
export interface KeyChoice {
  /** `--key`. */
  readonly given?: string;
  readonly folder: string;
  /** Make a new one even where an earlier run left one. */
  readonly renew: boolean;
  /** Write a new key down; false only for a dry run. */
  readonly write: boolean;
}

/** The key that is there already: the given file, else NAME-key.pem of an earlier run. Undefined: one has to be made. */
export async function findKey(
  plan: RequestPlan,
  choice: KeyChoice,
  environment: Environment,
): Promise<RequesterKey | undefined> {
  if (choice.given !== undefined) {
    const pem = await readTextInput(choice.given, environment);
    return { key: readKey(pem, choice.given, environment), pem, path: choice.given, origin: 'given' };
  }
  if (choice.renew) return undefined;
  const path = keyPath(plan, choice);
  const kept = await readIfThere(resolve(environment.cwd, path));
  return kept === undefined ? undefined : { key: readKey(kept, path, environment), pem: kept, path, origin: 'kept' };
}

/** A new key, written before anything is submitted, so that no certificate is ever issued for a key that is lost. */
export async function makeKey(plan: RequestPlan, choice: KeyChoice, environment: Environment): Promise<RequesterKey> {
  const key = await generateKeyPair(plan.keySpec);
  const pem = exportPrivateKeyPem(key, { format: 'pkcs8' });
  const path = keyPath(plan, choice);
  if (choice.write) await writeOutputFile(environment, path, pem, { secret: true, replace: choice.renew });
  return { key, pem, path, origin: 'made' };
}

function keyPath(plan: RequestPlan, choice: KeyChoice): string {
  return join(choice.folder, `${plan.name}-key.pem`);
}

/** A private key from PEM; the passphrase, where it needs one, comes from COUNTERSIGN_KEY_PASSPHRASE. */
export function readKey(pem: string, path: string, environment: Environment): PrivateKey {
  try {
    return parsePrivateKeyPem(pem, environment.env['COUNTERSIGN_KEY_PASSPHRASE']);
  } catch (error) {
    const hint =
      error instanceof CountersignError && error.code === 'KEY_PASSPHRASE_REQUIRED'
        ? ', set COUNTERSIGN_KEY_PASSPHRASE'
        : '';
    throw new CountersignError(
      'KEY_INVALID',
      `Cannot use the key in ${JSON.stringify(path)}: ${messageOf(error)}${hint}`,
      {
        cause: error,
      },
    );
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
