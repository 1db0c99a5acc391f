import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';

import { corrupt } from './record.js';

/** Offsets within an LMDB meta page, data format 2, 64 bits, little-endian; there are two, at 0 and at the page size. */
const MAGIC_AT = 24;
const PAGE_SIZE_AT = 48;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const META_BYTES = 160;
const MAGIC = 0xbeefc0de;

/**
 * Looks at an LMDB file before LMDB maps it. Refuses one that is no LMDB file (STORE_CORRUPT). A file that is shorter
 * than its own account of itself is filled up with zeros: LMDB answers a zeroed page with an error, but a page beyond
 * the end of the file kills the process with SIGBUS. (It may be shorter and whole: free pages at the end need not exist.)
 */
export function prepareDataFile(path: string): void {
  const fd = openSync(path, 'r+');
  try {
    const { size } = fstatSync(fd);
    if (size === 0) return; // made, but never written to: LMDB starts afresh
    const first = readMeta(fd, 0, path);
    const second = readMeta(fd, first.pageSize, path);
    const latest = second.transaction > first.transaction ? second : first;
    const expected = (latest.lastPage + 1) * latest.pageSize;
    if (size < expected) ftruncateSync(fd, expected);
  } finally {
    closeSync(fd);
  }
}

interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: number;
}

function readMeta(fd: number, position: number, path: string): Meta {
  const bytes = Buffer.alloc(META_BYTES);
  const length = readSync(fd, bytes, 0, META_BYTES, position);
  if (length < META_BYTES || bytes.readUInt32LE(MAGIC_AT) !== MAGIC) {
    throw corrupt(`${path} is not an LMDB file`);
  }
  const pageSize = position === 0 ? bytes.readUInt32LE(PAGE_SIZE_AT) : position;
  if (pageSize < 256 || pageSize > 65536) throw corrupt(`${path} has pages of ${pageSize} bytes`);
  const lastPage = Number(bytes.readBigUInt64LE(LAST_PAGE_AT));
  if (lastPage > 2 ** 40) throw corrupt(`${path} has ${lastPage} pages`);
  return { pageSize, lastPage, transaction: Number(bytes.readBigUInt64LE(TRANSACTION_AT)) };
}
