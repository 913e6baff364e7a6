/** Checks the import rules, and that the checker really read the project: one that reads nothing passes everything. */

import { readdirSync } from 'node:fs';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import rules from '../.dependency-cruiser.mjs';

const FOLDERS = ['shared', 'workers', 'core', 'cli'];

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.startsWith('wasm'),
  ),
).length;
const { output } = await cruise(FOLDERS, {
  ruleSet: { forbidden: rules.forbidden },
  validate: true,
  ...rules.options,
});
const { modules, summary } = output as ICruiseResult;
const read = modules.filter((module) => FOLDERS.some((folder) => module.source.startsWith(`${folder}/`)));
const imports = read.reduce((count, module) => count + module.dependencies.length, 0);
for (const violation of summary.violations) {
  console.error(`${violation.rule.severity}: ${violation.rule.name}: ${violation.from} -> ${violation.to}`);
}
console.log(`${read.length} modules with ${imports} imports read, ${summary.violations.length} violations`);
if (read.length < sources || imports < read.length) {
  console.error(
    `error: expected at least ${sources} modules with an import each; the checker did not read the project.`,
  );
  process.exitCode = 1;
}
if (summary.violations.some((violation) => violation.rule.severity === 'error')) process.exitCode = 1;
