import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createDiskWatch, type DiskWatch } from './disk-watch.ts';
import { Holds } from './holds.ts';

const MEBIBYTE = 1024 * 1024;
const FLOOR = 512 * MEBIBYTE;
const MARGIN = 64 * MEBIBYTE;

function makeWatch(): { watch: DiskWatch; holds: Holds; disk: { free: number; isOn: boolean; isAway: boolean } } {
  const holds = new Holds();
  const disk = { free: 2 * FLOOR, isOn: true, isAway: false };
  const watch = createDiskWatch({
    holds,
    freeBytes: async () => {
      if (disk.isAway) throw new Error('away');
      return disk.free;
    },
    floorBytes: () => FLOOR,
    isOn: () => disk.isOn,
    everyMs: 1,
  });
  return { watch, holds, disk };
}

const looks = () => new Promise((done) => setTimeout(done, 20));

test('jobs rest under the floor and go on only well above it', async () => {
  const { watch, holds, disk } = makeWatch();
  disk.free = FLOOR - 1;
  await watch.start();
  assert.deepEqual(holds.reasons, ['disk']);
  disk.free = FLOOR + MARGIN - 1;
  await looks();
  assert.deepEqual(holds.reasons, ['disk'], 'it does not flap at the floor');
  disk.free = FLOOR + MARGIN;
  await looks();
  assert.deepEqual(holds.reasons, []);
  disk.free = FLOOR;
  await looks();
  assert.deepEqual(holds.reasons, []);
  watch.stop();
  disk.free = 0;
  await looks();
  assert.deepEqual(holds.reasons, [], 'it has stopped looking');
});

test('who turns the rule off is not held, at once or later', async () => {
  const { watch, holds, disk } = makeWatch();
  disk.free = 0;
  await watch.start();
  assert.deepEqual(holds.reasons, ['disk']);
  disk.isOn = false;
  await looks();
  assert.deepEqual(holds.reasons, []);
  assert.equal(await watch.onFull(), false);
  watch.stop();
});

test('a job that found the disk full is held when this disk is short, not when another is, nor before the watch began', async () => {
  const { watch, holds, disk } = makeWatch();
  disk.free = FLOOR + 1;
  assert.equal(await watch.onFull(), false, 'this host does not stay open');
  await watch.start();
  assert.equal(await watch.onFull(), true);
  assert.deepEqual(holds.reasons, ['disk']);
  disk.free = FLOOR + MARGIN;
  assert.equal(await watch.onFull(), false);
  disk.isAway = true;
  await looks();
  await assert.rejects(watch.onFull());
  assert.deepEqual(holds.reasons, []);
  watch.stop();
});

test('between two looks nothing flaps: it takes the whole margin to change it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: FLOOR - MARGIN, max: FLOOR + 2 * MARGIN })), async (course) => {
      const { watch, holds, disk } = makeWatch();
      disk.free = course[0] ?? FLOOR;
      await watch.start();
      for (const free of course) {
        const before = holds.isAny;
        disk.free = free;
        await watch.start();
        assert.equal(holds.isAny, before ? free < FLOOR + MARGIN : free < FLOOR);
      }
      watch.stop();
    }),
    { numRuns: 150 },
  );
});
