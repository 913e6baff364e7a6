/** Checks the import rules, and that the checker really read the project: one that reads nothing passes everything. */

import { readdirSync } from 'node:fs';
import { checkLayers } from './layer-rules.ts';

const FOLDERS = ['shared', 'workers', 'core', 'cli', 'sdk', 'server', 'renderer'];

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.tsx?$/.test(name) && !name.startsWith('wasm'),
  ),
).length;
const { modules, summary } = await checkLayers(process.cwd(), FOLDERS);
const read = modules.filter((module) => FOLDERS.some((folder) => module.source.startsWith(`${folder}/`)));
const imports = read.reduce((count, module) => count + module.dependencies.length, 0);
for (const { rule, from, to } of summary.violations) console.error(`error: ${rule.name}: ${from} -> ${to}`);
console.log(`${read.length} modules with ${imports} imports read, ${summary.violations.length} violations`);
if (read.length < sources || imports < read.length) {
  console.error(`error: expected ${sources} modules with an import each; the checker did not read the project.`);
  process.exitCode = 1;
}
if (summary.violations.length > 0) process.exitCode = 1;
