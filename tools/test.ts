/** Runs the test files and ends with their count. Arguments are files or folders; all of them by default. */

import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const FOLDERS = ['shared', 'workers', 'core', 'cli', 'tests'];
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
const skips: string[] = [];
const stream = run({ files, concurrency: CONCURRENCY, timeout: TIMEOUT_MS, cwd: root });
stream.on('test:pass', (event) => {
  if (event.details.type === 'suite') return;
  if (event.skip !== undefined) {
    counts.skipped++;
    skips.push(`${event.name}: ${String(event.skip)}`);
  } else if (!isFile(event)) counts.passed++;
});
stream.on('test:fail', (event) => {
  if (event.details.type !== 'suite') counts.failed++;
});
function isFile(event: { readonly name: string }): boolean {
  return event.name.endsWith('.test.ts');
}
stream.compose(spec).pipe(process.stdout);
stream.on('end', () => {
  for (const skip of skips) process.stdout.write(`skipped: ${skip}\n`);
  // A skip where everything is installed means that something was not looked at.
  const isFailure = counts.failed > 0 || counts.passed === 0 || (process.env.CI !== undefined && counts.skipped > 0);
  process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  process.exitCode = isFailure ? 1 : 0;
});
