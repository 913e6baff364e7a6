/** Processes of the built desktop that die: what was under way goes on, and nobody who looks has to do anything. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createPortClient, type PortClient } from '../../sdk/port-client.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import {
  assertSoundAtRest,
  jobFacts,
  poisonedAddresses,
  sampleFacts,
  settledAddresses,
} from '../reliability/library-oracle.ts';
import { childrenOf, runCli, temporaryFolder } from '../reliability/product.ts';
import { monotonicMs } from '../web/site-server.ts';
import { startWebProcess, type WebProcess } from '../web/web-process.ts';
import { type Desktop, startDesktopFor } from './harness.ts';

const PATIENCE_MS = 30_000;
const ENDED: readonly Job['state'][] = ['completed', 'completed-with-errors', 'failed', 'cancelled'];

type Client = PortClient['client'];

/** The contract's client of the page, which follows the ports that the desktop hands over. */
async function clientOf(desktop: Desktop): Promise<{ readonly client: Client; readonly heard: readonly unknown[] }> {
  const { client, connect, disconnect } = createPortClient();
  const heard: unknown[] = [];
  const page = await desktop.page();
  page.addEventListener('message', (event) => {
    const { data, ports } = event as MessageEvent<unknown>;
    heard.push(data);
    const [port] = ports;
    if (port === undefined) {
      disconnect();
      return;
    }
    port.start();
    connect(port);
  });
  return { client, heard };
}

