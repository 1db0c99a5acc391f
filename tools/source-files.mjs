// Which files the repository has.
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

const NEVER = new Set(['node_modules', 'dist', '.git', 'coverage']);

/** Paths, relative to `root` and in order, of the files under `folders` whose name ends in one of `endings`. */
export function filesUnder(root, folders, endings) {
  const walk = (folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      if (NEVER.has(entry.name)) return [];
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return walk(path);
      return endings.some((ending) => entry.name.endsWith(ending)) ? [relative(root, path)] : [];
    });
  return folders
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap(walk)
    .sort();
}

/** Whether a file of src/ is there for tests: a test itself, or in a folder `testing`. */
export function isTestCode(path) {
  return path.endsWith('.test.ts') || path.split('/').includes('testing');
}
