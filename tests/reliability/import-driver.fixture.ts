/**
 * A process to be killed, or to have its system calls failed: it imports folders of a few images each through the core,
 * and prints `ack NAME` in one write for each folder whose import the core has called complete.
 * Arguments: data directory, folder of folders.
 *
 * DRIVER_WITHOUT takes a promise of the product away, to prove that a test would see it broken: `commit-sync` (SQLite
 * with synchronous=NORMAL), `file-sync` (no fdatasync of stored files) or `folder-sync` (no fsync of their folders).
 */

import fs, { readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import SqliteDatabase from 'better-sqlite3';
import type { openCore } from '../../core/index.ts';
import type { AppError } from '../../shared/errors.ts';

const [, , dataDirectory, parent] = process.argv as [string, string, string, string];

const fault = process.env.DRIVER_WITHOUT;
if (fault === 'commit-sync') {
  const { prototype } = SqliteDatabase;
  const { pragma } = prototype;
  prototype.pragma = function weakened(source, options) {
    return pragma.call(this, source.replace('synchronous = FULL', 'synchronous = NORMAL'), options);
  };
} else if (fault === 'file-sync' || fault === 'folder-sync') {
  const call = fault === 'file-sync' ? 'fdatasync' : 'fsync';
  Object.assign(fs, { [call]: (_file: number, done: (error: null) => void) => done(null) });
}

/** The built core: its start is a good part of what one crash point costs. */
const built = (await import(new URL('../../dist/core.js', import.meta.url).href)) as { openCore: typeof openCore };

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

async function run(): Promise<void> {
  const environment = { PIXCRAWLER_STORAGE_MIN_FREE_BYTES: '0', PIXCRAWLER_WORKERS_PROCESSES: '1' };
  const core = await built.openCore({ dataDirectory, environment, version: '0' });
  const { client } = core;
  try {
    const [known] = await client.datasets.list({});
    const dataset = known ?? (await client.datasets.create({ name: 'points', labels: [] }));
    for (const name of readdirSync(parent).sort()) {
      const { id } = await client.imports.start({
        datasetId: dataset.id,
        paths: [join(parent, name)],
        labelsFrom: 'none',
        mode: 'copy',
      });
      for (;;) {
        const job = await client.jobs.get({ id });
        if (job.state === 'completed') break;
        if (job.state !== 'active' && job.state !== 'waiting') {
          say(`stopped ${job.state} ${job.error?.code} ${job.error?.message}`);
          return;
        }
        await sleep(2);
      }
      say(`ack ${name}`);
    }
    say('all');
  } finally {
    await core.close();
  }
}

try {
  await run();
} catch (error) {
  const { code, message } = error as Partial<AppError>;
  say(`threw ${code} ${message}`);
  process.exitCode = 1;
}
