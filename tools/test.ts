/**
 * Runs the test files and ends with their count. Arguments are files or folders; all of them by default. Where the
 * variable CI is set everything is installed, so a skipped test means that something was not looked at: it fails the
 * run, unless what is missing is reference data (`tests/reference-data.ts`).
 */

import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const FOLDERS = ['shared', 'sdk', 'workers', 'core', 'server', 'electron', 'cli', 'renderer', 'tests', 'tools'];
const CONCURRENCY = 2;
/** One file may take this long; the long forms of RELIABILITY=full get more. */
const TIMEOUT_MS = process.env.RELIABILITY === 'full' ? 3_600_000 : 300_000;

function testFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name !== 'node_modules')
    .flatMap((name) => {
      const child = join(path, name);
      if (statSync(child).isDirectory()) return testFiles(child);
      return name.endsWith('.test.ts') ? [child] : [];
    });
}

const wanted = process.argv.slice(2);
const files = (wanted.length > 0 ? wanted : FOLDERS).flatMap((path) =>
  testFiles(join(root, relative(root, join(root, path)))),
);
if (files.length === 0) throw new Error('No test file was found: the runner looked in the wrong place.');

const counts = { passed: 0, failed: 0, skipped: 0 };
const skips: { readonly name: string; readonly reason: string }[] = [];
const failures: string[] = [];

const stream = run({ files, concurrency: CONCURRENCY, timeout: TIMEOUT_MS, cwd: root });
stream.on('test:pass', ({ name, details, skip }) => {
  if (skip !== undefined) skips.push({ name, reason: typeof skip === 'string' ? skip : '' });
  else if (details.type !== 'suite' && !name.endsWith('.test.ts')) counts.passed++;
});
stream.on('test:fail', ({ name, file, details }) => {
  if (details.type === 'suite') return;
  counts.failed++;
  failures.push(`${name} (${file === undefined ? 'unknown file' : relative(root, file)})`);
});
stream.compose(spec).pipe(process.stdout);
stream.on('end', () => {
  counts.skipped = skips.length;
  for (const { name, reason } of skips) process.stdout.write(`skipped: ${name}: ${reason || 'no reason given'}\n`);
  for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
  const refused =
    process.env.CI === undefined ? [] : skips.filter(({ reason }) => !reason.startsWith('reference data'));
  if (refused.length > 0) process.stdout.write(`error: ${refused.length} tests were skipped that must run on CI\n`);
  process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  process.exitCode = counts.failed > 0 || counts.passed === 0 || refused.length > 0 ? 1 : 0;
});
