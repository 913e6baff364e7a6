/** SIGKILL at the Nth system call that makes something durable (G3.2, G3.5). */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRandom } from '../web/random.ts';
import {
  assertDatabaseIsSound,
  assertNoRowWithoutBlob,
  assertSoundAtRest,
  poisonedAddresses,
  sampleFacts,
} from './library-oracle.ts';
import { IS_LONG_FORM, temporaryFolder } from './product.ts';
import { countCalls, DURABLE_CALLS, drawTinyImages, missingImages, runDriver, STRACE_SKIP } from './system-calls.ts';

const POINTS = IS_LONG_FORM ? 1_000 : 16;

test(`nothing acknowledged is lost at ${POINTS} exact crash points`, {
  skip: STRACE_SKIP,
  timeout: IS_LONG_FORM ? 3_600_000 : 240_000,
}, async (context) => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  const random = createRandom(seed);
  const folder = await temporaryFolder(context, 'crash-points');
  const parent = join(folder, 'images');
  mkdirSync(parent);
  const images = await drawTinyImages(parent);
  const counts = await countCalls(folder, parent);
  context.diagnostic(`SEED=${seed}, calls of the busiest thread: ${JSON.stringify(counts)}`);
  const every = DURABLE_CALLS.flatMap((call) =>
    Array.from({ length: counts[call] }, (_, index) => ({ call, when: index + 1 })),
  );
  assert.ok(every.length >= 100, `only ${every.length} points were found`);
  // All of them while they last; then any again, which the threads' timing makes another one.
  const order = every.map((point) => ({ point, at: random() })).sort((a, b) => a.at - b.at);

  let killed = 0;
  for (let index = 0; index < POINTS; index++) {
    const { call, when } = order[index % order.length]!.point;
    const what = `SEED=${seed}, killed at ${call} number ${when}`;
    const dataDirectory = join(folder, `point-${index}`);
    const end = await runDriver(dataDirectory, parent, [
      '-o',
      '/dev/null',
      '-e',
      `trace=${call}`,
      '-e',
      `inject=${call}:signal=SIGKILL:when=${when}`,
    ]);
    if (!end.finished) killed++;
    assert.deepEqual(missingImages(dataDirectory, images, end.acknowledged), [], `${what}: acknowledged and lost`);
    assertDatabaseIsSound(dataDirectory, what);
    assertNoRowWithoutBlob(dataDirectory, what);
    // The next start puts things right, and the same work again comes to the same end.
    const again = await runDriver(dataDirectory, parent);
    assert.ok(again.finished, `${what}: not finished afterwards: ${again.complaints.join()} ${again.stderr}`);
    assert.equal(sampleFacts(dataDirectory).length, [...images.values()].flat().length, what);
    assert.deepEqual(poisonedAddresses(dataDirectory), [], what);
    assertSoundAtRest(dataDirectory, what);
    rmSync(dataDirectory, { recursive: true, force: true });
  }
  context.diagnostic(`${killed} of ${POINTS} points ended the core or its worker before its end`);
  assert.ok(killed > POINTS / 3, `only ${killed} of ${POINTS} runs were cut short`);
});
