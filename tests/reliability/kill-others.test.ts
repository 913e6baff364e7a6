/** SIGKILL during imports, exports, validations and recovery (G3.2). */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { draw, encode } from '../web/draw.ts';
import { createRandom } from '../web/random.ts';
import {
  assertCountsAreTrue,
  assertDatabaseIsSound,
  assertNoRowWithoutBlob,
  assertSoundAtRest,
  jobFacts,
  poisonedAddresses,
  sampleFacts,
} from './library-oracle.ts';
import { IS_LONG_FORM, runCli, startCli, temporaryFolder } from './product.ts';

const KILLS = IS_LONG_FORM ? 100 : 6;
const IMAGES = IS_LONG_FORM ? 1_000 : 160;
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const random = createRandom(seed);
const pictures: Buffer[] = [];

before(async () => {
  // Every fourth is another's near-duplicate, so that the last stage has work.
  for (let index = 0; index < IMAGES; index++) {
    const quality = index % 4 === 3 ? 70 : 88;
    const of = index % 4 === 3 ? index - 1 : index;
    pictures.push((await encode(draw(20_000 + of, 200, 180), 'jpeg', { quality })).bytes);
  }
});

/** Two label folders of drawn pictures. */
function writePictures(folder: string): string {
  const source = join(folder, 'pictures');
  for (const [index, bytes] of pictures.entries()) {
    const label = join(source, index % 2 === 0 ? 'even' : 'odd');
    mkdirSync(label, { recursive: true });
    writeFileSync(join(label, `${index}.jpg`), bytes);
  }
  return source;
}

