/** The built host as a process: how it starts, how it ends, what survives, and the command line beside it. */

import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { type RunningHost, startHost } from '../e2e/browser/running-host.ts';
import { CommandLine, parseLines, until } from '../e2e/command-line.ts';
import { type LocalWeb, startWeb } from '../web/web.ts';

const IMAGES = 40;
/** Slow enough to be met in the middle, quick enough to be waited for. */
const ENVIRONMENT = { PIXCRAWLER_CRAWL_DELAY_MS: '40', PIXCRAWLER_WORKERS_PROCESSES: '1' };

let web: LocalWeb;
let expected: string[];
const commandLines: CommandLine[] = [];
const hosts: RunningHost[] = [];

before(async () => {
  web = await startWeb({ sites: ['gallery'], galleryImages: IMAGES, galleryPages: 8 });
  const cli = await commandLine();
  await cli.job('crawl', 'alone', '--create', ...crawlWords());
  expected = await imagesOf(cli, 'alone');
  assert.ok(expected.length > IMAGES / 2);
});

afterEach(async () => {
  for (const host of hosts.splice(0)) await host.kill();
});

after(async () => {
  for (const cli of commandLines) await cli.remove();
  await web?.close();
});

async function commandLine(): Promise<CommandLine> {
  const cli = await CommandLine.make(ENVIRONMENT);
  commandLines.push(cli);
  return cli;
}

async function hostOf(cli: CommandLine, port = 0): Promise<RunningHost> {
  const host = await startHost({ dataDirectory: cli.dataDirectory, port, environment: ENVIRONMENT });
  hosts.push(host);
  return host;
}

function crawlWords(): string[] {
  return ['--from', `${web.site('gallery').origin}/`, ...web.allowHosts.flatMap((host) => ['--allow-host', host])];
}

async function imagesOf(cli: CommandLine, dataset: string): Promise<string[]> {
  return (await cli.samples(dataset)).map(({ sha256, status }) => `${sha256} ${status}`).sort();
}

/** Starts a crawl in a host and waits until it is in the middle. */
async function crawlInto({ client }: RunningHost, name: string): Promise<number> {
  const dataset = await client.datasets.create({ name });
  const { id } = await client.crawls.start({
    datasetId: dataset.id,
    sources: [`${web.site('gallery').origin}/`],
    allowHosts: [...web.allowHosts],
  });
  await until(async () => (await client.jobs.get({ id })).counts.accepted >= 5, 'the first images');
  assert.equal((await client.jobs.get({ id })).state, 'active');
  return id;
}

async function completed({ client }: RunningHost, id: number): Promise<void> {
  await until(
    async () => (await client.jobs.get({ id })).state.startsWith('completed'),
    'the end of the crawl',
    60_000,
  );
}

test('SIGTERM pauses what runs and ends with 0, and the next host goes on by itself', async () => {
  const cli = await commandLine();
  const host = await hostOf(cli);
  const id = await crawlInto(host, 'birds');
  const closed = new Promise<number | null>((resolve) => host.child.once('close', resolve));
  host.child.kill('SIGTERM');
  assert.equal(await closed, 0);
  assert.ok(!host.stderr().includes(host.token), 'the token is told on stdout alone');
  assert.match(await cli.succeed('jobs', 'list'), /crawl +birds +paused/);
  const next = await hostOf(cli);
  await completed(next, id);
  assert.deepEqual(await imagesOf(cli, 'birds'), expected, 'asked through the host');
});

test('a host that is killed in the middle of a crawl loses nothing', async () => {
  const cli = await commandLine();
  let host = await hostOf(cli);
  const id = await crawlInto(host, 'birds');
  for (let kills = 0; kills < 3; kills++) {
    const { counts } = await host.client.jobs.get({ id });
    await host.kill();
    host = await hostOf(cli);
    await until(
      async () => (await host.client.jobs.get({ id })).counts.accepted > counts.accepted,
      'the crawl to go on',
    );
  }
  await completed(host, id);
  assert.deepEqual(await imagesOf(cli, 'birds'), expected);
  const report = await host.client.doctor.run({ all: true, repair: false });
  assert.deepEqual(
    report.checks.filter(({ state }) => state === 'error'),
    [],
  );
});

test('a job that a person paused stays paused', async () => {
  const cli = await commandLine();
  const host = await hostOf(cli);
  const id = await crawlInto(host, 'birds');
  await host.client.jobs.pause({ id });
  await until(async () => (await host.client.jobs.get({ id })).state === 'paused', 'the pause');
  assert.equal(await host.stop(), 0, 'Ctrl-C');
  const next = await hostOf(cli);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal((await next.client.jobs.get({ id })).state, 'paused');
});

