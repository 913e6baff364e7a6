/**
 * `npm run bench`: how far PixCrawler is from what the machine can do, as ratios of two sides measured in turns.
 *
 *   --only NAME     one row, or several: --only crawl --only import
 *   --rounds N      clean rounds wanted, 5 or more; default 5
 *   --json          one JSON object a line instead of the table
 *
 * Ends with 1 when a floor is missed.
 */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BenchContext } from './harness/context.ts';
import { describeMachine, SEES_CPU } from './harness/machine.ts';
import { Missing } from './harness/programs.ts';
import { collectingRows } from './rows/collecting.ts';
import { duplicatesRows } from './rows/duplicates.ts';
import { exportingRows } from './rows/exporting.ts';
import { inspectingRows } from './rows/inspecting.ts';
import { libraryRows } from './rows/library.ts';
import { isMissed, type Line, type Row, reachesAim } from './rows/row.ts';

const LEAST_ROUNDS = 5;
const ROWS: readonly Row[] = [
  ...collectingRows,
  ...inspectingRows,
  ...duplicatesRows,
  ...libraryRows,
  ...exportingRows,
];

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    rounds: { type: 'string', default: String(LEAST_ROUNDS) },
    json: { type: 'boolean', default: false },
  },
});

function fail(message: string): never {
  process.stderr.write(`error: ${message}\n`);
  process.exit(2);
}

const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < LEAST_ROUNDS) {
  fail(`Expected --rounds to be a whole number of at least ${LEAST_ROUNDS}, got "${values.rounds}".`);
}
const names = ROWS.map((row) => row.name);
const only = values.only ?? names;
for (const name of only) {
  if (!names.includes(name)) fail(`Expected --only to be one of ${names.join(', ')}, got "${name}".`);
}

function verdictOf(line: Line): string {
  if (isMissed(line)) return 'MISS';
  return reachesAim(line) ? 'pass, aim reached' : 'pass';
}

/** How a value is written: ratios with two digits, amounts whole. */
function written(value: number, unit: Line['unit']): string {
  return unit === '' ? value.toFixed(2) : `${Math.round(value)} ${unit}`;
}

function tell(row: Row, line: Line): void {
  if (values.json) {
    const { goal, ...rest } = line;
    console.log(JSON.stringify({ type: 'line', row: row.name, ...rest, ...goal, verdict: verdictOf(line) }));
    return;
  }
  const sign = line.goal.better === 'higher' ? 'at least' : 'at most';
  const value = `${line.doubtful ? '~' : ''}${written(line.value, line.unit)}`;
  const goals = `${sign} ${written(line.goal.floor, line.unit)}, aim ${written(line.goal.aim, line.unit)}`;
  console.log(`${row.name.padEnd(10)} ${line.what}, against ${line.against}`);
  console.log(`${' '.repeat(10)} ${value}  (${goals})  ${verdictOf(line)}`);
  console.log(`${' '.repeat(10)} ${line.sides}${line.cpu === '' ? '' : `; CPU ${line.cpu}`}; ${line.rounds}`);
}

const folder = mkdtempSync(join(tmpdir(), 'pixcrawler-bench-'));
const context = new BenchContext(folder, rounds, (text) => {
  if (process.stderr.isTTY) process.stderr.write(`  ${text}\n`);
});
const missed: string[] = [];
const failed: string[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    // The processes that were started end when this one does; waiting for them could take as long as what they are at.
    try {
      context.remove(folder);
    } finally {
      process.exit(130);
    }
  });
}
try {
  const { from } = await context.pictures();
  if (values.json) {
    console.log(JSON.stringify({ type: 'machine', machine: describeMachine(), pictures: from, rounds }));
  } else {
    console.log(`${describeMachine()}; ${from}; ${rounds} rounds in turns`);
    console.log('Ours first, then what it is measured against. ~ marks values from too few undisturbed rounds.');
    if (!SEES_CPU) console.log('This system does not tell who uses the CPU: disturbed rounds cannot be told apart.');
    console.log();
  }
  for (const row of ROWS) {
    if (!only.includes(row.name)) continue;
    try {
      for (const line of await row.measure(context)) {
        tell(row, line);
        if (isMissed(line)) missed.push(`${row.name}: ${line.what}`);
      }
    } catch (error) {
      const skipped = error instanceof Missing;
      const message = error instanceof Error ? error.message : String(error);
      if (!skipped) failed.push(`${row.name}: ${message}`);
      if (values.json) console.log(JSON.stringify({ type: skipped ? 'skipped' : 'failed', row: row.name, message }));
      else console.log(`${row.name.padEnd(10)} ${skipped ? 'skipped' : 'FAILED'}: ${message}`);
    }
  }
} finally {
  await context.close();
}
if (!values.json) {
  console.log();
  const summary = [...missed.map((each) => `floor missed, ${each}`), ...failed.map((each) => `failed, ${each}`)];
  console.log(summary.length === 0 ? 'Every floor was reached.' : summary.join('\n'));
}
process.exitCode = missed.length + failed.length > 0 ? 1 : 0;
