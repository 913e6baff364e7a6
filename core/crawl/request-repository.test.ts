import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import fc from 'fast-check';
import { DatasetRepository } from '../datasets/dataset-repository.ts';
import { Database } from '../db/database.ts';
import type { RequestKind, RequestState } from '../db/schema.ts';
import { JobRepository } from '../jobs/job-repository.ts';
import { ProjectRepository } from '../projects/project-repository.ts';
import { requestCounts } from '../testing/request-counts.ts';
import { isImageKind, type NewRequest, wasFetched } from './ledger-request.ts';
import { RequestRepository } from './request-repository.ts';

const OWNER = 'local';
let folder: string;
let database: Database;
let requests: RequestRepository;
let jobs: JobRepository;
let datasetId: number;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-ledger-'));
  database = await Database.open({ path: join(folder, 'test.db'), backupDirectory: join(folder, 'backups') });
  // Not about power cuts: without waiting for the disk.
  database.pragma('synchronous = OFF');
  requests = new RequestRepository(database, OWNER);
  jobs = new JobRepository(database, OWNER);
  const project = await new ProjectRepository(database, OWNER).insert('project');
  datasetId = (await new DatasetRepository(database, OWNER).insert(project.id, 'set', [])).id;
});

after(async () => {
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

async function newJob(): Promise<number> {
  return (await jobs.insert('crawl', datasetId, {})).id;
}

/** One writer, and nobody else to wait for. */
async function write<T>(work: () => T): Promise<T> {
  return work();
}

function address(kind: RequestKind, url: string, site: string | null = 'http://a:80'): NewRequest {
  return { kind, url, site, lane: kind === 'image' ? 1 : 2, depth: 0, meta: { source: 'web' } };
}

/** What the ledger holds, as the model does. */
function rowsOf(jobId: number): ModelRow[] {
  return database
    .prepare<[number], ModelRow>(
      `SELECT kind, url, state, reason, attempts, due_at AS dueAt FROM requests WHERE job_id = ? ORDER BY id`,
    )
    .all(jobId);
}

interface ModelRow {
  kind: RequestKind;
  url: string;
  state: RequestState;
  reason: string | null;
  attempts: number;
  dueAt: number;
}

type Command =
  | { readonly do: 'insert'; readonly found: readonly { readonly kind: RequestKind; readonly name: number }[] }
  | {
      readonly do: 'settle';
      readonly at: number;
      readonly state: Exclude<RequestState, 'waiting'>;
      readonly reason: string;
    }
  | { readonly do: 'defer'; readonly at: number; readonly dueAt: number; readonly reason: string }
  | { readonly do: 'give-up'; readonly site: number }
  | { readonly do: 'retry'; readonly only: string | undefined };

const REASONS = ['timeout', 'http-404', 'not-an-image', 'unreadable'] as const;
const SITES = ['http://a:80', 'http://b:8080', 'https://c:443'] as const;
const siteFor = (name: number): string => SITES[name % SITES.length] as string;

const reason = fc.constantFrom(...REASONS);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('insert' as const),
      found: fc.array(fc.record({ kind: fc.constantFrom<RequestKind>('image', 'page', 'sitemap'), name: fc.nat(8) }), {
        maxLength: 6,
      }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      at: fc.nat(30),
      state: fc.constantFrom('done' as const, 'duplicate' as const, 'refused' as const, 'failed' as const),
      reason,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('defer' as const), at: fc.nat(30), dueAt: fc.nat(1_000), reason }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('give-up' as const), site: fc.nat(2) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('retry' as const), only: fc.option(reason, { nil: undefined }) }),
  },
);

