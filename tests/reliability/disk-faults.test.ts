/** Disks that fail or fill up: no false success, the disk is named, and the work goes on afterwards (G3.4). */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeCore } from '../contract/open-core.ts';
import { draw, encode } from '../web/draw.ts';
import { createRandom } from '../web/random.ts';
import {
  assertDatabaseIsSound,
  assertNoRowWithoutBlob,
  assertSoundAtRest,
  jobFacts,
  poisonedAddresses,
  sampleFacts,
} from './library-oracle.ts';
import { IS_LONG_FORM, resultOf, runCli, startCli, temporaryFolder } from './product.ts';
import { countCalls, drawTinyImages, missingImages, runDriver, STRACE_SKIP } from './system-calls.ts';

const POINTS = IS_LONG_FORM ? 400 : 12;
/** unlink and ftruncate do not fail so on a disk in trouble that still answers. */
const CALLS = ['pwrite64', 'fdatasync', 'fsync', 'rename'] as const;
const ERRORS = ['EIO', 'ENOSPC', 'EDQUOT'] as const;
/** Once, or from then on. */
const TAILS = ['', '+'] as const;

test(`a disk that fails at one of ${POINTS} calls is named, and nothing is claimed falsely`, {
  skip: STRACE_SKIP,
  timeout: IS_LONG_FORM ? 3_600_000 : 240_000,
}, async (context) => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  const random = createRandom(seed);
  const folder = await temporaryFolder(context, 'disk-faults');
  const parent = join(folder, 'images');
  mkdirSync(parent);
  const images = await drawTinyImages(parent);
  const counts = await countCalls(folder, parent);
  context.diagnostic(`SEED=${seed}, calls of the busiest thread: ${JSON.stringify(counts)}`);

  let stopped = 0;
  for (let index = 0; index < POINTS; index++) {
    const call = CALLS[index % CALLS.length]!;
    const error = ERRORS[Math.floor(index / CALLS.length) % ERRORS.length]!;
    const tail = TAILS[random() < 0.5 ? 0 : 1]!;
    const when = 1 + Math.floor(random() * counts[call]);
    const what = `SEED=${seed}, ${error} at ${call} number ${when}${tail}`;
    const dataDirectory = join(folder, `point-${index}`);
    const inject = `inject=${call}:error=${error}:when=${when}${tail}`;
    const end = await runDriver(dataDirectory, parent, ['-o', '/dev/null', '-e', `trace=${call}`, '-e', inject]);
    assert.deepEqual(missingImages(dataDirectory, images, end.acknowledged), [], `${what}: acknowledged and lost`);
    if (!end.finished) {
      stopped++;
      const [complaint = ''] = end.complaints;
      assert.match(complaint, /disk/i, `${what}: does not name the disk: ${complaint} ${end.stderr}`);
      assert.match(complaint, /disk-full|unavailable/, `${what}: ${complaint}`);
    }
    assertDatabaseIsSound(dataDirectory, what);
    assertNoRowWithoutBlob(dataDirectory, what);
    const again = await runDriver(dataDirectory, parent);
    assert.ok(again.finished, `${what}: not finished afterwards: ${again.complaints.join()} ${again.stderr}`);
    assert.deepEqual(poisonedAddresses(dataDirectory), [], what);
    assert.equal(sampleFacts(dataDirectory).length, [...images.values()].flat().length, what);
    assertSoundAtRest(dataDirectory, what);
    rmSync(dataDirectory, { recursive: true, force: true });
  }
  context.diagnostic(`${stopped} of ${POINTS} faults stopped the work`);
  assert.ok(stopped > 0, 'no fault was noticed');
});

const PRLIMIT_SKIP = spawnSync('prlimit', ['--version']).status === 0 ? false : 'prlimit is not installed';

test('with too few files that may be open the program says so, and goes on when there are more', {
  skip: PRLIMIT_SKIP,
}, async (context) => {
  const folder = await temporaryFolder(context, 'open-files');
  const parent = join(folder, 'images');
  mkdirSync(parent);
  const images = [...(await drawTinyImages(parent)).values()].flat();
  let stopped = 0;
  // From what opening the library takes to what its workers take.
  for (const limit of [24, 28, 32, 36, 40, 44]) {
    const dataDirectory = join(folder, `limit-${limit}`);
    const commandLine = ['import', 'few', '--create', parent];
    const under = ['prlimit', `--nofile=${limit}`];
    const end = await startCli(dataDirectory, commandLine, { under }).ended;
    const what = `${limit} open files: ${end.stderr}`;
    assert.equal(end.signal, null, what);
    if (end.exitCode !== 0) {
      stopped++;
      const told = end.lines.find(({ type }) => type === 'error');
      assert.equal(told?.code, 'unavailable', `${what} ${told?.message}`);
      assert.match(String(told?.message), /open files|EMFILE|SQLITE_CANTOPEN/, what);
    }
    resultOf(await runCli(dataDirectory, commandLine));
    assert.equal(sampleFacts(dataDirectory).length, images.length, what);
    assertSoundAtRest(dataDirectory, what);
    rmSync(dataDirectory, { recursive: true, force: true });
  }
  context.diagnostic(`${stopped} of 6 limits stopped the work`);
  assert.ok(stopped > 0, 'no limit was noticed');
});

/** Runs `work` on a disk of so many MiB, which `grow` makes one of 64; skips the test where none can be mounted. */
async function onSmallDisk(
  context: TestContext,
  mebibytes: number,
  work: (folder: string, disk: string, grow: () => void) => Promise<void>,
): Promise<void> {
  const folder = await temporaryFolder(context, 'full-disk');
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', disk]).status !== 0) {
    context.skip('only root may mount a small disk');
    return;
  }
  try {
    await work(folder, disk, () => execFileSync('mount', ['-o', 'remount,size=64m', disk]));
  } finally {
    execFileSync('umount', ['-l', disk]);
  }
}

