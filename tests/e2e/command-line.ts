/** The built command line as a user starts it, on data directories of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
if (!existsSync(PROGRAM)) throw new Error('Expected dist/cli.js; run "npm run build" first.');

/** What the last line of a job says. */
export interface JobResult {
  readonly type: 'result';
  readonly jobId: number;
  readonly status: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly reasons: Readonly<Record<string, number>>;
  readonly durationMs: number;
}

export interface PrintedSample {
  readonly sha256: string;
  readonly label: string | null;
  readonly status: string;
  readonly reasons: readonly string[];
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly bytes: number;
  readonly origins: readonly {
    readonly source: string;
    readonly pageUrl: string | null;
    readonly imageUrl: string;
    readonly licence: string | null;
    readonly creator: string | null;
    readonly consent: {
      readonly verdict: string;
      readonly signals: readonly { readonly signal: string; readonly refused: boolean; readonly evidence: string }[];
    };
    readonly fetchedAt: string;
  }[];
  readonly keeper: { readonly sha256: string; readonly distance: number } | null;
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

/** A data directory and the commands run on it. */
export class CommandLine {
  readonly root: string;
  readonly dataDirectory: string;
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(root: string, environment: Readonly<Record<string, string>>) {
    this.root = root;
    this.dataDirectory = join(root, 'data');
    this.#environment = environment;
  }

  /** @param environment settings by environment variable; no delay between requests unless told */
  static async make(environment: Readonly<Record<string, string>> = {}): Promise<CommandLine> {
    const root = await mkdtemp(join(tmpdir(), 'pixcrawler-e2e-'));
    return new CommandLine(root, { PIXCRAWLER_CRAWL_DELAY_MS: '0', PIXCRAWLER_WORKERS_PROCESSES: '1', ...environment });
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  start(...words: string[]): Started {
    const environment: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1', ...this.#environment };
    // Another command line's settings must not leak in.
    delete environment.NODE_TEST_CONTEXT;
    const child = spawn(process.execPath, [PROGRAM, '--data-dir', this.dataDirectory, ...words], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const ended = new Promise<Ran>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
    return { child, ended };
  }

  run(...words: string[]): Promise<Ran> {
    return this.start(...words).ended;
  }

  /** Runs a command that must succeed. */
  async succeed(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...words);
    if (code !== 0) throw new Error(`pixcrawler ${words.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /** Runs a command with --json; every line of stdout must be an object. */
  async json(...words: string[]): Promise<{ code: number | null; lines: Record<string, unknown>[]; stderr: string }> {
    const { code, stdout, stderr } = await this.run('--json', ...words);
    return { code, lines: parseLines(stdout), stderr };
  }

  /** Runs a command that starts or resumes one job. */
  async job(...words: string[]): Promise<JobResult & { readonly code: number | null }> {
    const { code, lines, stderr } = await this.json(...words);
    const result = lines.at(-1);
    if (result?.type !== 'result') throw new Error(`No result of "${words.join(' ')}" (${code}): ${stderr}`);
    return { ...(result as unknown as JobResult), code };
  }

  async samples(dataset: string, ...options: string[]): Promise<PrintedSample[]> {
    const { code, lines, stderr } = await this.json('samples', dataset, ...options);
    if (code !== 0) throw new Error(`samples ended with ${code}: ${stderr}`);
    return lines as unknown as PrintedSample[];
  }
}

export function parseLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Waits until it holds. @throws when it does not within the time */
export async function until(holds: () => boolean | Promise<boolean>, what: string, timeoutMs = 20_000): Promise<void> {
  const endMs = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
