/** Crawls through the contract: labels of sources, estimates, trials, and what a person watches while one runs. */

import assert from 'node:assert/strict';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoreEvent } from '../../shared/contract/events.ts';
import { draw, encode } from '../web/draw.ts';
import { type LocalWeb, startWeb } from '../web/web.ts';
import { makeCore, type OpenCore } from './open-core.ts';

const TOKEN = 'an-openverse-token';

let web: LocalWeb;
const isWindows = process.platform === 'win32';

let open: OpenCore;
let datasets = 0;

before(async () => {
  web = await startWeb({ sites: ['gallery', 'api', 'robots-closed'], galleryImages: 24, galleryPages: 4 });
  open = await makeCore({
    PIXCRAWLER_SOURCES_OPENVERSE_URL: web.site('api').origin,
    PIXCRAWLER_SOURCES_WIKIMEDIA_URL: web.site('api').origin,
    PIXCRAWLER_SOURCES_OPENVERSE_TOKEN: TOKEN,
  });
});

after(async () => {
  await open?.close();
  await web?.close();
});

async function newDataset(): Promise<number> {
  return (await open.client.datasets.create({ name: `collected ${++datasets}` })).id;
}

function allowHosts(): string[] {
  return [...web.allowHosts];
}

test('each source gives its images its own label, pages behind it too; the rest get that of the crawl', async () => {
  const { client } = open;
  const datasetId = await newDataset();
  const gallery = web.site('gallery').origin;
  const honest = web.pictures.filter(({ kind }) => kind === 'honest');
  const list = join(open.root, 'list.txt');
  await writeFile(list, `${honest[20]?.url}\n`);
  const job = await open.ended(
    client.crawls.start({
      datasetId,
      sources: [
        { source: `${gallery}/page/1`, label: 'paged' },
        `urls:${list}`,
        { source: honest[21]?.url ?? '', label: 'given' },
      ],
      label: 'rest',
      depth: 0,
      allowHosts: allowHosts(),
    }),
  );
  assert.match(job.state, /^completed/);
  const { items } = await client.samples.list({ datasetId, limit: 500 });
  const labelOf = (url: string | undefined) =>
    items.find(({ origins }) => origins.some(({ imageUrl }) => imageUrl === url))?.label;
  assert.equal(labelOf(honest[20]?.url), 'rest');
  assert.equal(labelOf(honest[21]?.url), 'given');
  const paged = items.filter(({ label }) => label === 'paged');
  assert.ok(paged.length >= 4);
  assert.ok(paged.every(({ origins }) => origins[0]?.pageUrl === `${gallery}/page/1`));
});

test('an estimate asks a search once, counts lists and folders, and admits what it cannot know', async () => {
  const { client } = open;
  const datasetId = await newDataset();
  const list = join(open.root, 'addresses.csv');
  await writeFile(list, 'url\nhttps://a.example/1.jpg\nhttps://a.example/2.jpg\nhttps://b.example/3.jpg\n');
  const folder = join(open.root, 'folder');
  await mkdir(join(folder, 'below'), { recursive: true });
  for (const name of ['1.jpg', 'notes.txt', 'below/2.png']) await writeFile(join(folder, name), 'x');
  web.clearRequests();
  const estimate = await client.crawls.estimate({
    datasetId,
    sources: ['openverse:anything', `urls:${list}`, `folder:${folder}`],
    allowHosts: allowHosts(),
    delayMs: 1000,
  });
  assert.equal(web.requests().length, 1, 'one question, and no image');
  assert.equal(web.requests()[0]?.headers.authorization, `Bearer ${TOKEN}`);
  const [search, addresses, files] = estimate.sources;
  assert.deepEqual([search?.basis, addresses?.basis, files?.basis], ['service-count', 'counted', 'counted']);
  assert.deepEqual([addresses?.images, files?.images], [3, 2]);
  assert.equal(estimate.images, (search?.images ?? 0) + 5);
  assert.ok((estimate.durationMs ?? 0) >= 2000, 'two addresses of one site are a second apart');
  assert.equal(estimate.bytes, null, 'a library this small says nothing about sizes');
  const limited = await client.crawls.estimate({ datasetId, sources: [`urls:${list}`], maxImages: 2 });
  assert.equal(limited.images, 2);
  const unknown = await client.crawls.estimate({
    datasetId,
    sources: [`${web.site('gallery').origin}/`, `urls:${list}`],
  });
  assert.deepEqual([unknown.images, unknown.durationMs, unknown.sources[0]?.basis], [null, null, 'unknown']);
  await assert.rejects(client.crawls.estimate({ datasetId, sources: ['urls:/absent.txt'] }), {
    code: 'bad-request',
    message: /^"\/absent\.txt" does not exist\. Expected a list of addresses .*; check the path\.$/,
  });
  await writeFile(list, 'url\rhttps://a.example/1.jpg\rhttps://a.example/2.jpg\r');
  const old = await client.crawls.estimate({ datasetId, sources: [`urls:${list}`] });
  assert.equal(old.images, 2, 'lines may end with CR alone');
});

