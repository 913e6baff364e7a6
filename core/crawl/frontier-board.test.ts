import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DatasetRepository } from '../datasets/dataset-repository.ts';
import { Database } from '../db/database.ts';
import { DatabaseReader } from '../db/reader.ts';
import { JobRepository } from '../jobs/job-repository.ts';
import { ProjectRepository } from '../projects/project-repository.ts';
import { Frontier } from './frontier.ts';
import type { LedgerRequest, NewRequest } from './ledger-request.ts';
import { RequestRepository } from './request-repository.ts';

const OWNER = 'local';
const BIG = 'http://big:80';
const SMALL = 'http://small:80';

let folder: string;
let database: Database;
let reader: DatabaseReader;
let requests: RequestRepository;
let jobId: number;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-board-'));
  const path = join(folder, 'test.db');
  database = await Database.open({ path, backupDirectory: join(folder, 'backups') });
  reader = new DatabaseReader(path);
  requests = new RequestRepository(database, OWNER);
  const project = await new ProjectRepository(database, OWNER).insert('project');
  const datasetId = (await new DatasetRepository(database, OWNER).insert(project.id, 'set', [])).id;
  jobId = (await new JobRepository(database, OWNER).insert('crawl', datasetId, {})).id;
});

after(async () => {
  await reader?.close();
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

function found(count: number, site: string, kind: 'image' | 'page'): NewRequest[] {
  return Array.from({ length: count }, (_each, index) => ({
    kind,
    url: `${site}/${kind}/${index}`,
    site,
    lane: kind === 'image' ? 1 : 2,
    depth: 0,
    meta: { source: 'web' },
  }));
}

test('what waits is counted as it is added, taken and put off, in memory or not, and how long the sites take at least', async () => {
  const seeds = [...found(300, BIG, 'image'), ...found(20, BIG, 'page'), ...found(3, SMALL, 'image')];
  await database.write(() => requests.insertMany(jobId, seeds));
  const frontier = new Frontier({ requests, reader, jobId, perHost: 1, delayMs: 500, resumed: false });
  await frontier.load();
  const startMs = Date.now();
  const waiting = () => Object.fromEntries(frontier.sites(startMs).map(({ site, waiting }) => [site, waiting]));
  const least = () => frontier.endsNotBefore(startMs) - startMs;
  assert.ok(Math.abs(least() - 319 * 500) <= 1_000, `${least()} ms before a site is met`);
  const taken = [frontier.take(startMs), frontier.take(startMs)].map((each) => each?.request);
  assert.deepEqual(waiting(), { [BIG]: 319, [SMALL]: 2 });
  assert.ok(Math.abs(least() - 319 * 500) <= 1_000, `${least()} ms`);

  frontier.noteInserted((await database.write(() => requests.insertMany(jobId, found(400, BIG, 'image')))).bySite);
  assert.deepEqual(waiting(), { [BIG]: 419, [SMALL]: 2 }, 'only what the job did not know is added');
  for (const request of taken) frontier.defer(request as LedgerRequest, startMs + 60_000);
  assert.deepEqual(waiting(), { [BIG]: 420, [SMALL]: 3 });
  frontier.closePages();
  assert.deepEqual(waiting(), { [BIG]: 400, [SMALL]: 3 }, 'pages that will not be asked for do not wait');
  frontier.giveUp(BIG);
  assert.deepEqual(waiting(), { [BIG]: 0, [SMALL]: 3 });
});

test('a site that refuses all that was asked for is told apart from one at full pace', () => {
  const frontier = new Frontier({ requests, reader, jobId, perHost: 1, delayMs: 0, resumed: false });
  const isClosed = () => frontier.sites(0).map(({ site, isClosed }) => [site, isClosed]);
  assert.ok(frontier.enter(BIG, 0));
  frontier.refused(BIG);
  assert.deepEqual(isClosed(), [[BIG, true]]);
  assert.equal(frontier.save(BIG).hasAnswered, false);
  assert.ok(frontier.enter(BIG, 1));
  frontier.left(BIG, true);
  frontier.finished(BIG, { kind: 'success', durationMs: 1 }, 2);
  assert.deepEqual(isClosed(), [[BIG, false]]);
  assert.equal(frontier.save(BIG).hasAnswered, true);
});

test('counting reads nothing but an index', () => {
  const { sql, parameters } = requests.waitingSitesQuery(jobId, -1, 5_000);
  const plan = database.prepare<number[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters);
  assert.ok(plan.some(({ detail }) => detail.includes('COVERING INDEX requests_waiting')));
});
