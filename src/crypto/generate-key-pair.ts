import { generateKeyPair as generate } from 'node:crypto';
import { promisify } from 'node:util';
import { CountersignError } from '../base/error.js';
import { wrapPrivateKey, type PrivateKey } from './private-key.js';

/** Keys that can be made. */
export type KeySpec = 'ecdsa-p256' | 'ecdsa-p384' | 'ecdsa-p521' | 'rsa-2048' | 'rsa-3072' | 'rsa-4096' | 'ed25519';

/** Every KeySpec. */
export const KEY_SPECS: readonly KeySpec[] = [
  'ecdsa-p256',
  'ecdsa-p384',
  'ecdsa-p521',
  'rsa-2048',
  'rsa-3072',
  'rsa-4096',
  'ed25519',
];

const generateOffThread = promisify(generate);

/** Whether `text` is a KeySpec. */
export function isKeySpec(text: string): text is KeySpec {
  return (KEY_SPECS as readonly string[]).includes(text); // widened: any text may be looked for
}

/** A KeySpec from text. Refuses (KEY_UNSUPPORTED) any other and says which there are. */
export function parseKeySpec(text: string): KeySpec {
  if (isKeySpec(text)) return text;
  throw new CountersignError('KEY_UNSUPPORTED', `Cannot make key: "${text}" is none of ${KEY_SPECS.join(', ')}`);
}

/** A new key pair, made off the event loop. */
export async function generateKeyPair(spec: KeySpec): Promise<PrivateKey> {
  return wrapPrivateKey((await generateFor(spec)).privateKey);
}

function generateFor(spec: KeySpec): ReturnType<typeof generateOffThread> {
  switch (spec) {
    case 'ecdsa-p256':
      return generateOffThread('ec', { namedCurve: 'P-256' });
    case 'ecdsa-p384':
      return generateOffThread('ec', { namedCurve: 'P-384' });
    case 'ecdsa-p521':
      return generateOffThread('ec', { namedCurve: 'P-521' });
    case 'rsa-2048':
      return generateOffThread('rsa', { modulusLength: 2048 });
    case 'rsa-3072':
      return generateOffThread('rsa', { modulusLength: 3072 });
    case 'rsa-4096':
      return generateOffThread('rsa', { modulusLength: 4096 });
    case 'ed25519':
      return generateOffThread('ed25519', {});
  }
}