test('an estimate counts what can be read of a folder, and says what cannot', { skip: isWindows }, async () => {
  const { client } = open;
  const datasetId = await newDataset();
  const folder = join(open.root, 'partly');
  await mkdir(folder);
  await writeFile(join(folder, '1.jpg'), 'x');
  // Together too deep to be named by a whole path, which no permission of whoever runs this makes readable.
  const chain = (root: string) => join(root, ...Array.from({ length: 10 }, () => 'd'.repeat(250)));
  const below = join(open.root, 'below');
  await mkdir(chain(below), { recursive: true });
  await mkdir(chain(folder), { recursive: true });
  const deep = join(chain(folder), 'below');
  await rename(below, deep);
  try {
    const { sources } = await client.crawls.estimate({ datasetId, sources: [`folder:${folder}`] });
    assert.deepEqual([sources[0]?.images, sources[0]?.basis], [1, 'counted']);
    assert.match(sources[0]?.detail ?? '', /^The folder ".*ddd" cannot be read; what is in there is not counted\.$/);
  } finally {
    await rename(deep, below);
  }
});

test('a trial fetches ten images into a dataset that nobody sees, and leaves nothing when it is over', async () => {
  const { client } = open;
  const datasetId = await newDataset();
  const before = await client.datasets.list({});
  const input = { datasetId, sources: [`${web.site('gallery').origin}/`], allowHosts: allowHosts() };
  const trial = await open.ended(client.crawls.trial(input));
  const found = await client.samples.list({ datasetId: trial.datasetId, limit: 100 });
  assert.equal(found.items.length, 10);
  assert.notEqual(trial.datasetId, datasetId);
  assert.equal((await client.datasets.list({})).length, before.length);
  assert.ok((await client.jobs.list({})).items.every(({ id }) => id !== trial.id));
  assert.equal((await client.jobs.list({ datasetId: trial.datasetId })).items[0]?.id, trial.id);
  const second = await open.ended(client.crawls.trial(input));
  await assert.rejects(client.jobs.get({ id: trial.id }), { code: 'not-found' }, 'one trial at a time');
  await client.crawls.endTrial({ datasetId: second.datasetId });
  await client.crawls.endTrial({ datasetId: second.datasetId });
  await assert.rejects(client.datasets.get({ id: second.datasetId }), { code: 'not-found' });
  await client.crawls.endTrial({ datasetId });
  assert.equal((await client.datasets.get({ id: datasetId })).id, datasetId, 'only trials are ended');
});

test('a trial of an import takes ten files, beside that of a crawl, and leaves uploaded files for the import', async () => {
  const { client } = open;
  const datasetId = await newDataset();
  const uploads = await open.core.uploads();
  const { batchId, folderPath } = await uploads.begin();
  for (let seed = 700; seed < 712; seed++) {
    const { bytes } = await encode(draw(seed, 300, 200), 'jpeg');
    await uploads.write(batchId, `birds/${seed}.jpg`, Readable.from([bytes]));
  }
  const crawl = await client.crawls.trial({
    datasetId,
    sources: [web.site('gallery').origin],
    allowHosts: allowHosts(),
  });
  const input = { datasetId, paths: [folderPath] };
  const trial = await open.ended(client.imports.trial(input));
  assert.notEqual(trial.datasetId, datasetId);
  assert.equal((await client.samples.list({ datasetId: trial.datasetId, limit: 100 })).items.length, 10);
  const again = await open.ended(client.imports.trial(input));
  await assert.rejects(client.jobs.get({ id: trial.id }), { code: 'not-found' }, 'one trial of a kind at a time');
  assert.equal((await open.ended(Promise.resolve(crawl))).counts.accepted > 0, true, 'the other kind is left alone');
  await client.crawls.endTrial({ datasetId: again.datasetId });
  await client.crawls.endTrial({ datasetId: crawl.datasetId });
  assert.equal((await open.ended(client.imports.start(input))).counts.accepted, 12);
});

