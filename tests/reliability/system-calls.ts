/** Runs the import driver under strace, which kills it or fails it at an exact system call. Linux only. */

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { draw, encode } from '../web/draw.ts';
import { isLaidOut, readLedger } from './library-oracle.ts';
import { childrenOf } from './product.ts';

const DRIVER = fileURLToPath(new URL('import-driver.fixture.ts', import.meta.url));
const FOLDERS = 5;
const IMAGES_A_FOLDER = 4;
/** It takes one or two seconds. */
const LIMIT_MS = 60_000;

/** What makes bytes and names durable. */
export const DURABLE_CALLS = ['pwrite64', 'fdatasync', 'fsync', 'rename', 'unlink', 'ftruncate'] as const;
export type DurableCall = (typeof DURABLE_CALLS)[number];

/** Why strace cannot be used, as the `skip` of a test. */
export const STRACE_SKIP: string | false =
  spawnSync('strace', ['-V']).status === 0 ? false : 'strace is not installed (apt-get install strace)';

/** Folder name to the hashes of the images in it. */
export type TinyImages = ReadonlyMap<string, readonly string[]>;

/** Draws the folders that the driver imports, one after another. */
export async function drawTinyImages(
  parent: string,
  folders = FOLDERS,
  imagesAFolder = IMAGES_A_FOLDER,
): Promise<TinyImages> {
  const images = new Map<string, string[]>();
  for (let folder = 0; folder < folders; folder++) {
    const name = `folder-${String(folder).padStart(2, '0')}`;
    mkdirSync(join(parent, name), { recursive: true });
    const hashes: string[] = [];
    for (let index = 0; index < imagesAFolder; index++) {
      const { bytes } = await encode(draw(7_000 + folder * 100 + index, 120, 110), 'jpeg');
      writeFileSync(join(parent, name, `${index}.jpg`), bytes);
      hashes.push(createHash('sha256').update(bytes).digest('hex'));
    }
    images.set(name, hashes);
  }
  return images;
}

export interface DriverEnd {
  /** Folders whose import the core had called complete. */
  readonly acknowledged: readonly string[];
  /** Whether it came to its end. */
  readonly finished: boolean;
  /** Its other lines: what it could not do. */
  readonly complaints: readonly string[];
  readonly stderr: string;
}

interface DriverOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** SIGKILL comes this long after the start, unless it has ended by then. */
  readonly killedAfterMs?: number;
  /** SIGKILL comes when so many folders have been acknowledged. */
  readonly killedAfterFolders?: number;
}

/**
 * @param straceArguments none runs it without strace
 */
export async function runDriver(
  dataDirectory: string,
  parent: string,
  straceArguments: readonly string[] = [],
  { environment = {}, killedAfterMs, killedAfterFolders }: DriverOptions = {},
): Promise<DriverEnd> {
  const own = [process.execPath, DRIVER, dataDirectory, parent];
  const words = straceArguments.length === 0 ? own : ['strace', '-f', '-qq', ...straceArguments, ...own];
  const child = spawn(words[0] as string, words.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const kill = killedAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killedAfterMs);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (stdout.split('ack ').length > (killedAfterFolders ?? Number.POSITIVE_INFINITY)) child.kill('SIGKILL');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    // strace lets go of what it runs when it is killed, so that goes first.
    for (const id of childrenOf(child.pid as number)) process.kill(id, 'SIGKILL');
    child.kill('SIGKILL');
  }, LIMIT_MS);
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  clearTimeout(timer);
  clearTimeout(kill);
  if (isLate) throw new Error(`The driver hung, with ${straceArguments.join(' ')}: ${stdout} ${stderr}`);
  const lines = stdout.split('\n').slice(0, -1);
  return {
    acknowledged: lines.filter((line) => line.startsWith('ack ')).map((line) => line.slice('ack '.length)),
    finished: lines.at(-1) === 'all',
    complaints: lines.filter((line) => !line.startsWith('ack ') && line !== 'all'),
    stderr,
  };
}

/** How often the busiest thread of a calm run made each call: strace counts per thread. */
export async function countCalls(folder: string, parent: string): Promise<Record<DurableCall, number>> {
  const log = join(folder, 'calls.log');
  const dataDirectory = join(folder, 'counted');
  const end = await runDriver(dataDirectory, parent, ['-o', log, '-e', `trace=${DURABLE_CALLS.join(',')}`]);
  if (!end.finished) throw new Error(`The driver did not end: ${end.complaints.join()} ${end.stderr}`);
  const byThread = new Map<string, number>();
  for (const line of readFileSync(log, 'latin1').split('\n')) {
    const match = /^(\d+)\s+(\w+)\(/.exec(line);
    if (match === null) continue;
    const key = `${match[2]} ${match[1]}`;
    byThread.set(key, (byThread.get(key) ?? 0) + 1);
  }
  const counts = Object.fromEntries(DURABLE_CALLS.map((call) => [call, 0])) as Record<DurableCall, number>;
  for (const [key, count] of byThread) {
    const call = key.split(' ')[0] as DurableCall;
    counts[call] = Math.max(counts[call], count);
  }
  rmSync(dataDirectory, { recursive: true, force: true });
  return counts;
}

/** Images of acknowledged folders that the ledger does not have. */
export function missingImages(dataDirectory: string, images: TinyImages, acknowledged: readonly string[]): string[] {
  if (acknowledged.length === 0) return [];
  const stored = readLedger(
    dataDirectory,
    (database) =>
      new Set(
        isLaidOut(database)
          ? database
              .prepare<[], string>(
                'SELECT lower(hex(i.sha256)) FROM samples s JOIN images i ON i.id = s.image_id JOIN origins o ON o.sample_id = s.id',
              )
              .pluck()
              .all()
          : [],
      ),
  );
  return acknowledged.flatMap((name) => images.get(name) ?? []).filter((sha256) => !stored.has(sha256));
}