async function eventually<T>(look: () => Promise<T | null | false> | T | null | false): Promise<T> {
  const endsAt = performance.now() + PATIENCE_MS;
  for (;;) {
    // The core may be away just now.
    const seen = await Promise.resolve(look()).catch(() => null);
    if (seen !== null && seen !== false) return seen;
    if (performance.now() > endsAt) throw new Error(`It never came to ${String(look)}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Ids of the living utility processes of a bundle. */
function livingOf(desktop: Desktop, bundle: 'core-process' | 'worker'): Promise<number[]> {
  return desktop.evaluate(
    ({ recorded }, name) =>
      recorded.utilityProcesses
        .filter(({ exitCode, modulePath }) => exitCode === null && modulePath.endsWith(`/${name}.js`))
        .map(({ pid }) => pid),
    bundle as string,
  );
}

async function killCore(desktop: Desktop): Promise<number> {
  const [pid] = await eventually(async () => {
    const living = await livingOf(desktop, 'core-process');
    return living.length > 0 && living;
  });
  process.kill(pid!, 'SIGKILL');
  await eventually(async () => !(await livingOf(desktop, 'core-process')).includes(pid!));
  return pid!;
}

function isAlive(processId: number): boolean {
  try {
    // A zombie answers signals too: it is dead, and its parent has not looked yet.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${processId}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function startWeb(context: TestContext, bulkImages: number): Promise<WebProcess> {
  const web = await startWebProcess({
    sites: ['gallery'],
    galleryImages: 20,
    galleryPages: 4,
    bulkHosts: 4,
    bulkImages,
  });
  context.after(() => web.close());
  return web;
}

function sourcesOf(web: WebProcess): string[] {
  return [web.sites.gallery?.origin ?? '', ...web.bulk.map(({ origin }) => origin)];
}

async function startCrawl(client: Client, web: WebProcess, delayMs: number): Promise<Job> {
  const { id } = await client.datasets.create({ name: 'killed' });
  const allowHosts = [...web.allowHosts];
  return client.crawls.start({ datasetId: id, sources: sourcesOf(web), label: 'thing', delayMs, allowHosts });
}

test('a crawl whose worker and whose core are killed ends like one that nobody disturbed', {
  timeout: 90_000,
}, async (context) => {
  const web = await startWeb(context, 160);
  const folder = await temporaryFolder(context, 'supervision');
  const calm = join(folder, 'calm');
  const allowed = web.allowHosts.flatMap((host) => ['--allow-host', host]);
  const words = ['crawl', 'killed', '--create', '--label', 'thing', '--delay-ms', '0', ...allowed];
  await runCli(calm, [...words, '--from', ...sourcesOf(web)], { exitCodes: [0, 3] });
  await web.clearRequests();

  const dataDirectory = join(folder, 'killed');
  const desktop = await startDesktopFor(context, { dataDirectory });
  const { client, heard } = await clientOf(desktop);
  const { id } = await startCrawl(client, web, 0);
  const settled = (least: number) => eventually(() => settledAddresses(dataDirectory).size >= least);

  await settled(15);
  const [worker] = await livingOf(desktop, 'worker');
  process.kill(worker!, 'SIGKILL');
  await settled(60);
  assert.equal((await client.jobs.get({ id })).state, 'active');
  await killCore(desktop);
  const killedAtMs = monotonicMs();
  const committed = settledAddresses(dataDirectory);
  const job = await eventually(async () => {
    const seen = await client.jobs.get({ id });
    return ENDED.includes(seen.state) && seen;
  });

  assert.deepEqual(heard, ['pixcrawler:port', 'pixcrawler:core-gone', 'pixcrawler:port']);
  await desktop.close();
  assertSoundAtRest(dataDirectory, 'after a kill of the core');
  assert.deepEqual(sampleFacts(dataDirectory), sampleFacts(calm));
  assert.deepEqual(jobFacts(dataDirectory), jobFacts(calm));
  assert.equal(job.state, jobFacts(calm)[0]?.state);
  assert.deepEqual(poisonedAddresses(dataDirectory), []);
  const origins = new Map([...web.bulk, ...Object.values(web.sites)].map(({ name, origin }) => [name, origin]));
  const askedAgain = (await web.requests())
    .filter(({ atMs }) => atMs > killedAtMs)
    .map(({ site, path }) => `${origins.get(site)}${path}`)
    .filter((address) => committed.has(address));
  assert.deepEqual(askedAgain, [], 'fetched again after it was committed');
});

test('workers are processes of main, know none of its secrets, and end with the core and with main', {
  timeout: 60_000,
}, async (context) => {
  const web = await startWeb(context, 200);
  const folder = await temporaryFolder(context, 'supervision');
  const desktop = await startDesktopFor(context, {
    dataDirectory: join(folder, 'library'),
    environment: { PIXCRAWLER_WORKERS_PROCESSES: '2', A_SECRET: 'of main' },
  });
  const { client } = await clientOf(desktop);
  await startCrawl(client, web, 20);
  const workers = (before: readonly number[]) =>
    eventually(async () => {
      const living = (await livingOf(desktop, 'worker')).filter((pid) => !before.includes(pid));
      return living.length >= 2 && living;
    });

  const first = await workers([]);
  const children = childrenOf(desktop.processId);
  for (const pid of first) assert.ok(children.includes(pid), `${pid} is no child of main, whose are ${children}`);
  const environments = await desktop.evaluate(({ recorded }) =>
    recorded.utilityProcesses
      .filter(({ modulePath }) => modulePath.endsWith('/worker.js'))
      .map(({ options }) => Object.keys(options.env ?? {})),
  );
  for (const names of environments) {
    assert.ok(names.includes('VIPS_BLOCK_UNTRUSTED'));
    assert.deepEqual(
      names.filter((name) => /^PIXCRAWLER_|SECRET|^HOME$/.test(name)),
      [],
    );
  }

  // One that hangs does not see that its core is gone.
  process.kill(first[0]!, 'SIGSTOP');
  await killCore(desktop);
  await eventually(() => !first.some(isAlive));
  const second = await workers(first);

  const [core] = await livingOf(desktop, 'core-process');
  await desktop.kill();
  await eventually(() => ![core!, ...second].some(isAlive));
});

test('calls go on through the port that the next core answers, and those under way are told', {
  timeout: 60_000,
}, async (context) => {
  const folder = await temporaryFolder(context, 'supervision');
  const desktop = await startDesktopFor(context, { dataDirectory: join(folder, 'library') });
  const { client } = await clientOf(desktop);
  const { id } = await client.datasets.create({ name: 'kept' });
  const events = await client.events.watch({});
  const next = events.next();
  const watched = assert.rejects(next, { code: 'unavailable' });
  await killCore(desktop);
  await watched;
  const kept = await eventually(() => client.datasets.get({ id }));
  assert.equal(kept.name, 'kept');
  await assert.rejects(client.datasets.get({ id: 987_654 }), { code: 'not-found' });

  const again = await client.events.watch({});
  const { id: projectId } = await client.projects.create({ name: 'heard' });
  for await (const event of again) if (event.type === 'project.changed' && event.projectId === projectId) break;
});

test('an image that a core was asked for when it ended is asked of the next one', {
  timeout: 60_000,
}, async (context) => {
  const folder = await temporaryFolder(context, 'supervision');
  const desktop = await startDesktopFor(context, { dataDirectory: join(folder, 'library') });
  const { client } = await clientOf(desktop);
  await client.datasets.list({});
  const [core] = await livingOf(desktop, 'core-process');
  process.kill(core!, 'SIGSTOP');
  const ask = desktop.evaluate(({ acts }, sha256) => acts.request(`pix://app/media/thumb/${sha256}`), '0'.repeat(64));
  await killCore(desktop);
  const { status } = await ask;
  // That of a core: there is no such image. Nobody answers with 503, after half a minute.
  assert.equal(status, 404);
});

test('an image that is asked for while a core comes back is asked of that one', {
  timeout: 60_000,
}, async (context) => {
  const folder = await temporaryFolder(context, 'supervision');
  const desktop = await startDesktopFor(context, { dataDirectory: join(folder, 'library') });
  const { client } = await clientOf(desktop);
  await client.datasets.list({});
  const [core] = await livingOf(desktop, 'core-process');
  const status = await desktop.evaluate(
    async ({ recorded, acts }, [pid, path]) => {
      process.kill(pid, 'SIGKILL');
      while (recorded.utilityProcesses.find((each) => each.pid === pid)?.exitCode === null) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      return (await acts.request(path)).status;
    },
    [core!, `pix://app/media/thumb/${'0'.repeat(64)}`] as const,
  );
  assert.equal(status, 404, 'that of the next core');
});

test('a core that ended six times is left alone until a person wants it tried again', {
  timeout: 60_000,
}, async (context) => {
  const folder = await temporaryFolder(context, 'supervision');
  const dataDirectory = join(folder, 'library');
  const desktop = await startDesktopFor(context, { dataDirectory });
  const { client } = await clientOf(desktop);
  await client.datasets.create({ name: 'kept' });
  for (let kill = 1; kill <= 5; kill++) await killCore(desktop);
  assert.deepEqual(await desktop.evaluate(({ recorded }) => recorded.dialogs), []);
  // The person looks at the log first, and is asked again.
  await desktop.evaluate(({ recorded }) => recorded.answers.buttons.push(1, 0));
  const [last] = await eventually(async () => {
    const living = await livingOf(desktop, 'core-process');
    return living.length > 0 && living;
  });
  process.kill(last!, 'SIGSTOP');
  const askedAtMs = performance.now();
  const image = desktop.evaluate(({ acts }, sha256) => acts.request(`pix://app/media/thumb/${sha256}`), '0'.repeat(64));
  await killCore(desktop);
  assert.equal((await image).status, 503, 'there is no core that could be asked');
  assert.ok(performance.now() - askedAtMs < 20_000, 'and nobody waits for one');
  const [dataset] = await eventually(() => client.datasets.list({}));
  assert.equal(dataset?.name, 'kept');
  const { dialogs, shown } = await desktop.evaluate(({ recorded }) => ({
    dialogs: recorded.dialogs,
    shown: recorded.opened.shown,
  }));
  assert.deepEqual(shown, [join(dataDirectory, 'logs', 'main.log')]);
  assert.deepEqual(
    dialogs.map(({ kind, options }) => [kind, options.type, options.buttons?.length]),
    [
      ['message', 'error', 4],
      ['message', 'error', 4],
    ],
  );
  await killCore(desktop);
  assert.equal(
    (await eventually(() => client.datasets.list({})))[0]?.name,
    'kept',
    'and what it did before is forgiven',
  );
});

test('a core that lives and does not answer is ended, and the next one answers', {
  timeout: 60_000,
}, async (context) => {
  const folder = await temporaryFolder(context, 'supervision');
  const dataDirectory = join(folder, 'library');
  const desktop = await startDesktopFor(context, { dataDirectory });
  const { client } = await clientOf(desktop);
  await client.datasets.create({ name: 'kept' });
  // A minute of silence is too long for a test: for the next core it passes in a second and a half.
  await desktop.evaluate(() => {
    const wait = globalThis.setInterval;
    globalThis.setInterval = ((run: () => void, ms?: number) => wait(run, (ms ?? 0) / 50)) as typeof wait;
  });
  await killCore(desktop);
  await eventually(() => client.datasets.list({}));
  const [core] = await livingOf(desktop, 'core-process');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  assert.deepEqual(await livingOf(desktop, 'core-process'), [core], 'one that answers is let be');
  const silences = () =>
    readFileSync(join(dataDirectory, 'logs', 'main.log'), 'utf8').split('The core does not answer and is ended')
      .length - 1;
  await killCore(desktop);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  assert.equal(silences(), 0, 'one that has ended is asked no more');
  const [next] = await livingOf(desktop, 'core-process');
  process.kill(next!, 'SIGSTOP');
  await eventually(() => !isAlive(next!));
  assert.equal((await eventually(() => client.datasets.list({})))[0]?.name, 'kept');
  assert.equal(silences(), 1);
});

test('the command line beside the desktop talks to its core', { timeout: 60_000 }, async (context) => {
  const folder = await temporaryFolder(context, 'supervision');
  const dataDirectory = join(folder, 'library');
  const desktop = await startDesktopFor(context, { dataDirectory });
  const { client } = await clientOf(desktop);
  await client.datasets.create({ name: 'made in the window' });
  const events = await client.events.watch({});
  await eventually(async () => {
    const { lines } = await runCli(dataDirectory, ['dataset', 'list']);
    return lines.some((line) => JSON.stringify(line).includes('made in the window'));
  });
  await runCli(dataDirectory, ['dataset', 'create', 'made in a terminal']);
  for await (const event of events) if (event.type === 'dataset.changed') break;
  const names = (await client.datasets.list({})).map(({ name }) => name);
  assert.deepEqual(names.sort(), ['made in a terminal', 'made in the window']);
});

test('that V8 gave up in the core is written down, and the next core goes on', { timeout: 60_000 }, async (context) => {
  const folder = await temporaryFolder(context, 'supervision');
  const dataDirectory = join(folder, 'library');
  const desktop = await startDesktopFor(context, { dataDirectory });
  const { client } = await clientOf(desktop);
  await client.datasets.create({ name: 'kept' });
  await desktop.evaluate(({ recorded, acts }) => {
    setImmediate(() => acts.failFatally(recorded.utilityProcesses[0]!.pid, 'v8::ToLocalChecked'));
  });
  await desktop.until(({ recorded }) => recorded.utilityProcesses[0]?.exitCode !== null);
  assert.equal((await eventually(() => client.datasets.list({})))[0]?.name, 'kept');
  const log = readFileSync(join(dataDirectory, 'logs', 'main.log'), 'utf8');
  assert.match(log, /"The core met a FatalError\.","location":"v8::ToLocalChecked"/);
  assert.doesNotMatch(log, /ERR_UNHANDLED_ERROR/);
});
