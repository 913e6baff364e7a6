/** The built program as a user runs it, to be killed and asked again; and where children of it are found. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { JobCounts } from '../../shared/contract/jobs.ts';

export const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const CLI = join(REPOSITORY, 'dist/cli.js');

/** The long forms, for a release or by night; see CONTRIBUTING. */
export const IS_LONG_FORM = process.env.RELIABILITY === 'full';

/** The last line of a job's output. */
export interface ResultLine {
  readonly type: 'result';
  readonly jobId: number;
  readonly status: string;
  readonly counts: JobCounts;
  readonly reasons: Readonly<Record<string, number>>;
  readonly durationMs: number;
}

export interface Ended {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Parsed lines of stdout. */
  readonly lines: readonly Record<string, unknown>[];
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface CliOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** What runs the program, such as strace with its flags. */
  readonly under?: readonly string[];
}

/** Starts `pixcrawler --data-dir DIR --json …` as it is built. */
export function startCli(
  dataDirectory: string,
  commandLine: readonly string[],
  { environment = {}, under = [] }: CliOptions = {},
): RunningCli {
  if (!existsSync(CLI)) throw new Error(`Expected the build at ${CLI}. Run "npm run build" first.`);
  const words = [...under, process.execPath, CLI, '--data-dir', dataDirectory, '--json', ...commandLine];
  const child = spawn(words[0] as string, words.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A test may fill the disk on purpose, but must not fail because the machine's own is nearly full.
    env: { ...process.env, PIXCRAWLER_STORAGE_MIN_FREE_BYTES: '0', ...environment },
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      // A process that was killed may have left half a line.
      const lines = stdout.split('\n').slice(0, -1).filter(Boolean);
      resolve({ exitCode, signal, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>), stderr });
    });
  });
  return { child, ended };
}

/** Runs a command to its end. @throws when it ends by a signal, or with a code that is not expected (default 0) */
export async function runCli(
  dataDirectory: string,
  commandLine: readonly string[],
  options: CliOptions & { readonly exitCodes?: readonly number[] } = {},
): Promise<Ended> {
  const ended = await startCli(dataDirectory, commandLine, options).ended;
  if (ended.exitCode === null || !(options.exitCodes ?? [0]).includes(ended.exitCode)) {
    const last = JSON.stringify(ended.lines.at(-1) ?? null);
    throw new Error(`${commandLine.join(' ')} ended with ${ended.exitCode ?? ended.signal}: ${last} ${ended.stderr}`);
  }
  return ended;
}

/** The result of each job that a command reported. */
export function resultsOf(ended: Ended): ResultLine[] {
  return ended.lines.filter((line) => line.type === 'result') as unknown as ResultLine[];
}

export function resultOf(ended: Ended): ResultLine {
  const [result] = resultsOf(ended);
  if (result === undefined) throw new Error(`Expected a result line, got ${JSON.stringify(ended.lines.at(-1))}`);
  return result;
}

/** Ids of the living children of a process; Linux only, none elsewhere. */
export function childrenOf(processId: number): number[] {
  try {
    const ids = readFileSync(`/proc/${processId}/task/${processId}/children`, 'utf8').split(' ').filter(Boolean);
    return ids.map(Number);
  } catch {
    return [];
  }
}

/** A folder that goes with the test. */
export async function temporaryFolder(context: TestContext, name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `pixcrawler-${name}-`));
  // Worker processes of a killed core may still be writing in it.
  context.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
  return folder;
}
