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
import type { NewRequest } from './ledger-request.ts';
import { RequestRepository } from './request-repository.ts';
import { SiteBoard } from './site-board.ts';

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

test('what waits is known from the whole ledger, and how long the sites take at least', async () => {
  const added = [...found(300, BIG, 'image'), ...found(20, BIG, 'page'), ...found(3, SMALL, 'image')];
  await database.write(() => requests.insertMany(jobId, added));
  const frontier = new Frontier({ requests, reader, jobId, perHost: 1, delayMs: 500, resumed: false });
  await frontier.load();
  const ends: number[] = [];
  const board = new SiteBoard({ frontier, reader, requests, jobId, perHost: 1, onCounted: (ms) => ends.push(ms) });
  const waiting = () => Object.fromEntries(board.sites(Date.now()).map(({ site, waiting }) => [site, waiting]));
  try {
    const startMs = Date.now();
    assert.ok(frontier.take(startMs) !== null && frontier.take(startMs) !== null, 'one of each site');
    await board.run();
    assert.deepEqual(waiting(), { [BIG]: 319, [SMALL]: 2 });
    const leastMs = (ends[0] as number) - startMs;
    assert.ok(leastMs >= 318 * 500 && leastMs < 330 * 500, `${leastMs} ms`);

    frontier.closePages();
    assert.deepEqual(waiting(), { [BIG]: 299, [SMALL]: 2 }, 'pages that will not be asked for do not wait');
  } finally {
    board.close();
  }
});

test('a site that refuses all that was asked for is told apart from one at full pace', () => {
  const frontier = new Frontier({ requests, reader, jobId, perHost: 1, delayMs: 0, resumed: false });
  const isClosed = () => frontier.sites(0, new Map()).map(({ site, isClosed }) => [site, isClosed]);
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
  const { sql, parameters } = requests.waitingBySiteQuery(jobId);
  const plan = database.prepare<number[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters);
  assert.ok(plan.some(({ detail }) => detail.includes('COVERING INDEX requests_waiting')));
});
