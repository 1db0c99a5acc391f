// Writes deploy/crds/*.yaml from the schemas of our kinds; with --check it only compares, and fails where they differ.
//   node --import tsx tools/generate-crds.mjs [--check]
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { stringify } from 'yaml';
import { customResourceDefinitionOf } from '../src/registry/custom/custom-resource-definition.ts';
import { OWN_KINDS } from '../src/registry/custom/own-kinds.ts';

const folder = fileURLToPath(new URL('../deploy/crds/', import.meta.url));
const HEAD = '# Made by `npm run generate` from the schemas in src/registry; `npm run check` compares.\n';

/** A definition as the repository formats YAML. */
async function textOf(kind) {
  const text = HEAD + stringify(customResourceDefinitionOf(kind), { aliasDuplicateObjects: false, lineWidth: 0 });
  const config = await resolveConfig(`${folder}x.yaml`);
  return format(text, { ...config, parser: 'yaml' });
}

const wanted = new Map();
for (const kind of OWN_KINDS) wanted.set(`${kind.resource}.yaml`, await textOf(kind));

if (process.argv.includes('--check')) {
  const there = readdirSync(folder).filter((file) => file !== 'kustomization.yaml');
  for (const file of new Set([...there, ...wanted.keys()])) {
    const text = wanted.get(file);
    if (text === undefined) console.error(`deploy/crds/${file}: nothing makes this file`);
    else if (!there.includes(file)) console.error(`deploy/crds/${file}: is missing`);
    else if (readFileSync(folder + file, 'utf8') !== text) console.error(`deploy/crds/${file}: is stale`);
    else continue;
    process.exitCode = 1;
  }
  if (process.exitCode === 1) console.error('npm run generate brings them up to date');
} else {
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of wanted) writeFileSync(folder + file, text);
}
