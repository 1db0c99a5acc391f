// Checks that what the documents say is so: links lead somewhere, every error code is in the catalogue and the other
// way round, every divergence names a test that exists, every claim of compatibility quotes a test that is in its file, every dependency has its ADR, nothing names the machine that it
// was written on, and the README's two commands are there.
//   check-docs.mjs [ROOT...]
import { existsSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { dirname, join, normalize } from 'node:path';

import { filesUnder, isTestCode } from './source-files.mjs';
import { runCheck } from './run-check.mjs';

/** Folders of a machine, and hosts of package registries. Recorded data may hold anything. */
const TRACES = [
  { what: 'a path of a machine', pattern: /(?<![\w.$}:/-])\/(?:work|tmp|root|home\/\w+|Users\/\w+)\/[\w.-]/ },
  {
    what: 'a host of a package registry',
    pattern: /registry\.(?:npmjs|yarnpkg|npmmirror)\.\w+|\b(?:deb|security)\.debian\.org/,
  },
];
const RECORDED = /^(?:test\/vectors\/|test\/acceptance\/conversations\.json$)/;

runCheck((root) => {
  const tracked = trackedFiles(root);
  const documents = tracked.filter((path) => path.endsWith('.md'));
  return [
    ...documents.flatMap((path) => linkProblems(root, path)),
    ...errorProblems(root),
    ...divergenceProblems(root),
    ...compatibilityProblems(root),
    ...dependencyProblems(root),
    ...tracked.flatMap((path) => traceProblems(root, path)),
    ...readmeProblems(root),
  ];
});

/** Files under version control, or all where there is none. */
function trackedFiles(root) {
  const listed = existsSync(join(root, '.git'))
    ? spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    : undefined;
  const paths = listed?.status === 0 ? listed.stdout.split('\n').filter(Boolean) : filesUnder(root, ['.'], ['']);
  return paths.filter((path) => existsSync(join(root, path)));
}

function read(root, path) {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';
}

/** Relative links, and anchors in documents. Code is no text. */
function linkProblems(root, path) {
  const problems = [];
  for (const [index, line] of withoutCode(read(root, path)).split('\n').entries()) {
    for (const [, target] of line.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)) {
      if (/^[a-z][a-z+.-]*:/i.test(target)) continue;
      const [file, anchor] = target.split('#');
      const to = file === '' ? path : normalize(join(dirname(path), decodeURIComponent(file)));
      if (to.startsWith('..') || !existsSync(join(root, to))) {
        problems.push(`${path}:${index + 1}: links to ${target}, which is not there`);
      } else if (anchor !== undefined && to.endsWith('.md') && !anchorsOf(root, to).has(anchor)) {
        problems.push(`${path}:${index + 1}: links to ${target}, which has no such heading`);
      }
    }
  }
  return problems;
}

