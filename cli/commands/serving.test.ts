import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../shared/errors.ts';
import { makeJob } from '../testing/fake-core.ts';
import { cli, startCli } from '../testing/host.ts';

const OWNER = { address: 'http://127.0.0.1:4310', token: 'the token' };
const IN_USE = new AppError('in-use', 'The data directory is open in another PixCrawler.');

async function until(holds: () => boolean): Promise<void> {
  const endMs = Date.now() + 5_000;
  while (!holds()) {
    assert.ok(Date.now() < endMs, 'waited for 5 s');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

test('serve tells the address, goes on with jobs, and ends in order at the first Ctrl-C', async () => {
  const run = startCli(['serve', '--port', '8080', '--open'], { interrupted: 2 });
  await until(() => run.shown.length > 0);
  assert.deepEqual(run.served, [
    { dataDirectory: '/home/ann/.local/share/pixcrawler', host: '127.0.0.1', port: 8080, token: undefined },
  ]);
  assert.equal(run.stdout.text, 'PixCrawler is at http://127.0.0.1:8080/?token=secret\n');
  assert.deepEqual(run.shown, ['http://127.0.0.1:8080/?token=secret']);
  assert.match(run.stderr.plain, /2 jobs go on/);
  run.signal();
  assert.equal(await run.exitCode, 0);
  assert.deepEqual([run.served.length, run.core.closed()], [0, true]);
});

test('a second Ctrl-C ends at once, and with --json there is one object', async () => {
  const run = startCli(['--json', 'serve', '--port', '0'], {});
  await until(() => run.served.length > 0 && run.stdout.text !== '');
  assert.deepEqual(JSON.parse(run.stdout.text), { type: 'serving', url: 'http://127.0.0.1:0/?token=secret' });
  assert.deepEqual(run.shown, [], 'nobody asked for a browser');
  run.signal();
  run.signal();
  assert.deepEqual(run.ends, [130]);
  await run.exitCode;
});

test('host and token come from the flags or the environment, and what is refused is said', async () => {
  const run = startCli(['serve', '--host', '0.0.0.0'], { environment: { PIXCRAWLER_TOKEN: 'from the environment' } });
  await until(() => run.served.length > 0);
  assert.deepEqual([run.served[0]?.host, run.served[0]?.token], ['0.0.0.0', 'from the environment']);
  run.signal();
  await run.exitCode;
  const refused = await cli(['serve'], { serveError: new AppError('conflict', 'Port 4310 is in use.') });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Port 4310 is in use/);
  assert.equal(refused.run.core.closed(), true);
  for (const port of ['65536', '-1', 'http']) assert.equal((await cli(['serve', '--port', port])).code, 2, port);
});

test('with --open a host that runs already is shown; without, or when it does not answer, it is in the way', async () => {
  const shown = await cli(['serve', '--open'], { openError: IN_USE, owner: OWNER });
  assert.equal(shown.code, 0);
  assert.deepEqual(shown.run.shown, ['http://127.0.0.1:4310/?token=the%20token']);
  for (const [words, change] of [
    [['serve'], {}],
    [['serve', '--open'], { ownerAnswers: false }],
  ] as const) {
    const refused = await cli(words, { openError: IN_USE, owner: OWNER, ...change });
    assert.deepEqual([refused.code, refused.run.shown.length], [1, 0]);
    assert.match(refused.stderr, /open in another PixCrawler/);
  }
});

test('beside a running host every command talks to it, and says when it is another version', async () => {
  const beside = { openError: IN_USE, owner: OWNER };
  const alone = await cli(['--json', 'dataset', 'list']);
  const together = await cli(['--json', 'dataset', 'list'], beside);
  assert.deepEqual([together.code, together.stdout], [0, alone.stdout]);
  assert.equal(together.stderr, '');
  const crawl = await cli(['--json', 'crawl', 'birds', '--from', 'https://example.org/'], beside);
  assert.equal(crawl.code, 0);
  assert.equal(crawl.objects.at(-1)?.type, 'result');
  const older = await cli(['dataset', 'list'], { ...beside, version: '1.0.0' });
  assert.match(older.stderr, /PixCrawler 1\.0\.0 has this library open and answers; this is 1\.2\.3/);
  const silent = await cli(['dataset', 'list'], { ...beside, ownerAnswers: false });
  assert.equal(silent.code, 1);
  assert.match(silent.stderr, /open in another PixCrawler/);
});

test('Ctrl-C pauses a job of the host beside', async () => {
  const course = Array.from({ length: 2_000 }, (_, index) => ({ progress: index / 100 }));
  const run = startCli(['crawl', 'birds', '--from', 'https://example.org/'], {
    openError: IN_USE,
    owner: OWNER,
    course,
  });
  await until(() => run.core.inputs('crawls.start').length > 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  run.signal();
  assert.equal(await run.exitCode, 130);
  assert.equal(run.core.inputs('jobs.pause').length, 1);
  assert.equal(run.core.closed(), false, 'it is not ours to close');
});

test('failed addresses of a job are listed, all or those of one reason', async () => {
  const failure = (id: number, change = {}) => ({
    id,
    url: `https://example.org/${id}.jpg`,
    kind: 'image' as const,
    reason: 'timeout',
    detail: null,
    httpStatus: null,
    attempts: 3,
    ...change,
  });
  const requestFailures = [failure(1), failure(2, { reason: 'http-404', httpStatus: 404, detail: 'gone \u001b[31m' })];
  const options = { jobs: [makeJob({ id: 12 })], requestFailures };
  const { stdout, code } = await cli(['jobs', 'show', '12', '--failed'], options);
  assert.equal(code, 0);
  assert.match(stdout, /^timeout {2}https:\/\/example\.org\/1\.jpg$/m);
  assert.match(stdout, /^http-404 404 {2}https:\/\/example\.org\/2\.jpg {2}gone /m);
  assert.ok(!stdout.includes('\u001b'), 'a site may not colour the terminal');
  const { objects, run } = await cli(['--json', 'jobs', 'show', '12', '--failed', '--only', 'timeout'], options);
  assert.deepEqual(objects[0], requestFailures[0]);
  assert.deepEqual(run.core.inputs('jobs.failures'), [
    { id: 12, state: 'failed', after: 0, limit: 1000, reason: 'timeout' },
  ]);
  assert.equal((await cli(['jobs', 'show', '12', '--only', 'timeout'], options)).code, 2);
  assert.match((await cli(['jobs', 'show', '12', '--failed'], { jobs: options.jobs })).stderr, /Nothing failed/);
});
