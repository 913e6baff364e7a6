/** G3.2: a large library is open again soon after a kill, since what is put right is what was under way, not what is there. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCore } from '../core/index.ts';
import { assertDatabaseIsSound, jobFacts, storedBlobs } from '../tests/reliability/library-oracle.ts';
import { IS_LONG_FORM, startCli, temporaryFolder } from '../tests/reliability/product.ts';
import { draw, encode } from '../tests/web/draw.ts';
import { seedLibrary } from './seed.ts';

const SAMPLES = IS_LONG_FORM ? 1_000_000 : 200_000;
const KILLS = 3;
/** The part of the goal's 2 s for a million that such a library may take. */
const LIMIT_MS = (2_000 * SAMPLES) / 1_000_000;

test(`a library of ${SAMPLES.toLocaleString('en')} samples is open within ${LIMIT_MS} ms of a kill`, {
  timeout: 600_000,
}, async (context) => {
  const folder = await temporaryFolder(context, 'reopen');
  const dataDirectory = await seedLibrary(join(folder, 'data'), SAMPLES, { thumbnails: false });
  const source = join(folder, 'pictures');
  mkdirSync(source);
  const { bytes } = await encode(draw(1, 160, 120), 'jpeg');
  for (let index = 0; index < 5_000; index++) {
    writeFileSync(join(source, `${index}.jpg`), Buffer.concat([bytes, Buffer.from(`picture ${index}`)]));
  }
  const tookMs: number[] = [];
  let accepted = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const stored = storedBlobs(dataDirectory).size;
    const running = startCli(dataDirectory, ['import', 'seeded', source]);
    // More than one commit stores: something was committed before.
    while (storedBlobs(dataDirectory).size < stored + 300 && running.child.exitCode === null) await sleep(20);
    running.child.kill('SIGKILL');
    assert.equal((await running.ended).signal, 'SIGKILL', 'it had ended before it was killed');
    const startMs = performance.now();
    const core = await openCore({ dataDirectory, environment: {}, version: '0.0.0' });
    try {
      const { items } = await core.client.samples.list({ datasetId: 1, limit: 200 });
      tookMs.push(performance.now() - startMs);
      assert.equal(items.length, 200);
    } finally {
      await core.close();
    }
    const job = jobFacts(dataDirectory).at(-1);
    assert.equal(job?.state, 'paused');
    assert.ok((job?.counts.accepted ?? 0) > accepted, 'it was killed before anything was committed');
    accepted = job?.counts.accepted ?? 0;
  }
  assertDatabaseIsSound(dataDirectory, 'after the kills');
  // The quickest: others have the machine as well, and the first loads the code.
  context.diagnostic(`${tookMs.map(Math.round).join(', ')} ms, ${LIMIT_MS} ms allowed`);
  assert.ok(Math.min(...tookMs) <= LIMIT_MS, `${tookMs.map(Math.round).join(', ')} ms`);
});
