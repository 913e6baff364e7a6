/** G7.6 for whole jobs: one that is cancelled or paused on a host that stays open leaves nothing half done behind. */

import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCore } from '../contract/open-core.ts';
import { draw, encode } from '../web/draw.ts';
import {
  assertBlobsAreTrue,
  assertCountsAreTrue,
  assertDatabaseIsSound,
  assertNoRowWithoutBlob,
  assertNothingIsLeftOver,
  sampleFacts,
} from './library-oracle.ts';

const IMAGES = 400;
const ROUNDS = ['cancel', 'pause', 'cancel', 'cancel'] as const;

test('a job that is stopped while images are open leaves no half results, and the rest can be had', {
  timeout: 120_000,
}, async (context) => {
  const open = await makeCore({ PIXCRAWLER_WORKERS_PROCESSES: '2' });
  context.after(() => open.close());
  const { client, dataDirectory } = open;
  const folder = join(open.root, 'pictures');
  await mkdir(folder);
  const { bytes } = await encode(draw(1, 160, 120), 'jpeg');
  for (let index = 0; index < IMAGES; index++) {
    // Bytes behind the end of a JPEG are nobody's: other content, the same picture.
    await writeFile(join(folder, `${index}.jpg`), Buffer.concat([bytes, Buffer.from(`picture ${index}`)]));
  }
  const { id: datasetId } = await client.datasets.create({ name: 'stopped' });
  const start = () => client.imports.start({ datasetId, paths: [folder] });
  const staged = () => readdir(join(dataDirectory, 'staging'));

  let isSeenOpen = false;
  for (const [round, how] of ROUNDS.entries()) {
    const { id } = await start();
    // Each a little later, so that copies, looks and commits are under way.
    for (let polls = 0; polls < 2_000 && (await staged()).length === 0; polls++) await sleep(1);
    await sleep(round * 10);
    isSeenOpen ||= (await staged()).length > 0;
    const beforeMs = performance.now();
    const { state } = await client.jobs[how]({ id });
    const tookMs = performance.now() - beforeMs;
    const what = `round ${round}, ${how} after ${tookMs.toFixed(0)} ms`;
    if (how === 'cancel') assert.ok(tookMs < 2_000, what);
    assert.ok(['cancelled', 'paused', 'completed', 'completed-with-errors'].includes(state), `${what}: ${state}`);
    assertNothingIsLeftOver(dataDirectory, what);
    assertNoRowWithoutBlob(dataDirectory, what);
    assertCountsAreTrue(dataDirectory, what);
  }
  assert.ok(isSeenOpen, 'no round stopped while anything was open');
  await open.ended(start());
  assert.equal(sampleFacts(dataDirectory).length, IMAGES);
  assertNothingIsLeftOver(dataDirectory, 'in the end');
  assertBlobsAreTrue(dataDirectory);
  assertDatabaseIsSound(dataDirectory, 'in the end');
});