/** Runs a command and kills it after a random part of `wholeMs`. @returns whether the kill came before its end */
async function killed(dataDirectory: string, commandLine: readonly string[], wholeMs: number): Promise<boolean> {
  const { child, ended } = startCli(dataDirectory, commandLine);
  const timer = setTimeout(() => child.kill('SIGKILL'), 30 + random() * wholeMs);
  const { signal } = await ended;
  clearTimeout(timer);
  return signal === 'SIGKILL';
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

function hasEnded(dataDirectory: string): boolean {
  return jobFacts(dataDirectory).some(({ state }) => state.startsWith('completed'));
}

/** Samples with the addresses of an archive's or folder's files cut to their last part. */
function comparable(dataDirectory: string) {
  return sampleFacts(dataDirectory).map((fact) => ({
    ...fact,
    origins: fact.origins.map((origin) => origin.split(/[/:]/).at(-1)),
  }));
}

async function assertImportSurvives(context: TestContext, source: string, name: string): Promise<void> {
  const folder = dirname(source);
  const commandLine = ['import', 'killed', '--create', '--labels-from', 'folders', source];
  const calm = join(folder, `calm-${name}`);
  const wholeMs = await timed(() => runCli(calm, commandLine));
  assertSoundAtRest(calm, 'calm');
  assert.equal(sampleFacts(calm).length, IMAGES);

  let kills = 0;
  for (let round = 0; kills < KILLS; round++) {
    const data = join(folder, `killed-${name}-${round}`);
    while (kills < KILLS && !hasEnded(data)) {
      if (await killed(data, commandLine, 0.8 * wholeMs)) kills++;
      const what = `SEED=${seed}, ${name}, round ${round}, kill ${kills}`;
      assertDatabaseIsSound(data, what);
      assertNoRowWithoutBlob(data, what);
      assertCountsAreTrue(data, what);
    }
    const what = `SEED=${seed}, ${name}, round ${round}`;
    if (!hasEnded(data)) await runCli(data, commandLine);
    await runCli(data, ['dataset', 'list']);
    assertSoundAtRest(data, what);
    assert.deepEqual(poisonedAddresses(data), [], what);
    assert.deepEqual(comparable(data), comparable(calm), what);
    assert.deepEqual(jobFacts(data), jobFacts(calm), what);
  }
  context.diagnostic(`SEED=${seed}, ${kills} kills within ${Math.round(wholeMs)} ms each`);
}

test('an import of a folder survives kills', { timeout: 1_800_000 }, async (context) => {
  const folder = await temporaryFolder(context, 'kill-import');
  await assertImportSurvives(context, writePictures(folder), 'folder');
});

test('an import of an archive survives kills', { timeout: 1_800_000 }, async (context) => {
  const folder = await temporaryFolder(context, 'kill-archive');
  const archive = join(folder, 'pictures.tar');
  execFileSync('tar', ['cf', archive, '-C', writePictures(folder), '.']);
  await assertImportSurvives(context, archive, 'archive');
});

test('exports and validations survive kills, and nothing unfinished has the name of an export', {
  timeout: 1_800_000,
}, async (context) => {
  const folder = await temporaryFolder(context, 'kill-export');
  const data = join(folder, 'data');
  await runCli(data, ['import', 'killed', '--create', writePictures(folder)]);
  const strict = join(folder, 'rules.json');
  writeFileSync(strict, JSON.stringify({ minShortSide: 190 }));
  const expectedSamples = sampleFacts(data);
  const out = join(folder, 'out');
  mkdirSync(out);

  const archive = (name: string) => [
    'export',
    'killed',
    '--format',
    'imagefolder',
    '--archive',
    'zip',
    '--out',
    join(out, name),
  ];
  const wholeMs = await timed(() => runCli(data, archive('whole.zip')));
  let kills = 0;
  for (let attempt = 0; kills < KILLS && attempt < 10 * KILLS; attempt++) {
    const name = `export-${attempt}.zip`;
    if (!(await killed(data, archive(name), wholeMs))) continue;
    kills++;
    const what = `SEED=${seed}, export ${attempt}`;
    if (existsSync(join(out, name))) {
      // Killed after the rename: then it is whole.
      execFileSync('cmp', [join(out, name), join(out, 'whole.zip')]);
    } else {
      await runCli(data, archive(name));
      execFileSync('cmp', [join(out, name), join(out, 'whole.zip')]);
    }
    assert.deepEqual(
      readdirSync(out).filter((entry) => entry.includes('.partial-') && entry.startsWith(name)),
      [],
      what,
    );
    assertDatabaseIsSound(data, what);
  }
  assert.ok(kills >= KILLS, `only ${kills} kills met an export`);

  const validateMs = await timed(() => runCli(data, ['validate', 'killed']));
  assert.deepEqual(sampleFacts(data), expectedSamples, 'validated again by the same rules');
  for (let kill = 0; kill < KILLS; kill++) {
    const what = `SEED=${seed}, validation ${kill}`;
    // The stricter rules change every sample; the standard ones change them back.
    await killed(data, ['validate', 'killed', ...(kill % 2 === 0 ? ['--rules', strict] : [])], validateMs);
    assertDatabaseIsSound(data, what);
    assertCountsAreTrue(data, what);
  }
  await runCli(data, ['jobs', 'resume']);
  await runCli(data, ['validate', 'killed']);
  assert.deepEqual(sampleFacts(data), expectedSamples, `SEED=${seed}, after killed validations`);
  assertSoundAtRest(data, 'after killed validations');
});

test('a recovery that is killed twice is still one', { timeout: 600_000 }, async (context) => {
  const folder = await temporaryFolder(context, 'kill-recovery');
  const commandLine = ['import', 'killed', '--create', writePictures(folder)];
  const data = join(folder, 'data');
  const wholeMs = await timed(() => runCli(join(folder, 'calm'), commandLine));
  for (let round = 0; round < (IS_LONG_FORM ? 50 : 3); round++) {
    await killed(data, commandLine, wholeMs);
    // Recovery takes milliseconds within the first 200 after the start.
    for (let again = 0; again < 2; again++) await killed(data, ['jobs', 'list'], 200);
    assertDatabaseIsSound(data, `SEED=${seed}, round ${round}`);
    assertNoRowWithoutBlob(data, `SEED=${seed}, round ${round}`);
  }
  // When the import had ended, the same command began another, of nothing but duplicates.
  await runCli(data, hasEnded(data) ? ['jobs', 'resume'] : commandLine);
  assertSoundAtRest(data, `SEED=${seed}`);
  assert.deepEqual(poisonedAddresses(data), []);
  assert.deepEqual(sampleFacts(data), sampleFacts(join(folder, 'calm')), `SEED=${seed}`);
});
