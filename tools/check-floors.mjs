// Checks that the code stands on its floors: imports go down only (type imports too), adapters are reached from where
// they are wired, packages are imported where they belong, nothing imports in a circle, no file is too long.
//   check-floors.mjs [ROOT...]
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

import { ADAPTERS, FLOORS, LAZY, MAX_LINES, PACKAGES } from './floors.mjs';
import { importsOf } from './imports-of.mjs';
import { runCheck } from './run-check.mjs';
import { filesUnder, isTestCode } from './source-files.mjs';

runCheck((root) => {
  const files = filesUnder(root, ['src'], ['.ts', '.tsx']);
  const imports = new Map(files.map((path) => [path, importsOf(root, path)]));
  return [
    ...[...imports].flatMap(([path, found]) => found.flatMap((one) => problemsOfImport(root, path, one))),
    ...circles(imports),
    ...dependencyProblems(root, imports),
    ...lengthProblems(root),
  ];
});

function problemsOfImport(root, path, { specifier, line, kind }) {
  const at = `${path}:${line}`;
  if (!specifier.startsWith('.')) return isTestCode(path) ? [] : packageProblems(at, path, specifier, kind);
  const target = resolveImport(path, specifier);
  if (!existsSync(join(root, target))) return [`${at}: imports ${specifier}, which is no file`];
  if (isTestCode(path)) return [];
  if (!target.startsWith('src/')) return [`${at}: imports ${target}, which is outside src/`];
  if (isTestCode(target)) return [`${at}: imports ${target}, which is there for tests`];
  return [...floorProblems(at, path, target), ...adapterProblems(at, path, target)];
}

function floorProblems(at, path, target) {
  const [from, to] = [folderOf(path), folderOf(target)];
  if (from === to) return [];
  const allowed = FLOORS[from];
  if (allowed === undefined) return [`${at}: ${from}/ is not in the floor table`];
  if (allowed === '*' || allowed.includes(to)) return [];
  return [`${at}: ${from}/ may not import ${to}/ (${target})`];
}

function adapterProblems(at, path, target) {
  return Object.entries(ADAPTERS).flatMap(([adapter, users]) => {
    const inside = (file) => file.startsWith(`src/${adapter}/`);
    const isUser = users.includes(folderOf(path)) || users.includes(path.slice('src/'.length));
    if (!inside(target) || inside(path) || isUser) return [];
    return [`${at}: ${adapter}/ may be imported by ${users.join(' and ')} only`];
  });
}

function packageProblems(at, path, specifier, kind) {
  const folder = Object.keys(PACKAGES)
    .filter((candidate) => path.startsWith(`src/${candidate}/`))
    .sort((a, b) => b.length - a.length)[0];
  const allowed = PACKAGES[folder] ?? [];
  const isAllowed = allowed.some((one) => (one === 'node:*' ? specifier.startsWith('node:') : one === specifier));
  if (!isAllowed) return [`${at}: ${folder ?? folderOf(path)}/ may not import ${specifier}`];
  if (kind === 'static' && LAZY.includes(specifier)) {
    return [`${at}: ${specifier} is loaded only when needed: use import() or import type`];
  }
  return [];
}

/** Circles of files that import each other; type imports count, tests do not. */
function circles(imports) {
  const graph = new Map();
  for (const [path, found] of imports) {
    if (isTestCode(path)) continue;
    const local = found.filter(({ specifier }) => specifier.startsWith('.'));
    graph.set(
      path,
      local.map(({ specifier }) => resolveImport(path, specifier)),
    );
  }
  const problems = [];
  const state = new Map();
  const visit = (path, trail) => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      problems.push(`imports in a circle: ${[...trail.slice(trail.indexOf(path)), path].join(' -> ')}`);
      return;
    }
    state.set(path, 'open');
    for (const target of graph.get(path) ?? []) if (target !== path) visit(target, [...trail, path]);
    state.set(path, 'done');
  };
  for (const path of graph.keys()) visit(path, []);
  return problems;
}

/** What is imported must be a dependency, of the right kind, and every dependency must be used. */
function dependencyProblems(root, imports) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const runtime = new Set(Object.keys(manifest.dependencies ?? {}));
  const development = new Set(Object.keys(manifest.devDependencies ?? {}));
  const used = new Set();
  const problems = [];
  for (const [path, found] of imports) {
    for (const { specifier, line } of found) {
      if (specifier.startsWith('.') || specifier.startsWith('node:')) continue;
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      used.add(name);
      const known = runtime.has(name) || (path.endsWith('.test.ts') && development.has(name));
      if (!known) problems.push(`${path}:${line}: ${name} is not in the dependencies of package.json`);
    }
  }
  for (const name of runtime) if (!used.has(name)) problems.push(`package.json: nothing in src/ imports ${name}`);
  return problems;
}

/** Files above the limit must be in tools/waivers.json, with a reason; waivers that waive nothing must not. */
function lengthProblems(root) {
  const path = join(root, 'tools/waivers.json');
  const waivers = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
  const waived = new Map(waivers.map((waiver) => [waiver.file, waiver]));
  const problems = waivers.flatMap(({ file, reason }) =>
    typeof reason === 'string' && reason !== '' ? [] : [`tools/waivers.json: ${file} has no reason`],
  );
  for (const file of filesUnder(root, ['src', 'test', 'bench', 'tools'], ['.ts', '.tsx', '.mjs'])) {
    const lines = readFileSync(join(root, file), 'utf8').split('\n').length - 1;
    if (lines <= MAX_LINES) continue;
    if (!waived.delete(file)) problems.push(`${file}: ${lines} lines, at most ${MAX_LINES} are allowed`);
  }
  for (const file of waived.keys()) problems.push(`tools/waivers.json: ${file} needs no waiver`);
  return problems;
}

function resolveImport(path, specifier) {
  return normalize(join(dirname(path), specifier)).replace(/\.js$/, '.ts');
}

function folderOf(path) {
  return path.split('/')[1];
}