test('the ledger is the state machine it says it is, whatever the history', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 40 }), async (commands) => {
      const jobId = await newJob();
      const model: ModelRow[] = [];
      const ids = () =>
        database.prepare<[number], { id: number }>('SELECT id FROM requests WHERE job_id = ? ORDER BY id').all(jobId);
      for (const step of commands) {
        switch (step.do) {
          case 'insert': {
            const fresh = step.found
              .map(({ kind, name }) => address(kind, `${siteFor(name)}/${name}`, siteFor(name)))
              .filter(
                ({ url }, index, all) =>
                  !model.some((row) => row.url === url) && all.findIndex((other) => other.url === url) === index,
              );
            const found = step.found.map(({ kind, name }) => address(kind, `${siteFor(name)}/${name}`, siteFor(name)));
            const result = await write(() => requests.insertMany(jobId, found));
            const images = fresh.filter(({ kind }) => isImageKind(kind)).length;
            assert.deepEqual([result.images, result.pages], [images, fresh.length - images]);
            const names = new Set([...result.bySite.keys()].map((id) => requests.siteName(id)));
            assert.deepEqual(names, new Set(fresh.map(({ site }) => site)));
            for (const { kind, url } of fresh) {
              model.push({ kind, url, state: 'waiting', reason: null, attempts: 0, dueAt: 0 });
            }
            break;
          }
          case 'settle': {
            const row = model[step.at];
            const id = ids()[step.at]?.id;
            if (row === undefined || id === undefined) break;
            const settled = await write(() =>
              requests.settle(id, { state: step.state, reason: step.reason as 'timeout' }),
            );
            assert.equal(settled, row.state === 'waiting', 'a request is settled once');
            if (!settled) break;
            Object.assign(row, { state: step.state, reason: step.reason, attempts: row.attempts + 1 });
            break;
          }
          case 'defer': {
            const row = model[step.at];
            const id = ids()[step.at]?.id;
            if (row === undefined || id === undefined) break;
            await write(() => requests.defer(id, step.dueAt, row.attempts + 1, step.reason));
            if (row.state !== 'waiting') break;
            Object.assign(row, { dueAt: step.dueAt, attempts: row.attempts + 1, reason: step.reason });
            break;
          }
          case 'give-up': {
            const site = siteFor(step.site);
            const siteId = await write(() => requests.siteId(site));
            const counts = await write(() => requests.settleSite(jobId, siteId, 'site-in-trouble', 'gone'));
            const gone = model.filter(({ state, url }) => state === 'waiting' && url.startsWith(`${site}/`));
            const images = gone.filter(({ kind }) => isImageKind(kind)).length;
            assert.deepEqual(counts, { images, pages: gone.length - images, isDone: true });
            for (const row of gone) Object.assign(row, { state: 'failed', reason: 'site-in-trouble' });
            break;
          }
          case 'retry': {
            const again = model.filter(
              (row) => row.state === 'failed' && (step.only === undefined || row.reason === step.only),
            );
            const { sql, parameters } = requests.failedIdsQuery(jobId, step.only, 0, 100);
            const failed = database.prepare<unknown[], { id: number }>(sql).all(...parameters);
            const result = await write(() => requests.retryFailed(failed.map(({ id }) => id)));
            const images = again.filter(({ kind }) => isImageKind(kind));
            const reasons: Record<string, number> = {};
            for (const row of again) reasons[row.reason ?? ''] = (reasons[row.reason ?? ''] ?? 0) + 1;
            assert.deepEqual(result, {
              images: images.length,
              fetched: images.filter((row) => wasFetched(row.reason ?? '')).length,
              pages: again.length - images.length,
              reasons,
              taken: again.length,
            });
            for (const row of again) Object.assign(row, { state: 'waiting', attempts: 0, dueAt: 0 });
            break;
          }
        }
      }
      assert.deepEqual(
        rowsOf(jobId).map((row) => ({ ...row })),
        model,
      );
      for (const state of ['waiting', 'done', 'duplicate', 'refused', 'failed'] as const) {
        const rows = model.filter((row) => row.state === state);
        const images = rows.filter(({ kind }) => isImageKind(kind)).length;
        assert.deepEqual(requestCounts(database, requests, jobId, state), { images, pages: rows.length - images });
      }
    }),
    { numRuns: 150 },
  );
});

test('an address is one row in a job, and a row of its own in another', async () => {
  const [one, two] = [await newJob(), await newJob()];
  for (const jobId of [one, two]) {
    const { images } = await write(() =>
      requests.insertMany(jobId, [address('image', 'http://a/x.jpg'), address('image', 'http://a/x.jpg')]),
    );
    assert.equal(images, 1);
  }
  for (const kind of ['page', 'sitemap', 'api'] as const) {
    const { images, pages } = await write(() => requests.insertMany(one, [address(kind, 'http://a/x.jpg')]));
    assert.deepEqual([images, pages], [0, 0], 'it stays what it was found as first');
  }
  const local = ['file', 'list', 'folder'] as const;
  const { images, pages } = await write(() =>
    requests.insertMany(
      one,
      local.map((kind) => address(kind, '/x', null)),
    ),
  );
  assert.deepEqual([images, pages], [1, 2], 'a path may be asked for in several ways');
});

test('a waiting request that is forgotten can be found as something else, a settled one stays', async () => {
  const jobId = await newJob();
  await write(() => requests.insertMany(jobId, [address('page', 'http://a/long'), address('page', 'http://a/done')]));
  const [long, done] = requests.waiting(jobId, requests.siteId('http://a:80'), 2, 0, 2).map(({ id }) => id);
  assert.ok(long !== undefined && done !== undefined);
  requests.settle(done, { state: 'done' });
  assert.deepEqual([requests.isWaiting(long), requests.isWaiting(done)], [true, false]);
  assert.deepEqual([requests.forget(long), requests.forget(long), requests.forget(done)], [true, false, false]);
  const found = [address('image', 'http://a/long'), address('image', 'http://a/done')];
  const { images } = await write(() => requests.insertMany(jobId, found));
  assert.equal(images, 1);
});

test('a site whose row was undone is made anew', async () => {
  const jobId = await newJob();
  const site = 'http://undone:80';
  const found = [address('image', 'http://undone/1.jpg', site)];
  const failing = () => {
    requests.insertMany(jobId, found);
    throw new Error('undone');
  };
  // Alone its transaction is rolled back, in company its savepoint.
  await assert.rejects(database.write(failing), /undone/);
  const [undone, kept] = await Promise.allSettled([
    database.write(failing),
    database.write(() => requests.insertMany(jobId, [address('image', 'http://kept/1.jpg', 'http://kept-too:80')])),
  ]);
  assert.deepEqual([undone.status, kept.status], ['rejected', 'fulfilled']);
  const { bySite } = await database.write(() => requests.insertMany(jobId, found));
  assert.deepEqual(
    [...bySite.keys()].map((id) => requests.siteName(id)),
    [site],
  );
});

