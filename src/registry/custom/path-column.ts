import type { PathColumn } from './custom-kind.js';

/** A column of text at a path. */
export function pathColumn(name: string, path: string, description: string, priority: 0 | 1 = 0): PathColumn {
  return { name, type: 'string', format: '', description, priority, path };
}

/** A column of the age of a time at a path. */
export function dateColumn(name: string, path: string, description: string, priority: 0 | 1 = 0): PathColumn {
  return { name, type: 'date', format: '', description, priority, path };
}
