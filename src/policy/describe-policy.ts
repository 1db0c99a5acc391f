import type { PolicyKey, PolicyRequesters, ServiceAccountRequesters } from '../certificates/approval-policy.js';

/** Entries of a list that a sentence names; the rest is counted. */
const MAX_NAMED = 5;

/** `a`, `a or b`, `a, b or c`; of many the rest is counted. */
export function anyOf(texts: readonly string[]): string {
  if (texts.length > MAX_NAMED) return `${texts.slice(0, MAX_NAMED).join(', ')} or ${texts.length - MAX_NAMED} more`;
  const last = texts.at(-1) ?? '';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} or ${last}`;
}

/** Whose requests a policy looks at: `service accounts of namespace shop or nodes`. */
export function describeRequesters({ serviceAccounts, users, groups, nodes }: PolicyRequesters): string {
  return anyOf([
    ...(serviceAccounts ?? []).map(describeAccounts),
    ...(users ?? []).map((user) => `user ${user}`),
    ...(groups ?? []).map((group) => `group ${group}`),
    ...(nodes === true ? ['nodes'] : []),
  ]);
}

function describeAccounts({ namespaces, namespaceSelector, names }: ServiceAccountRequesters): string {
  const who = names === undefined ? 'service accounts' : `service account ${anyOf(names)}`;
  const isSelected =
    Object.keys(namespaceSelector?.matchLabels ?? {}).length > 0 ||
    (namespaceSelector?.matchExpressions ?? []).length > 0;
  const selected = isSelected ? 'selected namespaces' : 'every namespace';
  if (namespaces === undefined) return `${who} of ${selected}`;
  const listed = `${namespaces.length === 1 ? 'namespace' : 'namespaces'} ${anyOf(namespaces)}`;
  return `${who} of ${listed}${isSelected ? ' where it is selected' : ''}`;
}

/** Which keys are taken: `RSA from 2048 bits, ECDSA on P-256 or Ed25519`. */
export function describeKeys(keys: readonly PolicyKey[]): string {
  return anyOf(
    keys.map(({ algorithm, minimumBits, curves }) => {
      if (algorithm === 'RSA') return `RSA from ${minimumBits ?? 0} bits`;
      return algorithm === 'ECDSA' && curves !== undefined ? `ECDSA on ${anyOf(curves)}` : algorithm;
    }),
  );
}