test('what is asked of a large ledger reads the part of it that it is about', () => {
  const plan = (sql: string, parameters: readonly unknown[]): string =>
    database
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...parameters)
      .map(({ detail }) => detail)
      .join('; ');
  const sites = requests.waitingSitesQuery(1, -1, 10);
  const sitesPlan = plan(sites.sql, sites.parameters);
  assert.match(sitesPlan, /USING COVERING INDEX requests_waiting /);
  assert.doesNotMatch(sitesPlan, /TEMP B-TREE/);
  const failed = requests.failedIdsQuery(1, undefined, 0, 10);
  assert.match(plan(failed.sql, failed.parameters), /USING COVERING INDEX requests_failed/);
  // What the repository itself asks, seen as it is prepared.
  const asked: string[] = [];
  const watched = mock.method(database, 'prepare', (sql: string) => {
    asked.push(sql);
    return prepare(sql);
  });
  const prepare = Database.prototype.prepare.bind(database);
  for (const state of ['failed', 'refused'] as const) requests.lastProblem(1, state);
  requests.retryFailed([1]);
  requests.settleSite(1, 1, 'site-in-trouble', '');
  watched.mock.restore();
  const plans = asked.map((sql) =>
    plan(
      sql,
      Array.from(sql.matchAll(/\?/g), () => 1),
    ),
  );
  const indices = plans.map((text) => /USING (?:(?:COVERING )?INDEX (\w+)|INTEGER PRIMARY KEY)/.exec(text)?.[0]);
  assert.deepEqual(indices, [
    'USING INDEX requests_failed',
    'USING INDEX requests_refused',
    'USING INTEGER PRIMARY KEY',
    'USING COVERING INDEX requests_waiting',
    'USING INTEGER PRIMARY KEY',
  ]);
  for (const text of plans) assert.doesNotMatch(text, /TEMP B-TREE/, 'nothing is sorted first');
});

test('waiting requests are read lane by lane, in the order they were found, with what was known of them', async () => {
  const jobId = await newJob();
  const meta = { source: 'web', label: 'ä "quoted"', pageUrl: 'http://a/' };
  const found = Array.from({ length: 25 }, (_, index) => ({ ...address('image', `http://a/${index}.jpg`), meta }));
  await write(() => requests.insertMany(jobId, [address('page', 'http://a/p'), ...found]));
  const siteId = await write(() => requests.siteId('http://a:80'));
  const seen: string[] = [];
  for (let after = 0; ; ) {
    const rows = requests.waiting(jobId, siteId, 1, after, 10);
    seen.push(...rows.map(({ url }) => url));
    after = rows.at(-1)?.id ?? after;
    for (const row of rows) assert.deepEqual(row.meta, meta);
    if (rows.length < 10) break;
  }
  assert.deepEqual(
    seen,
    found.map(({ url }) => url),
  );
  assert.deepEqual(
    requests.waiting(jobId, siteId, 2, 0, 10).map(({ kind, url }) => [kind, url]),
    [['page', 'http://a/p']],
  );
  assert.deepEqual(requests.waiting(jobId, siteId, 0, 0, 10), []);
});

test('where a redirect led is done, unless it was known', async () => {
  const jobId = await newJob();
  await write(() => requests.insertMany(jobId, [address('page', 'http://a/from'), address('page', 'http://a/known')]));
  const siteId = await write(() => requests.siteId('http://a:80'));
  const [from] = requests.waiting(jobId, siteId, 2, 0, 1);
  assert.ok(from !== undefined);
  const note = (url: string) => write(() => requests.insertDone(jobId, from, url, 'http://a:80'));
  assert.deepEqual(
    [await note('http://a/new'), await note('http://a/new'), await note('http://a/known')],
    [true, false, false],
  );
  const { pages } = await write(() => requests.insertMany(jobId, [address('page', 'http://a/new')]));
  assert.equal(pages, 0, 'it is not fetched again');
});

test('what was learnt of a site outlives the job', async () => {
  await write(() => requests.saveSiteRecord('http://kept:80', 'schedule', '{"a":1}'));
  await write(() => requests.saveSiteRecord('http://kept:80', 'consent', '{"b":2}'));
  const other = new RequestRepository(database, OWNER);
  assert.equal(other.siteRecord('http://kept:80', 'schedule'), '{"a":1}');
  assert.equal(other.siteRecord('http://kept:80', 'consent'), '{"b":2}');
  assert.equal(other.siteRecord('http://unknown:80', 'consent'), undefined);
  const stranger = new RequestRepository(database, 'somebody else');
  assert.equal(stranger.siteRecord('http://kept:80', 'consent'), undefined);
});
