import { usageError } from './failure.js';

const RESOURCE_WORDS: ReadonlySet<string> = new Set([
  'csr',
  'certificatesigningrequest',
  'certificatesigningrequests',
  'certificatesigningrequests.certificates.k8s.io',
]);

/** Arguments as a user of kubectl types them: `get csr NAME`, `describe csr/NAME`. A request named `csr` is `csr csr`. */
export function withoutResourceWord(args: readonly string[]): readonly string[] {
  const [first] = args;
  const names = first !== undefined && RESOURCE_WORDS.has(first) ? args.slice(1) : args;
  return names.map((name) => {
    const slash = name.indexOf('/');
    return slash > 0 && RESOURCE_WORDS.has(name.slice(0, slash)) ? name.slice(slash + 1) : name;
  });
}

/** Names of requests, at least one. */
export function requestNames(args: readonly string[]): readonly string[] {
  const names = withoutResourceWord(args);
  if (names.length === 0) throw usageError('Cannot choose requests: name at least one');
  return names;
}
