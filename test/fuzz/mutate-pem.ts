import type { Chance } from './random.js';

const LINES = [
  '-----BEGIN CERTIFICATE-----',
  '-----END CERTIFICATE-----',
  '-----BEGIN A-----',
  '-----END A-----',
  '-----BEGIN -----',
  '-----END -----',
  '-----BEGIN A----',
  '-----END A-----x',
  '-----END A----- \t',
  ' -----BEGIN A-----',
  '-----BEGIN A',
  'AQ==',
  'AQ',
  'AQID',
  'AQIDBA==',
  '====',
  'A=',
  ' A Q = = ',
  '\tAQID',
  '',
  ' ',
  ':',
  'a: b',
  'Proc-Type: 4,ENCRYPTED',
  'a:b:c',
  'hello',
  'é',
  '-----',
];
const BREAKS = ['\n', '\n', '\n', '\r\n', '', '\r'];

/** Text of lines that PEM is made of, in an order that chance gives. */
export function arrangePem(chance: Chance): string {
  let text = '';
  for (let i = chance.below(12); i >= 0; i--) text += chance.pick(LINES) + chance.pick(BREAKS);
  return text;
}