test('an estimate asks a service no more often than a crawl would, and knows more the next time', async (t) => {
  const polite = await makeCore({
    PIXCRAWLER_SOURCES_OPENVERSE_URL: web.site('api').origin,
    PIXCRAWLER_CRAWL_DELAY_MS: '400',
  });
  t.after(() => polite.close());
  const { client } = polite;
  const { id: datasetId } = await client.datasets.create({ name: 'counted' });
  const sources = ['finch', 'heron', 'ibis', 'jay', 'kite'].map((query) => `openverse:${query}`);
  const asked = () => web.requests().filter(({ path }) => path.startsWith('/v1/images/')).length;
  const before = asked();
  const bases = async () => (await client.crawls.estimate({ datasetId, sources })).sources.map(({ basis }) => basis);
  const first = await bases();
  const counted = first.filter((basis) => basis === 'service-count').length;
  assert.ok(counted <= 3 && first.filter((basis) => basis === 'waiting').length === 5 - counted, first.join());
  const deadline = Date.now() + 10_000;
  while ((await bases()).includes('waiting') && Date.now() < deadline) await sleep(200);
  assert.deepEqual(await bases(), Array(5).fill('service-count'));
  assert.equal(asked() - before, 5, 'each is asked for once');
});

test('a search service that was asked is told to work', async () => {
  const { client } = open;
  const state = async () => (await client.sources.list()).map((each) => [each.source, each.state]);
  const datasetId = await newDataset();
  await open.ended(client.crawls.start({ datasetId, sources: ['openverse:robin'], maxImages: 3 }));
  assert.deepEqual(await state(), [
    ['openverse', 'working'],
    // The same server stands in for both.
    ['wikimedia', 'working'],
  ]);
});

test('a search service that never answers is told to fail, after estimates and after trials', async (t) => {
  const silent = await makeCore({
    PIXCRAWLER_SOURCES_OPENVERSE_URL: 'http://openverse.invalid',
    PIXCRAWLER_SOURCES_WIKIMEDIA_URL: 'http://wikimedia.invalid',
  });
  t.after(() => silent.close());
  const { client } = silent;
  const { id: datasetId } = await client.datasets.create({ name: 'silent' });
  const states = async () => (await client.sources.list()).map(({ failures, state }) => [state, failures > 0]);
  assert.deepEqual(await states(), [
    ['unused', false],
    ['unused', false],
  ]);
  const { sources } = await client.crawls.estimate({ datasetId, sources: ['openverse:robin'] });
  assert.deepEqual([sources[0]?.basis, sources[0]?.reason], ['unreachable', 'dns-failure']);
  assert.deepEqual((await states())[0], ['failing', true]);
  await silent.ended(client.crawls.trial({ datasetId, sources: ['wikimedia:robin'] }));
  assert.deepEqual((await states())[1], ['failing', true]);
});

test('the log says in words what failed, with the code, and names files', async () => {
  const { client } = open;
  const datasetId = await newDataset();
  const lines = async (id: number) => (await client.jobs.log({ id })).items.map(({ message }) => message);
  const page = `${web.site('robots-closed').origin}/`;
  const crawl = await open.ended(client.crawls.start({ datasetId, sources: [page], allowHosts: allowHosts() }));
  const [closed] = await lines(crawl.id);
  assert.match(closed ?? '', /: closed by robots\.txt \(robots-disallowed\): /);
  assert.doesNotMatch(closed ?? '', /\.\s*$/);

  const folder = join(open.root, 'broken');
  await mkdir(folder);
  await writeFile(join(folder, 'broken.jpg'), 'no image');
  const imported = await open.ended(client.imports.start({ datasetId, paths: [folder] }));
  assert.equal(imported.counts.failed, 1);
  assert.match((await lines(imported.id)).join('\n'), /broken\.jpg: not an image \(not-an-image\)/);
});

test('the token of a service goes to that service alone', async () => {
  const { client } = open;
  const datasetId = await newDataset();
  web.clearRequests();
  await open.ended(
    client.crawls.start({
      datasetId,
      sources: ['openverse:anything', 'wikimedia:anything'],
      maxImages: 3,
      allowHosts: allowHosts(),
    }),
  );
  const bearing = web.requests().filter(({ headers }) => headers.authorization !== undefined);
  assert.ok(bearing.length > 0);
  assert.ok(bearing.every(({ site, path }) => site === 'api' && path.startsWith('/v1/images/')));
});

