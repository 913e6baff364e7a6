/** Checks the rules on imports and SQL, and that the checker really read the project: one that reads nothing passes everything. */

import { readdirSync } from 'node:fs';
import { checkLayers } from './layer-rules.ts';

const FOLDERS = ['shared', 'workers', 'core', 'cli', 'sdk', 'server', 'electron', 'renderer'];

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.tsx?$/.test(name) && !name.startsWith('wasm'),
  ),
).length;
const { modules, statements, violations } = await checkLayers(process.cwd(), FOLDERS);
const read = modules.filter((module) => FOLDERS.some((folder) => module.source.startsWith(`${folder}/`)));
const imports = read.reduce((count, module) => count + module.dependencies.length, 0);
for (const { rule, from, to } of violations) console.error(`error: ${rule}: ${from} -> ${to}`);
console.log(
  `${read.length} modules with ${imports} imports and ${statements} SQL statements read, ${violations.length} violations`,
);
if (read.length < sources || imports < read.length) {
  console.error(`error: expected ${sources} modules with an import each; the checker did not read the project.`);
  process.exitCode = 1;
}
if (statements === 0) {
  console.error('error: expected SQL statements in the repositories; the checker found none.');
  process.exitCode = 1;
}
if (violations.length > 0) process.exitCode = 1;
