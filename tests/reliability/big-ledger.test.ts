/** What failed of a crawl of a million addresses is put back while the core answers, and nothing of it is lost to a kill. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RequestRepository } from '../../core/crawl/request-repository.ts';
import { DatasetRepository } from '../../core/datasets/dataset-repository.ts';
import { Database } from '../../core/db/database.ts';
import { JobRepository } from '../../core/jobs/job-repository.ts';
import { ProjectRepository } from '../../core/projects/project-repository.ts';
import { requestCounts } from '../../core/testing/request-counts.ts';
import { IS_LONG_FORM, temporaryFolder } from './product.ts';

const FIXTURE = fileURLToPath(new URL('retry.fixture.ts', import.meta.url));
const OWNER = 'local';
const REQUESTS = IS_LONG_FORM ? 1_000_000 : 120_000;
const KILLS = IS_LONG_FORM ? 20 : 4;
/** Threads of the collector spin while they wait for each other, which a busy machine makes long and counts as theirs. */
const ALONE = '--single-threaded-gc';
/** Processor time that one turn of the event loop may take of the core's thread. */
const LONGEST_MS = 20;

interface Ledger {
  readonly database: Database;
  readonly jobs: JobRepository;
  readonly requests: RequestRepository;
}

async function open(folder: string): Promise<Ledger> {
  const database = await Database.open({ path: join(folder, 'ledger.db'), backupDirectory: join(folder, 'backups') });
  return { database, jobs: new JobRepository(database, OWNER), requests: new RequestRepository(database, OWNER) };
}

/** A job with a ledger as a crawl of many sites at a time leaves it: half of all failed, a tenth of it pages. */
async function makeLedger(folder: string): Promise<number> {
  const { database, jobs, requests } = await open(folder);
  database.pragma('synchronous = OFF');
  const project = await new ProjectRepository(database, OWNER).insert('project');
  const dataset = await new DatasetRepository(database, OWNER).insert(project.id, 'set', []);
  const { id, counts } = await jobs.insert('crawl', dataset.id, {});
  await database.write(() => {
    for (let site = 0; site < 50; site++) requests.siteId(`http://site-${site}.example:80`);
    database
      .prepare(
        `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1)
         INSERT INTO requests (owner_id, job_id, kind, state, url, url_digest, site_id, lane, depth, meta, reason, settled_at,
           attempts)
         SELECT ?, ?, iif(i % 10 = 0, 'page', 'image'), iif(i % 2 = 0, 'failed', 'done'),
           'http://site-' || (i / 20 % 50) || '.example/a/path/of/the/usual/length/' || i || '.jpg', randomblob(16),
           1 + i / 20 % 50, 1, 0, '{"source":"web","pageUrl":"http://site.example/a/page/of/it/' || (i / 20) || '"}',
           iif(i % 2 = 1, NULL, iif(i % 4 = 0, 'timeout', 'not-an-image')), 1700000000000 + i / 1000 * 20 + i % 20, 1 FROM n`,
      )
      .run(REQUESTS, OWNER, id);
    const images = REQUESTS - REQUESTS / 10;
    const failed = REQUESTS / 2 - REQUESTS / 10;
    jobs.saveCounts(
      id,
      {
        ...counts,
        discovered: images,
        // What cannot be read was fetched: those of every second failed one, of which a fifth are pages.
        fetched: images - failed + failed / 2,
        accepted: images - failed,
        failed,
        pagesDiscovered: REQUESTS / 10,
        pagesDone: REQUESTS / 10,
      },
      { timeout: REQUESTS / 4, 'not-an-image': REQUESTS / 4 },
      99,
    );
  });
  await jobs.setState(id, 'completed-with-errors');
  await database.close();
  // A crawl leaves nothing unwritten. Else the first checkpoint has all of it written, at the cost of the core's thread.
  const file = await openFile(database.path, 'r+');
  await file.sync();
  await file.close();
  return id;
}

