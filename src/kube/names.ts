/** Problems of a DNS subdomain of RFC 1123, at most 253 long; `prefix` when more follows it (generateName). */
export function dnsSubdomainProblems(name: string, prefix = false): readonly string[] {
  throw new Error(`not yet: ${name}${prefix}`);
}

/** Whether it is a DNS subdomain of RFC 1123. */
export function isDnsSubdomain(name: string): boolean {
  return dnsSubdomainProblems(name).length === 0;
}

/** Problems of a DNS label of RFC 1123, at most 63 long. */
export function dnsLabelProblems(name: string, prefix = false): readonly string[] {
  throw new Error(`not yet: ${name}${prefix}`);
}

/** Problems of a name that must only be one segment of a path. */
export function pathSegmentProblems(name: string, prefix = false): readonly string[] {
  throw new Error(`not yet: ${name}${prefix}`);
}

/** Problems of a qualified name: `name` or `dns.subdomain/name`, as label keys, annotation keys and finalizers are. */
export function qualifiedNameProblems(name: string): readonly string[] {
  throw new Error(`not yet: ${name}`);
}

/** Problems of a label's value. */
export function labelValueProblems(value: string): readonly string[] {
  throw new Error(`not yet: ${value}`);
}