function withoutCode(text) {
  const blank = (match) => match.replace(/[^\n]/g, ' ');
  return text.replace(/^( *)(```+|~~~+)[\s\S]*?^\1\2/gm, blank).replace(/`[^`\n]*`/g, blank);
}

function anchorsOf(root, path) {
  const headings = read(root, path).matchAll(/^#{1,6}\s+(.*)$/gm);
  const slug = (text) =>
    text
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
  return new Set([...headings].map(([, text]) => slug(text)));
}

/** The union in src/base/error.ts, the rows of docs/errors.md, and what the code throws are the same. */
function errorProblems(root) {
  const union = /export type ErrorCode =([\s\S]*?);/.exec(read(root, 'src/base/error.ts'))?.[1] ?? '';
  const codes = new Set([...union.matchAll(/'([A-Z0-9_]+)'/g)].map(([, code]) => code));
  const rows = [...read(root, 'docs/errors.md').matchAll(/^\| `([A-Z0-9_]+)`\s*\|/gm)].map(([, code]) => code);
  const problems = rows.filter((row, i) => rows.indexOf(row) !== i).map((row) => `docs/errors.md: ${row} has two rows`);
  for (const code of codes) if (!rows.includes(code)) problems.push(`docs/errors.md: ${code} has no row`);
  for (const row of new Set(rows))
    if (!codes.has(row)) problems.push(`docs/errors.md: ${row} is no code of src/base/error.ts`);
  const sources = filesUnder(root, ['src'], ['.ts', '.tsx']).filter(
    (path) => !isTestCode(path) && path !== 'src/base/error.ts',
  );
  const text = sources.map((path) => read(root, path)).join('\n');
  for (const code of codes) if (!text.includes(`'${code}'`)) problems.push(`src/base/error.ts: nothing uses ${code}`);
  return problems;
}

/** Each row of a table and each item of a list in docs/divergences.md names a test file that is there. */
function divergenceProblems(root) {
  const path = 'docs/divergences.md';
  const lines = withoutFences(read(root, path)).split('\n');
  const problems = [];
  for (const [index, line] of lines.entries()) {
    const isRow =
      line.startsWith('|') && !/^\|[\s|:-]+\|$/.test(line) && !/^\|[\s|:-]+\|$/.test(lines[index + 1] ?? '');
    const isItem = /^[-*] /.test(line);
    if (!isRow && !isItem) continue;
    // an item may go on in indented lines
    let whole = line;
    for (let next = index + 1; isItem && /^\s+\S/.test(lines[next] ?? ''); next++) whole += ` ${lines[next]}`;
    const named = [...whole.matchAll(/(?:src|test)\/[\w./-]+\.(?:test\.ts|mjs|sh)/g)].map(([file]) => file);
    if (named.length === 0) problems.push(`${path}:${index + 1}: names no test`);
    for (const file of new Set(named)) {
      if (!existsSync(join(root, file))) problems.push(`${path}:${index + 1}: names ${file}, which is not there`);
    }
  }
  return problems;
}

function withoutFences(text) {
  return text.replace(/^( *)(```+|~~~+)[\s\S]*?^\1\2/gm, (match) => match.replace(/[^\n]/g, ' '));
}

/**
 * docs/compatibility.md: clients with the same features in the same order, each shown by tests that are there, or a "no"
 * with its reason; then whatever has features of its own, shown by tests.
 */
function compatibilityProblems(root) {
  const path = 'docs/compatibility.md';
  const problems = [];
  const sections = read(root, path).split(/^## /m).slice(1);
  const [first, ...others] = sections.map((text) => ({
    title: text.split('\n', 1)[0],
    rows: text.split('\n').flatMap((line) => {
      const cells = /^\| (.*?) *\| (.*?) *\|$/.exec(line);
      return cells === null || /^-+$/.test(cells[1]) ? [] : [{ feature: cells[1], shown: cells[2] }];
    }),
  }));
  if (first === undefined || first.rows.length < 2) return [`${path}: has no client with features`];
  const features = ({ rows }) => rows.map(({ feature }) => feature).join('\n');
  for (const section of [first, ...others]) {
    const where = `${path}: ${section.title}`;
    const [head, ...rows] = section.rows;
    if (rows.length === 0) problems.push(`${where}: has no features`);
    if (head?.feature === first.rows[0].feature && features(section) !== features(first)) {
      problems.push(`${where}: has other features than ${first.title}`);
    }
    for (const { feature, shown } of rows) {
      for (const problem of shownProblems(root, shown)) problems.push(`${where}: ${feature}: ${problem}`);
    }
  }
  return problems;
}

/** `no: reason`, or links to files of tests, each with names of tests in it. */
function shownProblems(root, shown) {
  if (/^no\b/.test(shown)) return /^no: \w/.test(shown) ? [] : ['says no without a reason'];
  const claims = [...shown.matchAll(/\]\(\.\.\/([^)]+)\)((?:,? `[^`]+`)*)/g)];
  const rest = claims.reduce((text, [claim]) => text.replace(claim, ''), shown);
  if (claims.length === 0 || !/^(?:\[[^\]]+(?:, )?)+$/.test(rest)) return ['is not shown by tests'];
  return claims.flatMap(([, file, quoted]) => {
    const names = [...quoted.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    if (names.length === 0) return [`quotes no test of ${file}`];
    const text = /\.test\.ts$/.test(file) ? read(root, file) : '';
    return names.filter((name) => !hasTest(text, name)).map((name) => `${file} has no test "${name}"`);
  });
}

function hasTest(text, name) {
  const literal = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?:\\b(?:test|suite)\\(\\s*|\\bname: )(['"])${literal}\\1`).test(text);
}

/** Every dependency stands in the `Packages:` line of an ADR, and the other way round. */
function dependencyProblems(root) {
  const manifest = JSON.parse(read(root, 'package.json') || '{}');
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  const decided = new Map();
  for (const path of filesUnder(root, ['docs/adr'], ['.md'])) {
    for (const [, list] of read(root, path).matchAll(/^Packages: (.*)$/gm)) {
      for (const [, name] of list.matchAll(/`([^`]+)`/g)) decided.set(name, path);
    }
  }
  return [
    ...dependencies.filter((name) => !decided.has(name)).map((name) => `package.json: ${name} has no ADR in docs/adr`),
    ...[...decided].flatMap(([name, path]) =>
      dependencies.includes(name) ? [] : [`${path}: ${name} is no dependency`],
    ),
  ];
}

/** Nothing that is only true of one machine. */
function traceProblems(root, path) {
  if (RECORDED.test(path)) return [];
  const text = read(root, path);
  if (text.includes('\0')) return [];
  const lines = text.split('\n');
  return TRACES.flatMap(({ what, pattern }) =>
    lines.flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: names ${what}`] : [])),
  );
}

function readmeProblems(root) {
  const text = read(root, 'README.md');
  return ['npm ci && npm run tutorial', 'npm ci && npm test']
    .filter((command) => !text.includes(command))
    .map((command) => `README.md: does not say ${command}`);
}