test('what failed is listed by reason, what came by label and source, and what arrived by the second', async () => {
  const { client } = open;
  const datasetId = await newDataset();
  const absent = join(open.root, 'absent.txt');
  await writeFile(absent, [1, 2, 3, 4].map((each) => `${web.site('gallery').origin}/absent/${each}.jpg`).join('\n'));
  const job = await open.ended(
    client.crawls.start({
      datasetId,
      sources: [`${web.site('gallery').origin}/`, `urls:${absent}`],
      label: 'x',
      allowHosts: allowHosts(),
    }),
  );
  const failures = await client.jobs.failures({ id: job.id, limit: 1000 });
  assert.ok(failures.items.length > 3);
  const [first] = failures.items;
  const same = await client.jobs.failures({ id: job.id, reason: first?.reason ?? '', limit: 1000 });
  assert.ok(same.items.length > 0 && same.items.every(({ reason }) => reason === first?.reason));
  const page = await client.jobs.failures({ id: job.id, limit: 2 });
  const rest = await client.jobs.failures({ id: job.id, limit: 1000, after: page.next ?? 0 });
  assert.equal(page.items.length + rest.items.length, failures.items.length);
  const refused = await client.jobs.failures({ id: job.id, state: 'refused', limit: 1000 });
  assert.ok(refused.items.some(({ reason }) => reason === 'svg-refused'));
  const points = await client.jobs.throughput({ id: job.id });
  assert.equal(
    points.reduce((sum, { fetched }) => sum + fetched, 0),
    job.counts.fetched,
  );
  assert.deepEqual(await client.jobs.sites({ id: job.id }), [], 'the board of a job that has ended is empty');
  await assert.rejects(client.jobs.failures({ id: 99_999 }), { code: 'not-found' });
});

test('events come at most four times a second for one job, and tell of changes to datasets and projects', async () => {
  const { client } = open;
  const events: CoreEvent[] = [];
  const stop = new AbortController();
  const watching = (async () => {
    for await (const event of await client.events.watch({}, { signal: stop.signal })) events.push(event);
  })().catch(() => undefined);
  const startedMs = performance.now();
  const project = await client.projects.create({ name: 'evented' });
  const { id: datasetId } = await client.datasets.create({ name: 'evented', projectId: project.id });
  await open.ended(
    client.crawls.start({ datasetId, sources: [`${web.site('gallery').origin}/`], allowHosts: allowHosts() }),
  );
  await client.datasets.rename({ id: datasetId, name: 'evented 2' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const seconds = (performance.now() - startedMs) / 1000;
  stop.abort();
  await watching;
  const count = (type: CoreEvent['type']) => events.filter((event) => event.type === type).length;
  assert.ok(count('project.changed') >= 1 && count('dataset.changed') >= 2);
  assert.ok(count('samples.added') >= 1);
  // The start and the end come at once.
  assert.ok(count('samples.added') <= 4 * seconds + 2, `${count('samples.added')} in ${seconds} s`);
  assert.ok(count('job.updated') <= 4 * seconds + 4, `${count('job.updated')} in ${seconds} s`);
  const added = events.reduce((sum, event) => sum + (event.type === 'samples.added' ? event.count : 0), 0);
  assert.equal(added, (await client.datasets.get({ id: datasetId })).sampleCount);
});

test('what failed is tried again though the list and the folder it came from are gone', async () => {
  const { client } = open;
  const honest = web.pictures.filter(({ kind }) => kind === 'honest');
  const list = join(open.root, 'gone.txt');
  const folder = join(open.root, 'gone');
  await mkdir(folder);
  await writeFile(join(folder, 'broken.jpg'), 'no image');
  await writeFile(list, `${honest[0]?.url}\n${web.site('gallery').origin}/not-there.jpg\n`);
  const job = await open.ended(
    client.crawls.start({
      datasetId: await newDataset(),
      sources: [`urls:${list}`, `folder:${folder}`],
      allowHosts: allowHosts(),
    }),
  );
  assert.equal(job.state, 'completed-with-errors');
  await rm(list);
  await rm(folder, { recursive: true });
  const again = await open.ended(client.jobs.retry({ id: job.id, only: 'http-404' }));
  assert.deepEqual(
    [again.state, again.error, again.counts, again.reasons],
    ['completed-with-errors', null, job.counts, job.reasons],
  );
});