test('a second signal ends at once', async () => {
  const cli = await commandLine();
  const host = await hostOf(cli);
  await crawlInto(host, 'birds');
  const closed = new Promise<number | null>((resolve) => host.child.once('close', resolve));
  host.child.kill('SIGINT');
  host.child.kill('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 5));
  host.child.kill('SIGINT');
  assert.ok([0, 130].includes((await closed) ?? -1));
});

test('the command line beside a host does through it what it does alone', async () => {
  const cli = await commandLine();
  const host = await hostOf(cli);
  const crawl = await cli.json('crawl', 'birds', '--create', ...crawlWords());
  assert.equal(crawl.stderr, '');
  const result = crawl.lines.at(-1) ?? {};
  assert.deepEqual(Object.keys(result), ['type', 'jobId', 'status', 'counts', 'reasons', 'durationMs']);
  assert.equal(crawl.code, result.status === 'completed' ? 0 : 3);
  assert.deepEqual(await imagesOf(cli, 'birds'), expected);
  assert.match(await cli.succeed('doctor'), /Everything is in order/);
  assert.equal(await cli.succeed('config', 'get', 'crawl.delayMs'), '40\n');
  assert.match(await cli.succeed('config', 'set', 'crawl.perHost', '3'), /crawl\.perHost is 3/);
  assert.match(await cli.succeed('stats', 'birds'), /accepted/);

  const out = join(cli.root, 'export');
  const exported = await cli.json('export', 'birds', '--format', 'imagefolder', '--out', out);
  assert.equal(exported.code, 0);
  assert.ok((await stat(out)).isDirectory());

  const missing = await cli.json('dataset', 'show', 'nothing');
  const { code, lines } = missing;
  await host.stop();
  const alone = await cli.json('dataset', 'show', 'nothing');
  assert.deepEqual([code, lines], [alone.code, alone.lines], 'errors are the same');
});

test('Ctrl-C on a command beside a host pauses its job there, and the same command goes on', async () => {
  const cli = await commandLine();
  const host = await hostOf(cli);
  const { child, ended } = cli.start('--json', 'crawl', 'birds', '--create', ...crawlWords());
  await until(async () => {
    const { items } = await host.client.jobs.list({});
    return (items[0]?.counts.accepted ?? 0) >= 5;
  }, 'the first images');
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  assert.equal(code, 130);
  const result = parseLines(stdout).at(-1) ?? {};
  assert.equal(result.status, 'paused');
  assert.equal((await host.client.jobs.get({ id: Number(result.jobId) })).state, 'paused');
  const again = await cli.job('crawl', 'birds', ...crawlWords());
  assert.equal(again.jobId, result.jobId);
  assert.deepEqual(await imagesOf(cli, 'birds'), expected);
  assert.equal(host.child.exitCode, null, 'the host is still there');
});

test('an owner that does not answer is in the way, and that is known soon', async () => {
  const cli = await commandLine();
  const host = await hostOf(cli);
  host.child.kill('SIGSTOP');
  const startedMs = performance.now();
  const { code, lines } = await cli.json('dataset', 'list');
  host.child.kill('SIGCONT');
  assert.equal(code, 1);
  assert.equal(lines.at(-1)?.code, 'in-use');
  assert.ok(!JSON.stringify(lines).includes(host.token));
  assert.ok(performance.now() - startedMs < 6_000);
});

test('a port that is taken is said, with who has it', async () => {
  const cli = await commandLine();
  const first = await hostOf(cli);
  const port = new URL(first.origin).port;
  const other = await commandLine();
  const refused = await other.run('serve', '--port', port);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, new RegExp(`Port ${port} of 127.0.0.1 is in use by another PixCrawler`));
  const same = await cli.run('serve', '--port', '0');
  assert.equal(same.code, 1);
  assert.match(same.stderr, new RegExp(`reachable at ${first.origin}`));
  assert.ok(!same.stderr.includes(first.token));

  const stranger = createServer((_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  const taken = String((stranger.address() as AddressInfo).port);
  assert.match((await other.run('serve', '--port', taken)).stderr, /in use by another program/);
  await new Promise((resolve) => stranger.close(resolve));
});

test('other machines are let in with a token of their own alone', async () => {
  const cli = await commandLine();
  for (const [words, message] of [
    [['--host', '0.0.0.0'], /--token or PIXCRAWLER_TOKEN; whoever has it can read, change and delete everything/],
    [['--host', '0.0.0.0', '--token', 'short'], /at least 16 visible characters/],
    [['--token', 'with spaces in it, so what'], /without spaces/],
    [['--host', '203.0.113.7', '--token', 'a-token-of-sixteen-characters'], /address of this machine/],
  ] as const) {
    const { code, stderr, stdout } = await cli.run('serve', '--port', '0', ...words);
    assert.notEqual(code, 0);
    assert.match(stderr, message);
    assert.equal(stdout, '');
  }
});
