import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../shared/errors.ts';
import { SAMPLE_STATUSES, SPLITS } from '../../shared/vocabulary.ts';
import { addSamples, fakeWorkers, makeLibrary, type TestLibrary } from '../testing/test-library.ts';
import { ExportRepository } from './export-repository.ts';
import type { ExportContent, ExportSample } from './export-types.ts';
import { contentOfTexts, freezeContent } from './frozen-content.ts';

let library: TestLibrary;
let folderPath: string;
let exported: ExportRepository;

before(async () => {
  library = await makeLibrary(fakeWorkers());
  folderPath = await mkdtemp(join(tmpdir(), 'pixcrawler-frozen-'));
  const { database, ownerId, reader } = library.services;
  exported = new ExportRepository(database, ownerId, reader);
});

after(async () => {
  await library?.remove();
  await rm(folderPath, { recursive: true, force: true });
});

async function datasetOf(images: number): Promise<{ datasetId: number; ids: readonly number[] }> {
  const datasetId = await library.newDataset();
  const pictures = Array.from({ length: images }, (_each, index) => ({ name: `${datasetId} ${index}` }));
  return { datasetId, ids: (await addSamples(library.services, datasetId, pictures)).ids };
}

function freeze(datasetId: number, signal = new AbortController().signal): Promise<ExportContent> {
  const queries = exported.content(datasetId, SAMPLE_STATUSES);
  return freezeContent({ databasePath: library.services.database.path, queries, folderPath, signal });
}

async function samplesOf(content: ExportContent): Promise<ExportSample[]> {
  const samples: ExportSample[] = [];
  for await (const batch of content.samples) samples.push(...batch);
  assert.equal(samples.length, content.images);
  return samples;
}

/** What the interface shows of a dataset, as far as it is exported, by label and hash. */
function shown(ids: readonly number[]): ExportSample[] {
  const { samples } = library.services;
  return samples
    .withOrigins(samples.byIds(ids))
    .map(
      ({ id, datasetId, decidedBy, keeper, dominantColour, createdAt, ...exportedFacts }): ExportSample =>
        exportedFacts,
    )
    .sort((left, right) => Buffer.compare(sortKeyOf(left), sortKeyOf(right)));
}

const sortKeyOf = ({ label, sha256 }: ExportSample) => Buffer.from(`${label ?? ''}\0${sha256}`);

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', '\n', 'a\r\nb', '"quoted", \\', '\u2028', "it's"),
);
const label = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((name) => !name.includes('\0'));

test('whatever samples say is exported as it is shown', async () => {
  const { database } = library.services;
  const { datasetId, ids } = await datasetOf(4);
  const change = fc.record({
    id: fc.constantFrom(...ids),
    label: fc.option(label),
    split: fc.option(fc.constantFrom(...SPLITS)),
    status: fc.constantFrom(...SAMPLE_STATUSES),
    reasons: fc.constantFrom('', 'blurred', 'blurred,too-dark'),
    caption: fc.option(text),
    name: fc.option(text),
    tags: fc.array(text, { maxLength: 3 }),
    origin: fc.record({
      url: text,
      licence: fc.option(text),
      consent: fc.record({
        verdict: fc.constantFrom('allowed', 'unknown'),
        signals: fc.array(fc.record({ signal: text, refused: fc.boolean(), evidence: text }), { maxLength: 2 }),
      }),
      status: fc.option(fc.integer({ min: 100, max: 599 })),
    }),
  });
  const apply = (one: typeof change extends fc.Arbitrary<infer Value> ? Value : never) => {
    if (one.label !== null) {
      database
        .prepare("INSERT OR IGNORE INTO labels (owner_id, dataset_id, name) VALUES ('local', ?, ?)")
        .run(datasetId, one.label);
    }
    database
      .prepare(
        `UPDATE samples SET label_id = (SELECT id FROM labels WHERE dataset_id = ? AND name = ?), split = ?, status = ?,
           reasons = ?, caption = ?, name = ?, tags = ? WHERE id = ?`,
      )
      .run(
        datasetId,
        one.label,
        one.split,
        one.status,
        one.reasons,
        one.caption,
        one.name,
        one.tags.length === 0 ? '' : JSON.stringify(one.tags),
        one.id,
      );
    database
      .prepare(
        `INSERT INTO origins (owner_id, sample_id, source, image_url, licence, consent, http_status, fetched_at)
         VALUES ('local', ?, 'web', ?, ?, ?, ?, 1)`,
      )
      .run(one.id, one.origin.url, one.origin.licence, JSON.stringify(one.origin.consent), one.origin.status);
  };
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      await database.write(() => changes.forEach(apply));
      const content = contentOfTexts(exported.contentHere(datasetId, ids));
      assert.deepEqual(await samplesOf(content), shown(ids));
    }),
    { numRuns: 150 },
  );
  assert.deepEqual(await samplesOf(await freeze(datasetId)), shown(ids));
  assert.deepEqual(await readdir(folderPath), []);
});

test('what is frozen stays as it was: many samples, of which all is changed before they are read', async () => {
  const { database, datasets } = library.services;
  const { datasetId, ids } = await datasetOf(1_201);
  const { labels, name } = await datasets.addLabels(datasetId, ['a', 'b']);
  const [a, b] = labels;
  const labelAll = database.prepare('UPDATE samples SET label_id = iif(id % 2 = 0, ?, ?) WHERE dataset_id = ?');
  await database.write(() => labelAll.run(a?.id, b?.id, datasetId));
  const before = shown(ids);
  const content = await freeze(datasetId);
  await database.write(() => {
    labelAll.run(b?.id, a?.id, datasetId);
    database.prepare("UPDATE samples SET status = 'rejected', caption = 'new' WHERE dataset_id = ?").run(datasetId);
    database.prepare('DELETE FROM samples WHERE id = ?').run(ids[7]);
  });
  await datasets.renameLabel(datasetId, a?.id ?? 0, 'c');
  // The log cannot be emptied while anybody reads from an older state.
  assert.equal(database.pragma('wal_checkpoint(TRUNCATE)'), 0);
  assert.equal((await stat(`${database.path}-wal`)).size, 0);
  assert.deepEqual(content.dataset, { name, labels: ['a', 'b'] });
  assert.deepEqual(await samplesOf(content), before);
  assert.deepEqual(await readdir(folderPath), []);
});

test('a dataset in the trash is told, and freezing can be given up', async () => {
  const { database } = library.services;
  const { datasetId } = await datasetOf(1);
  await assert.rejects(freeze(datasetId, AbortSignal.abort()), isAppError('cancelled'));
  const controller = new AbortController();
  const given = freeze(datasetId, controller.signal);
  controller.abort();
  await assert.rejects(given, isAppError('cancelled'));
  await rm(join(folderPath, 'samples'), { force: true });
  await database.write(() => database.prepare('UPDATE datasets SET trashed_at = 1 WHERE id = ?').run(datasetId));
  await assert.rejects(freeze(datasetId), isAppError('not-found'));
});

const isAppError = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;
