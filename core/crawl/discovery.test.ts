import assert from 'node:assert/strict';
import fs, { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NO_COUNTS } from '../../shared/contract/jobs.ts';
import { DatasetRepository } from '../datasets/dataset-repository.ts';
import { Database } from '../db/database.ts';
import type { Arrival } from '../ingest/arrival.ts';
import { JobRepository } from '../jobs/job-repository.ts';
import { JobTally } from '../jobs/job-tally.ts';
import { ProjectRepository } from '../projects/project-repository.ts';
import type { CrawlContext } from './crawl-context.ts';
import type { LedgerRequest, NewRequest, Settlement } from './ledger-request.ts';
import { importFile, listFolder, UnpackedArchives } from './local-handler.ts';
import { crawlPage, crawlSitemap } from './page-handler.ts';
import { RequestRepository } from './request-repository.ts';

const SITE = 'http://a:80';
let folder: string;
let database: Database;
let requests: RequestRepository;
let datasetId: number;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-discovery-'));
  database = await Database.open({ path: join(folder, 'test.db'), backupDirectory: join(folder, 'backups') });
  database.pragma('synchronous = OFF');
  requests = new RequestRepository(database, 'local');
  const project = await new ProjectRepository(database, 'local').insert('project');
  datasetId = (await new DatasetRepository(database, 'local').insert(project.id, 'set', [])).id;
});

