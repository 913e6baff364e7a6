/**
 * `npm run bench:startup`: what the desktop does between its start and the first paint, against what it must reach. Main is run
 * in plain Node with the fake Electron, where "painted" means that the page and what it names have been served; where
 * Electron's binary is, also in Electron itself.
 *
 *   --rounds N   starts of each kind (default 7)
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startDesktop } from '../tests/desktop/harness.ts';
import { startProgram } from '../tests/electron/program.ts';
import { findDesktop, thisMachine } from '../tools/desktop.ts';
import { median } from './harness/rounds.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const ROUNDS = Number(values.rounds);
if (!Number.isInteger(ROUNDS) || ROUNDS < 1) {
  process.stderr.write(`--rounds: expected a whole number from 1 on, not ${values.rounds}.\n`);
  process.exit(2);
}

/** Milliseconds since the process of main began. */
type Marks = Readonly<Record<string, number>>;

interface Limit {
  readonly what: string;
  readonly valueMs: number;
  /** Times the start of a bare Node.js; null where it is told alone. */
  readonly atMost: number | null;
}

/** From spawning Node.js with nothing to do until it has ended. */
async function measureNode(): Promise<number> {
  const startedMs = performance.now();
  await once(spawn(process.execPath, ['--eval', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - startedMs;
}

async function measureFake(dataDirectory: string): Promise<Marks> {
  const desktop = await startDesktop({ dataDirectory });
  try {
    return await desktop.until(() => {
      const marks = performance.getEntriesByType('mark');
      const found = Object.fromEntries(
        marks.map(({ name, startTime }) => [name.replace('pixcrawler:', ''), startTime]),
      );
      return found.core !== undefined && found.painted !== undefined ? found : null;
    });
  } finally {
    await desktop.close();
  }
}

async function measureElectron(binaryPath: string, dataDirectory: string): Promise<Marks> {
  const { application, page, close } = await startProgram(binaryPath, dataDirectory);
  try {
    await page.getByRole('heading', { level: 1 }).waitFor();
    return await application.evaluate(async () => {
      for (;;) {
        const marks = performance.getEntriesByType('mark');
        const found = Object.fromEntries(
          marks.map(({ name, startTime }) => [name.replace('pixcrawler:', ''), startTime]),
        );
        if (found.core !== undefined && found.painted !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
  } finally {
    await close();
  }
}

/** Medians over rounds that follow one that fills the caches of the system and of Node.js. */
async function repeat<T>(measure: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const result = await measure();
    if (round > 0) results.push(result);
  }
  return results;
}

function between(rounds: readonly Marks[], from: string, to: string): number {
  return median(rounds.map((marks) => (marks[to] ?? Number.NaN) - (marks[from] ?? Number.NaN)));
}

function print({ what, valueMs, atMost }: Limit, nodeMs: number): boolean {
  const ratio = valueMs / nodeMs;
  const isReached = atMost === null || ratio <= atMost;
  const limit = atMost === null ? '' : ` (at most ${atMost})`;
  console.log(
    `${isReached ? 'pass' : 'MISS'}  ${what}: ${valueMs.toFixed(0)} ms, ${ratio.toFixed(2)} of Node.js${limit}`,
  );
  return isReached;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pixcrawler-startup-'));
  try {
    const nodeMs = median(await repeat(measureNode));
    console.log(`Node.js with nothing to do: ${nodeMs.toFixed(0)} ms`);
    const fake = await repeat(() => measureFake(join(folder, 'fake')));
    const limits: Limit[] = [
      { what: 'main is read and evaluated', valueMs: between(fake, 'fake:entry', 'evaluated'), atMost: 2 },
      { what: 'evaluated to window created', valueMs: between(fake, 'evaluated', 'window'), atMost: 2 },
      { what: 'evaluated to page served', valueMs: between(fake, 'evaluated', 'painted'), atMost: 4 },
      { what: 'evaluated to core ready', valueMs: between(fake, 'evaluated', 'core'), atMost: 15 },
    ];
    const electron = await findDesktop(thisMachine(process.env));
    if (!electron.isPossible) console.log(`skipped: the same in Electron, because ${electron.reason}`);
    else {
      const { binaryPath } = electron;
      const rounds = await repeat(() => measureElectron(binaryPath, join(folder, 'electron')));
      for (const mark of ['evaluated', 'window', 'painted', 'core']) {
        const valueMs = median(rounds.map((marks) => marks[mark] ?? Number.NaN));
        limits.push({ what: `Electron: start to ${mark}`, valueMs, atMost: null });
      }
    }
    if (!limits.map((limit) => print(limit, nodeMs)).every(Boolean)) process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

await main();
