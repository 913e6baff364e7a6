/** One of the threads of the straight-line crawl. */

import { hash, randomUUID } from 'node:crypto';
import { closeSync, fdatasyncSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { Agent, request } from 'undici';
import { DEFAULT_INSPECTION_LIMITS } from '../../shared/inspection.ts';
import { createInspector } from '../../workers/inspect/inspect.ts';

/** Fetches of this thread in flight: enough that one is there whenever a decode ends. */
const IN_FLIGHT = 4;
const BATCH_SIZE = 25;

/** Rows as they are inserted, and their thumbnails. */
export type StraightBatch = readonly {
  readonly row: readonly (string | number | Uint8Array | null)[];
  readonly thumbnail: Uint8Array | null;
}[];

const { folder } = workerData as { folder: string };
const agent = new Agent({ connections: IN_FLIGHT });
const inspector = await createInspector();
const prefix = randomUUID();
const madeFolders = new Set<string>();
let count = 0;
/** The inspector takes one picture at a time. */
let inspecting: Promise<unknown> = Promise.resolve();

function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** A file that is on the disk under its hash once its folder is synced. @returns that folder */
function store(bytes: Buffer, sha256: string): string {
  const staging = join(folder, 'staging', `${prefix}-${count++}`);
  const descriptor = openSync(staging, 'wx', 0o444);
  writeSync(descriptor, bytes);
  fdatasyncSync(descriptor);
  closeSync(descriptor);
  const target = join(folder, sha256.slice(0, 2), sha256.slice(2, 4));
  if (!madeFolders.has(target)) {
    mkdirSync(target, { recursive: true });
    madeFolders.add(target);
    madeFolders.add(dirname(target));
    syncFolder(dirname(target));
  }
  renameSync(staging, join(target, sha256));
  return target;
}

async function crawl(addresses: readonly string[], next: Int32Array): Promise<void> {
  let batch: { row: (string | number | Uint8Array | null)[]; thumbnail: Uint8Array | null }[] = [];
  let folders = new Set<string>();
  const flush = (): void => {
    for (const path of folders) syncFolder(path);
    parentPort?.postMessage(batch);
    batch = [];
    folders = new Set();
  };
  const fetchNext = async (): Promise<void> => {
    for (let at = Atomics.add(next, 0, 1); at < addresses.length; at = Atomics.add(next, 0, 1)) {
      const url = addresses[at]!;
      const answer = await request(url, { dispatcher: agent });
      if (answer.statusCode !== 200) throw new Error(`${url}: status ${answer.statusCode}`);
      const bytes = Buffer.from(await answer.body.arrayBuffer());
      const sha256 = hash('sha256', bytes);
      const path = join(store(bytes, sha256), sha256);
      const looked = inspecting.then(() => inspector.inspect({ path }, DEFAULT_INSPECTION_LIMITS));
      inspecting = looked.catch(() => {});
      const { inspection, thumbnail } = await looked;
      const m = inspection.measurements;
      folders.add(dirname(path));
      batch.push({
        row: [
          Buffer.from(sha256, 'hex'),
          bytes.length,
          inspection.format,
          inspection.width,
          inspection.height,
          inspection.integrity,
          ...(m === null
            ? Array(16).fill(null)
            : [
                m.brightnessP1,
                m.brightnessP5,
                m.brightnessP50,
                m.brightnessP95,
                m.brightnessP99,
                m.brightness,
                m.contrast,
                m.entropy,
                m.colourfulness,
                m.sharpness,
                m.sharpnessHalf,
                m.dominantColour,
                m.dHashHigh,
                m.dHashLow,
                m.pHashHigh,
                m.pHashLow,
              ]),
          url,
          Date.now(),
        ],
        thumbnail,
      });
      if (batch.length >= BATCH_SIZE) flush();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, fetchNext));
  flush();
}

parentPort?.on('message', async ({ addresses, next }: { addresses: readonly string[]; next: Int32Array }) => {
  await crawl(addresses, next);
  parentPort?.postMessage('done');
});
