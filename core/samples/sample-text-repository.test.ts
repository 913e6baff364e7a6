import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { matchQuery } from '../db/match-query.ts';
import { readableUrl } from '../db/readable-url.ts';
import { addSamples, fakeWorkers, makeLibrary, type TestLibrary } from '../testing/test-library.ts';
import { SampleTextRepository } from './sample-text-repository.ts';

let library: TestLibrary;
let texts: SampleTextRepository;

before(async () => {
  library = await makeLibrary(fakeWorkers());
  texts = new SampleTextRepository(library.services.database, library.services.ownerId);
});

after(() => library?.remove());

function found(text: string): number[] {
  const match = matchQuery(text);
  if (match === null) return [];
  return library.services.database
    .prepare<[string], { id: number }>('SELECT rowid AS id FROM sample_text WHERE sample_text MATCH ? ORDER BY rowid')
    .all(match)
    .map((row) => row.id);
}

test('a sample is found by caption, name and page, and by every page that shows it', async () => {
  const { database } = library.services;
  const datasetId = await library.newDataset();
  const { ids } = await addSamples(library.services, datasetId, [
    {
      name: 'searched',
      meta: { caption: 'Zwei Störche über Łódź', name: 'IMG_0042-final.JPG' },
      origin: { pageUrl: 'https://vögel.example/caf%C3%A9/gallery?page=7' },
    },
  ]);
  const [id = 0] = ids;
  const queries = [
    'storche',
    'STÖRCHE zwei',
    'img_0042',
    'final.jpg',
    'café gal',
    'cafe',
    'vogel example',
    '0042 zwei sto',
  ];
  for (const query of queries) assert.deepEqual(found(query), [id], query);
  for (const query of ['storchen', 'cafe zwo', 'https', '!']) assert.deepEqual(found(query), [], query);
  await database.write(() => {
    database
      .prepare(
        `INSERT INTO origins (owner_id, sample_id, source, page_url, image_url, consent, fetched_at)
         VALUES ('local', ?, 'web', 'https://elsewhere.example/reeds', 'x', '{}', 1)`,
      )
      .run(id);
    texts.refresh(id);
  });
  assert.deepEqual([found('reeds'), found('storche reeds'), found('gallery')], [[id], [id], [id]]);
  await library.services.datasets.remove(datasetId, async () => undefined);
  assert.deepEqual(found('reeds'), []);
});

test('what was written is found by its words, the last one cut anywhere', async () => {
  const { database } = library.services;
  const word = fc.stringMatching(/^[a-zà-öø-ÿ0-9]{2,8}$/);
  let next = 1_000_000;
  await fc.assert(
    fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 5 }), fc.nat(), async (words, cut) => {
      const id = ++next;
      const caption = words.join(' ');
      await database.write(() => texts.insert(id, { caption, tags: [], name: null, pageUrls: [] }));
      const last = words.at(-1) ?? '';
      const query = [...words.slice(0, -1), last.slice(0, 1 + (cut % last.length))].join('  ');
      assert.ok(found(query).includes(id), query);
    }),
    { numRuns: 150 },
  );
});

test('any address is readable', () => {
  assert.equal(readableUrl('https://a.example/caf%C3%A9?q=%20x'), 'a.example/café?q= x');
  assert.equal(readableUrl('https://a.example/%E0%A4%A'), 'a.example/%E0%A4%A');
  fc.assert(fc.property(fc.oneof(fc.webUrl(), fc.string()), (url) => typeof readableUrl(url) === 'string'));
});
