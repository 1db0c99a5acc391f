const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;

/** Most names that are right, at one look: labels of at most 63, the last one beginning with a letter. */
const PLAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * What is wrong with a dNSName (RFC 5280 §4.2.1.6, RFC 1034 §3.5): undefined where nothing is. A wildcard may stand for
 * the whole leftmost label of a name of at least two more labels (RFC 9525 §6.3). A last label of digits is refused: that
 * is an IPv4 address, which belongs into an iPAddress.
 */
export function hostNameProblem(name: string): string | undefined {
  if (name.length <= 253 && PLAIN.test(name)) return undefined;
  if (name === '') return 'it is empty';
  if (name.length > 253) return `it has ${name.length} characters, at most 253`;
  if (name.endsWith('.')) return 'it ends in a dot';
  const labels = name.split('.');
  const host = labels[0] === '*' ? labels.slice(1) : labels;
  if (host.length < labels.length && host.length < 2) return 'its wildcard stands for a whole top-level domain';
  for (const label of host) {
    if (label === '') return 'it has an empty label';
    if (label.length > 63) return `its label "${label.slice(0, 16)}…" has ${label.length} characters, at most 63`;
    if (label.includes('*')) return 'its wildcard is not the whole leftmost label';
    if (!LABEL.test(label)) return `its label ${JSON.stringify(label)} is not letters, digits and inner hyphens`;
  }
  if (/^(?:[0-9]+|0[xX][0-9a-fA-F]*)$/.test(host.at(-1) ?? ''))
    return 'its last label is a number, as in an IP address';
  return undefined;
}
