import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TOOLS = fileURLToPath(new URL('../../tools/', import.meta.url));

/** Files of a small repository, by path. */
export type Tree = Readonly<Record<string, string>>;

/** Runs a check of tools/ on several trees at once; the answer is what it found in each, line by line. */
export function findings(check: string, trees: readonly Tree[]): readonly (readonly string[])[] {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-trees-'));
  try {
    const roots = trees.map((tree, i) => plant(join(folder, String(i)), tree));
    const run = spawnSync(process.execPath, [join(TOOLS, check), ...roots], { encoding: 'utf8' });
    const found = run.stderr.split(/^# .*$/m).map((part) => part.split('\n').filter((line) => line !== ''));
    const [before = [], ...byTree] = found;
    const isClean = byTree.every((lines) => lines.length === 0);
    if (before.length > 0 || byTree.length !== trees.length || (run.status === 0) !== isClean) {
      throw new Error(`${check} ended with ${run.status}:\n${run.stderr}`);
    }
    return byTree;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function plant(root: string, tree: Tree): string {
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
