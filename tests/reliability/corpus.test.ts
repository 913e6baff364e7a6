/** The 7,941 damaged and hostile files of public collections, through the program (G2.4). */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createWorkerPool } from '../../core/workers/worker-pool.ts';
import { referenceData } from '../reference-data.ts';
import { assertSoundAtRest, jobFacts, sampleFacts, type Verdict, verdicts } from './library-oracle.ts';
import { childrenOf, IS_LONG_FORM, REPOSITORY, startCli, temporaryFolder } from './product.ts';

const archive = referenceData('corpora/bad-images-permissive.tgz');
const MEMORY_BUDGET_BYTES = 1024 ** 3;
/** A process over its budget is killed within half a second; this is what it may grow in that time. */
const OVERSHOOT_BYTES = 128 * 1024 ** 2;
const DEADLINE_MS = 10_000;

function peakRssBytes(processId: number): number {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${processId}/status`, 'utf8'))?.[1];
    return Number(peak ?? 0) * 1024;
  } catch {
    return 0; // It has ended since.
  }
}

/** @returns the verdicts, and the largest a worker process became */
async function importAll(dataDirectory: string, folder: string): Promise<{ verdicts: Verdict[]; peakBytes: number }> {
  const { child, ended } = startCli(dataDirectory, ['import', 'hostile', '--create', folder]);
  let peakBytes = 0;
  const watch = setInterval(() => {
    for (const worker of childrenOf(child.pid as number)) peakBytes = Math.max(peakBytes, peakRssBytes(worker));
  }, 50);
  const end = await ended;
  clearInterval(watch);
  assert.equal(end.signal, null, end.stderr);
  // Many files cannot be opened at all, which a user should look at.
  assert.equal(end.exitCode, 3, end.stderr);
  return { verdicts: verdicts(dataDirectory), peakBytes };
}

test('hostile files: every one has one verdict, the same twice, in time and in bounds', {
  skip: archive.skip,
  timeout: 600_000,
}, async (context) => {
  const folder = await temporaryFolder(context, 'corpus');
  const files = join(folder, 'files');
  mkdirSync(files);
  execFileSync('tar', ['xzf', archive.path, '-C', files]);
  const paths = readdirSync(files, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  assert.equal(paths.length, 7_941);

  const startedMs = performance.now();
  const first = await importAll(join(folder, 'first'), files);
  const importMs = performance.now() - startedMs;
  const second = await importAll(join(folder, 'second'), files);
  context.diagnostic(`one import took ${Math.round(importMs / 1000)} s; largest worker ${first.peakBytes >> 20} MiB`);

  assert.deepEqual(
    first.verdicts.map(({ url }) => url),
    paths,
    'one row for each file',
  );
  const open = first.verdicts.filter(({ state }) => !['done', 'duplicate', 'refused', 'failed'].includes(state));
  assert.deepEqual(open, [], 'without a verdict');
  const unexplained = first.verdicts.filter(
    ({ state, reason }) => state !== 'done' && state !== 'duplicate' && reason === null,
  );
  assert.deepEqual(unexplained, [], 'without a reason');
  assert.deepEqual(second.verdicts, first.verdicts, 'the same verdicts twice');
  assert.deepEqual(sampleFacts(join(folder, 'second')), sampleFacts(join(folder, 'first')));
  assert.deepEqual(jobFacts(join(folder, 'second')), jobFacts(join(folder, 'first')));
  for (const name of ['first', 'second']) assertSoundAtRest(join(folder, name), name);
  for (const { peakBytes } of [first, second]) {
    assert.ok(peakBytes > 0 || process.platform !== 'linux', 'no worker process was seen');
    assert.ok(peakBytes <= MEMORY_BUDGET_BYTES + OVERSHOOT_BYTES, `a worker process took ${peakBytes >> 20} MiB`);
  }

  // Each file alone, timed from the moment a ready process gets it.
  const pool = createWorkerPool({ entry: join(REPOSITORY, 'dist/worker.js') });
  context.after(() => pool.close());
  const sample = IS_LONG_FORM ? paths : paths.filter((_, index) => index % 4 === 0);
  let longestMs = 0;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < sample.length) {
      const path = sample[next++] as string;
      let givenMs = 0;
      const [answer] = await pool.inspect([{ path }], {
        deadlineMs: DEADLINE_MS,
        onGiven: () => {
          givenMs = performance.now();
        },
      });
      longestMs = Math.max(longestMs, performance.now() - givenMs);
      assert.ok(answer !== undefined, path);
    }
  };
  await Promise.all(Array.from({ length: pool.processCount }, lane));
  context.diagnostic(
    `${sample.length} files alone: longest ${Math.round(longestMs)} ms; ${pool.status().restarts} broken processes`,
  );
  assert.ok(longestMs <= DEADLINE_MS + 1_000, `a file took ${Math.round(longestMs)} ms`);
});
