/** How sites are asked, as their servers see it; and that a crawl which is interrupted goes on where it was. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Arrivals, expectGaps } from '../web/arrivals.ts';
import { draw, encode } from '../web/draw.ts';
import { type SiteServer, send, sendHtml, sendNotFound, startSite } from '../web/site-server.ts';
import type { LoggedRequest } from '../web/types.ts';
import { CommandLine, type JobResult, parseLines, until } from './command-line.ts';

const DELAY_MS = 200;
const PICTURES = 10;

let site: SiteServer;
let cli: CommandLine;
const log: LoggedRequest[] = [];
const arrivals = new Arrivals();
let answerAfterMs = 0;
let aiTextAfterMs = 0;
let inFlight = 0;
let mostInFlight = 0;

before(async () => {
  const pictures: Buffer[] = [];
  for (let index = 0; index < PICTURES; index++) {
    pictures.push((await encode(draw(700 + index, 240, 200), 'jpeg')).bytes);
  }
  site = await startSite('polite', '127.0.4.1', log, () => (_request, response, url) => {
    arrivals.add(url.pathname);
    mostInFlight = Math.max(mostInFlight, ++inFlight);
    setTimeout(
      () => {
        inFlight--;
        const index = /^\/picture\/(\d+)\.jpg$/.exec(url.pathname)?.[1];
        if (url.pathname === '/robots.txt') {
          response.writeHead(301, { location: '/robots-moved.txt', 'content-length': 0 });
          response.end();
        } else if (url.pathname === '/robots-moved.txt') send(response, 200, 'text/plain', 'User-agent: *\nAllow: /\n');
        else if (url.pathname === '/') sendHtml(response, '<a href="/more">more</a><img src="/picture/0.jpg">');
        else if (url.pathname === '/more') {
          sendHtml(response, pictures.map((_bytes, number) => `<img src="/picture/${number}.jpg">`).join(''));
        } else if (url.pathname === '/moved') {
          response.writeHead(302, { location: '/', 'content-length': 0 });
          response.end();
        } else if (index !== undefined) send(response, 200, 'image/jpeg', pictures[Number(index)]!);
        else sendNotFound(response);
      },
      url.pathname === '/ai.txt' ? aiTextAfterMs : answerAfterMs,
    );
  });
  cli = await CommandLine.make();
});

after(async () => {
  await cli?.remove();
  await site?.close();
  arrivals.stop();
});

function startOver(): void {
  log.length = 0;
  arrivals.clear();
  inFlight = 0;
  mostInFlight = 0;
}

function crawl(dataset: string, from: string, ...words: string[]): string[] {
  const { origin, host } = site.site;
  const source = from.startsWith('/') ? origin + from : from;
  return ['crawl', dataset, '--create', '--from', source, '--allow-host', host, ...words];
}

/** A source that names the first pictures of the site one by one. */
async function pictureList({ dataDirectory }: CommandLine, count: number): Promise<string> {
  const path = join(dirname(dataDirectory), `${count} pictures.txt`);
  const addresses = Array.from({ length: count }, (_, index) => `${site.site.origin}/picture/${index}.jpg\n`);
  await writeFile(path, addresses.join(''));
  return `urls:${path}`;
}

test('one request at a time to a host, however slow it answers', async () => {
  startOver();
  answerAfterMs = 60;
  const job = await cli.job(...crawl('slow', '/'));
  answerAfterMs = 0;
  assert.equal(job.counts.accepted, PICTURES);
  assert.equal(mostInFlight, 1);
});

test('as many at a time as were asked for', async () => {
  startOver();
  answerAfterMs = 100;
  const job = await cli.job(...crawl('wide', '/', '--per-host', '3'));
  answerAfterMs = 0;
  assert.equal(job.counts.accepted, PICTURES);
  assert.ok(mostInFlight > 1 && mostInFlight <= 3, `${mostInFlight} in flight`);
});

test('every gap is kept: robots.txt, redirects, pages and pictures alike', async () => {
  startOver();
  answerAfterMs = 20;
  // A directory that has never met the site, so that it asks for robots.txt.
  const fresh = await CommandLine.make();
  const job = await fresh.job(...crawl('gaps', '/moved', '--delay-ms', String(DELAY_MS)));
  await fresh.remove();
  answerAfterMs = 0;
  assert.equal(job.counts.accepted, PICTURES);
  assert.ok(log.length >= PICTURES + 5);
  assert.deepEqual([log[0]?.path, log.filter(({ path }) => path === '/robots.txt').length], ['/robots.txt', 1]);
  expectGaps(arrivals.all, DELAY_MS);
});

test('every gap is kept with several requests in flight, also while ai.txt is slow', async () => {
  startOver();
  aiTextAfterMs = 8 * DELAY_MS;
  const fresh = await CommandLine.make();
  const list = await pictureList(fresh, PICTURES);
  const job = await fresh.job(...crawl('wide gaps', list, '--delay-ms', String(DELAY_MS), '--per-host', '8'));
  await fresh.remove();
  aiTextAfterMs = 0;
  assert.equal(job.counts.accepted, PICTURES);
  expectGaps(arrivals.all, DELAY_MS);
});

test('the gap is kept from one crawl to the next', async () => {
  startOver();
  const gapMs = 3_000;
  const list = await pictureList(cli, 1);
  for (const dataset of ['first', 'second']) await cli.job(...crawl(dataset, list, '--delay-ms', String(gapMs)));
  assert.deepEqual(
    arrivals.all.map(({ path }) => path),
    ['/picture/0.jpg', '/picture/0.jpg'],
  );
  expectGaps(arrivals.all, gapMs);
});

