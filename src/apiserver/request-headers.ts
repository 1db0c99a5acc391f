import type { Headers } from '../kube/exchange.js';

/** The first value of a header; empty when it is not there. */
export function headerOf(headers: Headers, name: string): string {
  const value = headers[name];
  if (typeof value === 'string') return value;
  return value?.[0] ?? '';
}

/** A media type without its parameters, in lower case. */
export function mediaTypeOf(contentType: string): string {
  const semicolon = contentType.indexOf(';');
  return (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
}