/** Starts to put back what failed; resolves once it is under way. */
async function startRetry(folder: string, jobId: number) {
  const child = spawn(process.execPath, [ALONE, FIXTURE, join(folder, 'ledger.db'), String(jobId)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const line = async (index: number): Promise<string> => {
    while (told.split('\n').length <= index + 1 && child.exitCode === null && child.signalCode === null) await sleep(2);
    return told.split('\n')[index] ?? '';
  };
  assert.equal(await line(0), 'under way');
  return { child, ended, line };
}

/** The counts of a job are those of its rows, whatever was put back so far. @returns how many are still failed */
function assertCountsAreTrue({ database, jobs, requests }: Ledger, jobId: number, what: string): number {
  const { counts, reasons } = jobs.get(jobId);
  const failed = requestCounts(database, requests, jobId, 'failed');
  const waiting = requestCounts(database, requests, jobId, 'waiting');
  const done = requestCounts(database, requests, jobId, 'done');
  assert.equal(failed.images + waiting.images + done.images, counts.discovered, what);
  assert.equal(failed.pages + waiting.pages + done.pages, counts.pagesDiscovered, what);
  assert.equal(failed.images, counts.failed, what);
  assert.equal(failed.pages + done.pages, counts.pagesDone, what);
  const rows = database
    .prepare<[number], { reason: string; count: number; images: number }>(
      `SELECT reason, count(*) AS count, sum(kind = 'image') AS images FROM requests WHERE job_id = ? AND state = 'failed'
       GROUP BY reason`,
    )
    .all(jobId);
  assert.deepEqual(reasons, Object.fromEntries(rows.map(({ reason, count }) => [reason, count])), what);
  const unreadable = rows.find(({ reason }) => reason === 'not-an-image')?.images ?? 0;
  assert.equal(counts.fetched, counts.accepted + unreadable, what);
  return failed.images + failed.pages;
}

const timeout = IS_LONG_FORM ? 3_600_000 : 240_000;

test(`what failed of ${REQUESTS} requests is put back without keeping the event loop`, { timeout }, async (context) => {
  const folder = await temporaryFolder(context, 'ledger');
  const jobId = await makeLedger(folder);
  const { child, ended, line } = await startRetry(folder, jobId);
  const { longestMs } = JSON.parse(await line(1)) as { longestMs: number };
  child.kill('SIGKILL');
  await ended;
  context.diagnostic(`the longest turn took ${longestMs.toFixed(1)} ms of the processor`);
  assert.ok(longestMs <= LONGEST_MS, `${longestMs} ms`);
  const ledger = await open(folder);
  assert.equal(assertCountsAreTrue(ledger, jobId, 'all put back'), 0);
  await ledger.database.close();
});

test('a kill at any step leaves true counts, and a job that can be retried again', { timeout }, async (context) => {
  const folder = await temporaryFolder(context, 'ledger');
  const made = join(folder, 'made');
  const jobId = await makeLedger(made);
  let broken = 0;
  for (let round = 0; round < KILLS; round++) {
    const killed = join(folder, `killed ${round}`);
    cpSync(made, killed, { recursive: true });
    const left = await retryAndKill(killed, jobId, round, context);
    if (left === 0) continue;
    broken++;
    const again = await startRetry(killed, jobId);
    await again.line(1);
    again.child.kill('SIGKILL');
    await again.ended;
    const ledger = await open(killed);
    assert.equal(assertCountsAreTrue(ledger, jobId, 'retried again'), 0);
    await ledger.database.close();
  }
  assert.ok(broken > 0, 'no kill came before the end');
});

/** @returns how many requests were still failed */
async function retryAndKill(folder: string, jobId: number, round: number, context: TestContext): Promise<number> {
  const { child, ended } = await startRetry(folder, jobId);
  await sleep(round * 40);
  child.kill('SIGKILL');
  await ended;
  const ledger = await open(folder);
  await ledger.jobs.pauseAbandoned();
  const left = assertCountsAreTrue(ledger, jobId, `round ${round}`);
  assert.equal(ledger.jobs.get(jobId).state, 'paused');
  context.diagnostic(`round ${round}: ${left} of ${REQUESTS / 2} were still failed`);
  await ledger.database.close();
  return left;
}