test('Ctrl-C pauses, the same command goes on: nothing twice, no gap shortened, counts exact', async () => {
  startOver();
  const words = crawl('stopped', '/', '--delay-ms', String(DELAY_MS));
  for (const pictures of [1, 4]) {
    const { child, ended } = cli.start('--json', ...words);
    await until(() => log.filter(({ path }) => path.startsWith('/picture/')).length >= pictures, 'some pictures');
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    const result = parseLines(stdout).at(-1) as unknown as JobResult;
    assert.deepEqual([code, result.type, result.status], [130, 'result', 'paused'], stderr);
    const [job] = (await cli.json('jobs', 'list', '--state', 'paused')).lines;
    assert.equal(job?.id, result.jobId);
  }
  const job = await cli.job(...words);
  assert.deepEqual([job.code, job.status], [0, 'completed']);
  assert.deepEqual(job.counts, {
    discovered: PICTURES,
    fetched: PICTURES,
    accepted: PICTURES,
    quarantined: 0,
    duplicates: 0,
    nearDuplicates: 0,
    refused: 0,
    failed: 0,
  });
  const paths = log.map(({ path }) => path);
  assert.equal(new Set(paths).size, paths.length, `asked for twice: ${paths}`);
  expectGaps(arrivals.all, DELAY_MS);
  assert.equal((await cli.json('jobs', 'list', '--dataset', 'stopped')).lines.length, 1, 'it is one job');
  assert.deepEqual(ledger('stopped'), [
    { kind: 'image', state: 'done', count: PICTURES },
    { kind: 'page', state: 'done', count: 2 },
  ]);
});

test('a pause while an answer is slow loses neither it nor a count', async () => {
  startOver();
  answerAfterMs = 1_000;
  const words = crawl('grace', '/');
  const { child, ended } = cli.start('--json', ...words);
  await until(() => log.some(({ path }) => path.startsWith('/picture/')), 'a picture');
  child.kill('SIGINT');
  const { code } = await ended;
  answerAfterMs = 0;
  assert.equal(code, 130);
  const job = await cli.job('jobs', 'resume');
  assert.deepEqual([job.status, job.counts.accepted, job.counts.discovered], ['completed', PICTURES, PICTURES]);
  const paths = log.map(({ path }) => path);
  assert.equal(new Set(paths).size, paths.length, `asked for twice: ${paths}`);
});

test('a second process is told who has the data directory, and changes nothing', async () => {
  startOver();
  const { child, ended } = cli.start(...crawl('held', '/', '--delay-ms', '300'));
  await until(() => log.length > 0, 'the first request');
  const second = await cli.run('dataset', 'list');
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`${child.pid}`));
  assert.match(second.stderr, /in use|another|already/i);
  assert.equal(second.stdout, '');
  const asJson = await cli.json('jobs', 'resume');
  assert.deepEqual([asJson.code, asJson.lines[0]?.type, asJson.lines[0]?.code], [1, 'error', 'in-use']);
  child.kill('SIGINT');
  await ended;
  await cli.succeed('jobs', 'cancel', String((await cli.json('jobs', 'list')).lines[0]?.id));
});

test('jobs are cancelled for good, and what they have collected stays', async () => {
  startOver();
  const { child, ended } = cli.start('--json', ...crawl('ended', '/', '--delay-ms', '150'));
  await until(() => log.filter(({ path }) => path.startsWith('/picture/')).length >= 3, 'three pictures');
  child.kill('SIGINT');
  const { jobId, counts } = parseLines((await ended).stdout).at(-1) as unknown as JobResult;
  assert.equal((await cli.json('jobs', 'pause', String(jobId))).lines[0]?.state, 'paused', 'paused already');
  assert.equal((await cli.json('jobs', 'cancel', String(jobId))).lines[0]?.state, 'cancelled');
  const resumed = await cli.json('jobs', 'resume', String(jobId));
  assert.deepEqual([resumed.code, resumed.lines.at(-1)?.code], [1, 'conflict']);
  assert.equal((await cli.samples('ended')).length, counts.accepted);
  assert.ok((counts.accepted ?? 0) >= 2);
  const shown = (await cli.json('jobs', 'show', String(jobId))).lines[0];
  assert.equal(shown?.state, 'cancelled');
  assert.deepEqual((shown.counts as JobResult['counts']).accepted, counts.accepted);
});

test('a process that is killed leaves a job that goes on', async () => {
  startOver();
  const words = crawl('killed', '/', '--delay-ms', '150');
  const { child, ended } = cli.start('--json', ...words);
  await until(() => log.filter(({ path }) => path.startsWith('/picture/')).length >= 4, 'four pictures');
  child.kill('SIGKILL');
  await ended;
  await sleep(50);
  const job = await cli.job(...words);
  assert.deepEqual([job.status, job.counts.accepted, job.counts.discovered], ['completed', PICTURES, PICTURES]);
  const pictures = log.filter(({ path }) => path.startsWith('/picture/'));
  assert.ok(pictures.length <= PICTURES + 1, 'only what was in flight is asked for again');
  const report = await cli.json('doctor', '--all');
  assert.deepEqual([report.code, report.lines.at(-1)], [0, { type: 'report', ok: true }]);
});

function ledger(dataset: string): unknown[] {
  const database = new DatabaseSync(join(cli.dataDirectory, 'pixcrawler.db'), { readOnly: true });
  try {
    return database
      .prepare(
        `SELECT r.kind, r.state, count(*) AS count FROM requests r JOIN jobs j ON j.id = r.job_id
         JOIN datasets d ON d.id = j.dataset_id WHERE d.name = ? GROUP BY 1, 2 ORDER BY 1, 2`,
      )
      .all(dataset)
      .map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}