const PICTURES = 60;

/** More than the small disk takes. */
async function drawPictures(folder: string): Promise<string> {
  const source = join(folder, 'images');
  mkdirSync(source);
  for (let index = 0; index < PICTURES; index++) {
    const { bytes } = await encode(draw(3_000 + index, 360, 300), 'png');
    writeFileSync(join(source, `${index}.png`), bytes);
  }
  return source;
}

test('a disk of 8 MiB fills up: the job rests, says so, and goes on when there is space', (context) =>
  onSmallDisk(context, 8, async (folder, disk, grow) => {
    const source = await drawPictures(folder);
    const dataDirectory = join(disk, 'data');
    const commandLine = ['import', 'full', '--create', source];
    const full = await startCli(dataDirectory, commandLine).ended;
    assert.equal(full.signal, null, full.stderr);
    assert.notEqual(full.exitCode, 0, 'success is claimed although the images do not fit');
    const told = full.lines.find(({ type }) => type === 'error');
    assert.equal(told?.code, 'disk-full', full.stderr);
    assert.match(String(told?.message), /disk that holds .* is full/);
    assertDatabaseIsSound(dataDirectory, 'full');
    assertNoRowWithoutBlob(dataDirectory, 'full');
    grow();
    const resumed = resultOf(await runCli(dataDirectory, ['jobs', 'resume']));
    assert.equal(resumed.status, 'completed');
    assert.equal(sampleFacts(dataDirectory).length, PICTURES);
    assert.equal(jobFacts(dataDirectory).length, 1);
    assertSoundAtRest(dataDirectory, 'with space again');
  }));

test('a host that stays open on a full disk leaves nothing on it that is no image, however often it tries', (context) =>
  onSmallDisk(context, 8, async (folder, disk, grow) => {
    const source = await drawPictures(folder);
    const open = await makeCore({}, disk);
    const { client, dataDirectory } = open;
    try {
      const { id: datasetId } = await client.datasets.create({ name: 'full' });
      const job = await open.ended(client.imports.start({ datasetId, paths: [source] }));
      for (let round = 0; round < 3; round++) {
        const { state, error } = await open.ended(client.jobs.resume({ id: job.id }));
        assert.deepEqual([state, error?.code], ['paused', 'disk-full']);
        assert.deepEqual(readdirSync(join(dataDirectory, 'staging')), [], `round ${round}`);
        assertNoRowWithoutBlob(dataDirectory, `round ${round}`);
      }
      grow();
      assert.equal((await open.ended(client.jobs.resume({ id: job.id }))).state, 'completed');
      assert.equal(sampleFacts(dataDirectory).length, PICTURES);
    } finally {
      await open.close();
    }
  }));

/** An archive of files of 5 MiB that pass for pictures until they are opened. */
function packed(
  folder: string,
  name: string,
  suffix: string,
  files: number,
  bytesOf: (size: number) => Buffer,
): string {
  const source = join(folder, name);
  mkdirSync(source);
  for (let index = 0; index < files; index++) writeFileSync(join(source, `${index}.png`), bytesOf(5 * 2 ** 20));
  execFileSync('tar', ['-caf', source + suffix, '-C', source, '.']);
  return source + suffix;
}

test(
  'an archive takes its size of the disk once, and what must stay free stays free',
  { timeout: 120_000 },
  (context) =>
    onSmallDisk(context, 160, async (folder, disk) => {
      const floorBytes = 20 * 2 ** 20;
      const open = await makeCore({ PIXCRAWLER_STORAGE_MIN_FREE_BYTES: String(floorBytes) }, disk);
      const { client, dataDirectory } = open;
      let leastBytes = Number.POSITIVE_INFINITY;
      const look = (): void => {
        const { bavail, bsize } = statfsSync(disk);
        leastBytes = Math.min(leastBytes, bavail * bsize);
      };
      const timer = setInterval(look, 2);
      try {
        await open.core.watchDisk();
        const { id: datasetId } = await client.datasets.create({ name: 'packed' });
        const unpacked = async (path: string) => {
          const job = await open.ended(client.imports.start({ datasetId, paths: [path] }));
          assert.deepEqual(readdirSync(join(dataDirectory, 'staging')), []);
          assert.deepEqual(await client.jobs.holds(), []);
          return job;
        };
        const large = await unpacked(packed(folder, 'large', '.tar', 30, randomBytes));
        assert.deepEqual([large.state, large.error?.code], ['paused', 'disk-full']);
        assert.match(
          String(large.error?.message),
          /at least 18\d MiB free .* to unpack .*large\.tar, but 1\d\d MiB are/,
        );
        const swollen = await unpacked(packed(folder, 'swollen', '.tar.gz', 30, (size) => Buffer.alloc(size)));
        assert.deepEqual([swollen.state, swollen.error?.code], ['paused', 'disk-full']);
        assert.match(String(swollen.error?.message), /unpacking .*swollen\.tar\.gz, of which 1\d\d MiB are out/);
        const { bytes } = await encode(draw(1, 160, 120), 'jpeg');
        const fitting = packed(folder, 'fitting', '.tar', 15, (size) => Buffer.concat([bytes, randomBytes(size)]));
        const done = await unpacked(fitting);
        assert.deepEqual([done.state, done.counts.accepted + done.counts.quarantined], ['completed', 15]);
        look();
        assert.ok(leastBytes >= floorBytes - 2 ** 20, `${leastBytes} bytes were free at the least`);
      } finally {
        clearInterval(timer);
        await open.close();
      }
    }),
);