after(async () => {
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Setting {
  readonly context: CrawlContext;
  readonly jobId: number;
  readonly tally: JobTally;
  /** How many addresses each write added. */
  readonly writes: number[];
  readonly settlements: Settlement[];
  readonly arrivals: Arrival[];
  /** Lets the core die when so many writes have gone through. */
  dieAfter: number;
}

/** A crawl as a handler sees it, over a real ledger. */
async function setting(answers: { fetched?: object; task?: () => Promise<unknown> }): Promise<Setting> {
  const jobId = (await new JobRepository(database, 'local').insert('crawl', datasetId, {})).id;
  const tally = new JobTally(NO_COUNTS, {}, 0);
  const insert = (found: readonly NewRequest[]): void => {
    const { images, pages } = requests.insertMany(jobId, found);
    tally.add({ discovered: images, pagesDiscovered: pages });
    made.writes.push(found.length);
  };
  const mayGoOn = (): void => {
    if (made.writes.length >= made.dieAfter) throw new Error('killed');
  };
  const context = {
    jobId,
    database,
    requests,
    tally,
    signal: new AbortController().signal,

    searchHeaders: async () => ({}),
    labelsFromFolders: false,
    log: () => undefined,
    scope: {
      allowsImage: () => true,
      allowsPage: () => true,
      allowsRedirect: () => true,
      excludes: () => false,
      follow: () => false,
    },
    blobStore: { stagingPath: () => join(folder, 'staged') },
    fetcher: {
      fetch: async (url: string) => ({ url, status: 200, headers: {}, truncated: false, ...answers.fetched }),
    },
    workers: { run: () => answers.task?.() },
    pipeline: { submit: async (arrival: Arrival) => made.arrivals.push(arrival) },
    addFound: (found: readonly NewRequest[]) =>
      database.write(() => {
        mayGoOn();
        insert(found);
      }),
    finishPage: (request: LedgerRequest, settlement: Settlement, found: readonly NewRequest[]) =>
      database.write(() => {
        mayGoOn();
        if (!requests.settle(request.id, settlement)) return;
        made.settlements.push(settlement);
        insert(found);
      }),
  } as unknown as CrawlContext;
  const made: Setting = {
    context,
    jobId,
    tally,
    writes: [],
    settlements: [],
    arrivals: [],
    dieAfter: Number.POSITIVE_INFINITY,
  };
  return made;
}

async function seed({ jobId }: Setting, request: Pick<NewRequest, 'kind' | 'url' | 'site'>): Promise<LedgerRequest> {
  const siteIds = await database.write(() => {
    const { bySite } = requests.insertMany(jobId, [{ ...request, lane: 0, depth: 0, meta: { source: 'web' } }]);
    return [...bySite.keys()];
  });
  return requests.waiting(jobId, siteIds[0] as number, 0, 0, 1)[0] as LedgerRequest;
}

function urlsOf(jobId: number): { kind: string; url: string; state: string }[] {
  return database
    .prepare<[number], { kind: string; url: string; state: string }>(
      'SELECT kind, url, state FROM requests WHERE job_id = ? ORDER BY id',
    )
    .all(jobId);
}

test('a large sitemap is added in short writes, and a kill in between loses and doubles nothing', async () => {
  const pages = Array.from({ length: 1_700 }, (_, index) => `http://a/page-${index}`);
  const made = await setting({ task: async () => ({ sitemaps: [], images: [], pages, truncated: false }) });
  const sitemap = await seed(made, { kind: 'sitemap', url: 'http://a/sitemap.xml', site: SITE });
  made.dieAfter = 2;
  await assert.rejects(crawlSitemap(made.context, sitemap), /killed/);
  assert.deepEqual(made.writes, [500, 500]);
  assert.equal(requests.isWaiting(sitemap.id), true);
  made.dieAfter = Number.POSITIVE_INFINITY;
  await crawlSitemap(made.context, sitemap);
  assert.deepEqual(made.writes.slice(2), [500, 500, 500, 200]);
  assert.equal(requests.isWaiting(sitemap.id), false);
  const rows = urlsOf(made.jobId).filter(({ kind }) => kind === 'page');
  assert.deepEqual(
    rows.map(({ url }) => url),
    pages,
  );
  assert.equal(made.tally.counts.pagesDiscovered, pages.length);
});

test('the links of a page are added in short writes', async () => {
  const links = Array.from({ length: 1_100 }, (_, index) => `http://a/link-${index}`);
  const extract = { images: [], links, metaRobots: [], tdmReservation: null };
  const made = await setting({ fetched: { headers: { 'content-type': 'text/html' } }, task: async () => extract });
  await crawlPage(made.context, await seed(made, { kind: 'page', url: 'http://a/', site: SITE }));
  assert.deepEqual(made.writes, [500, 500, 100]);
});

test('a page that is an image too long for a page is one row: an image that waits', async () => {
  const made = await setting({ fetched: { headers: { 'content-type': 'image/jpeg' }, truncated: true } });
  const page = await seed(made, { kind: 'page', url: 'http://a/long', site: SITE });
  made.tally.add({ pagesDiscovered: 1 });
  await crawlPage(made.context, page);
  assert.deepEqual(urlsOf(made.jobId), [{ kind: 'image', url: 'http://a/long', state: 'waiting' }]);
  assert.deepEqual([made.tally.counts.discovered, made.tally.counts.pagesDiscovered], [1, 0]);
});

test('a folder that breaks while it is read fails alone, and what was found before is kept', async () => {
  const root = join(folder, 'breaking');
  await mkdir(root);
  await writeFile(join(root, 'seen.png'), 'x');
  const made = await setting({});
  const request = await seed(made, { kind: 'folder', url: root, site: null });
  const real = fs.opendir;
  const opendir = mock.method(fs, 'opendir', async (path: string) => {
    const entries = await real(path);
    return (async function* () {
      yield* entries;
      throw Object.assign(new Error('input/output error'), { code: 'EIO' });
    })();
  });
  syncBuiltinESMExports();
  try {
    await listFolder(made.context, request);
  } finally {
    opendir.mock.restore();
    syncBuiltinESMExports();
  }
  const [settlement] = made.settlements;
  assert.deepEqual([settlement?.state, settlement?.reason], ['failed', 'file-unreadable']);
  assert.match(settlement?.detail ?? '', /EIO/);
  assert.deepEqual(
    urlsOf(made.jobId).map(({ url, state }) => [basename(url), state]),
    [
      ['breaking', 'failed'],
      ['seen.png', 'waiting'],
    ],
  );
});

test('a folder that cannot be opened because too many files are open stays to be listed', async () => {
  const made = await setting({});
  const request = await seed(made, { kind: 'folder', url: folder, site: null });
  const opendir = mock.method(fs, 'opendir', async () => {
    throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE', syscall: 'opendir' });
  });
  syncBuiltinESMExports();
  try {
    await assert.rejects(listFolder(made.context, request), { code: 'EMFILE' });
  } finally {
    opendir.mock.restore();
    syncBuiltinESMExports();
  }
  assert.deepEqual(
    urlsOf(made.jobId).map(({ state }) => state),
    ['waiting'],
  );
});

test('an archive is unpacked once, also when its entries are asked for while it is listed', async () => {
  const path = join(folder, 'some.zip');
  await writeFile(path, 'x');
  const entries = Array.from({ length: 1_200 }, (_, index) => ({
    index,
    name: `${index}.png`,
    path: join(folder, `${index}`),
    refused: null,
  }));
  let unpacked = 0;
  const made = await setting({
    task: async () => {
      unpacked++;
      return { entries };
    },
  });
  const request = await seed(made, { kind: 'archive', url: path, site: null });
  const archives = new UnpackedArchives(made.context);
  const [, entry] = await Promise.all([archives.list(request), archives.entryOf(request.id, path, 7)]);
  await archives.dispose();
  assert.equal(unpacked, 1);
  assert.equal(entry?.name, '7.png');
  assert.deepEqual(made.writes, [500, 500, 200]);
});

test('the origin of a local file is a URL that leads to it', async () => {
  const made = await setting({});
  const path = join(folder, 'a b#1?ä%41.png');
  const archives = new UnpackedArchives(made.context);
  await importFile(made.context, archives, await seed(made, { kind: 'file', url: path, site: null }));
  const plain = made.arrivals[0]?.origin.imageUrl ?? '';
  assert.equal(fileURLToPath(plain), path);
  assert.equal(new URL(plain).hash, '');
  const zip = join(folder, 'b #2.zip');
  const file = await seed(await setting({}), { kind: 'file', url: `${zip}#3:cat/x 1.png`, site: null });
  mock.method(archives, 'entryOf', async () => ({ index: 3, name: 'cat/x 1.png', path, refused: null }));
  const meta = { source: 'archive', root: zip, archiveId: 1, entry: 3 };
  await importFile(made.context, archives, { ...file, meta });
  const url = new URL(made.arrivals[1]?.origin.imageUrl ?? '');
  assert.equal(decodeURIComponent(url.hash), '#3:cat/x 1.png');
  url.hash = '';
  assert.equal(fileURLToPath(url), zip);
});
