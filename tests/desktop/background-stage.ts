/** The built desktop with a client of its core, and a site to crawl: for tests of what it does beside its window. */

import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, type TestContext } from 'node:test';
import type { HttpClient } from '../../sdk/client.ts';
import { createPortClient } from '../../sdk/port-client.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import type { JobState } from '../../shared/vocabulary.ts';
import { draw, encode } from '../web/draw.ts';
import { type Desktop, type DesktopOptions, startDesktopFor } from './harness.ts';

/** Images of a crawl that a test ends itself. */
const MANY = 400;
const PATIENCE_MS = 30_000;

let folder: string;
let server: Server;
let site: string;
let starts = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-background-'));
  const pictures = await Promise.all(
    [1, 2, 3].map(async (seed) => (await encode(draw(seed, 200, 180), 'jpeg', {})).bytes),
  );
  server = createServer((request, response) => {
    const index = Number(/(\d+)\.jpg$/.exec(request.url ?? '')?.[1]);
    if (!Number.isInteger(index)) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'image/jpeg' }).end(pictures[index % pictures.length]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  site = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  // The buses of a desktop that shows a tray, and of its NetworkManager.
  await mkdir(join(folder, 'tools'));
  const answers = '#!/bin/sh\ncase "$*" in *Metered*) cat "$METERED_PATH" ;; *) echo "(true,)" ;; esac\n';
  await writeFile(join(folder, 'tools/gdbus'), answers);
  await chmod(join(folder, 'tools/gdbus'), 0o755);
});

after(async () => {
  server?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

export interface Stage {
  readonly desktop: Desktop;
  readonly client: HttpClient;
  readonly home: string;
  readonly dataDirectory: string;
  /** What the desktop was started with: for a second start. */
  readonly environment: Readonly<Record<string, string>>;
  /** Starts a crawl that takes 20 s. */
  crawl(count?: number): Promise<Job>;
  /** @param core who is asked: default is the first core. @throws after 30 seconds */
  comesTo(id: number, states: readonly JobState[], core?: HttpClient): Promise<Job>;
  /** What NetworkManager says when it is asked the next time. At first the network is not metered. */
  setMetered(isMetered: boolean): Promise<void>;
}

/** A client over the port that the page was given last. */
export async function clientOf(desktop: Desktop): Promise<HttpClient> {
  const { client, connect } = createPortClient();
  const port = await (await desktop.page()).port();
  (port as MessagePort).start();
  connect(port);
  return client;
}

/** Kills the core. @returns a client of the one that comes after it @throws after 30 seconds */
export async function killCore(desktop: Desktop): Promise<HttpClient> {
  const page = await desktop.page();
  const before = await page.port();
  const core = await desktop.evaluate(
    ({ recorded }) =>
      recorded.utilityProcesses.findLast(({ modulePath }) => modulePath.endsWith('core-process.js'))?.pid,
  );
  if (core === undefined) throw new Error('There is no core.');
  process.kill(core, 'SIGKILL');
  const endsAt = performance.now() + PATIENCE_MS;
  while ((await page.port()) === before) {
    if (performance.now() > endsAt) throw new Error('No other core came.');
    await new Promise((done) => setTimeout(done, 20));
  }
  return clientOf(desktop);
}

export async function startStage(context: TestContext, options: Partial<DesktopOptions> = {}): Promise<Stage> {
  starts += 1;
  const dataDirectory = join(folder, `data-${starts}`);
  const home = `${dataDirectory}-home`;
  const meteredPath = `${dataDirectory}-metered`;
  const setMetered = (isMetered: boolean) => writeFile(meteredPath, `(<uint32 ${isMetered ? 1 : 2}>,)\n`);
  await setMetered(false);
  const environment = {
    METERED_PATH: meteredPath,
    PATH: `${join(folder, 'tools')}${delimiter}${process.env.PATH}`,
    PIXCRAWLER_CRAWL_DELAY_MS: '50',
    ...options.environment,
  };
  const desktop = await startDesktopFor(context, { dataDirectory, ...options, environment });
  const client = await clientOf(desktop);
  const { id: datasetId } = await client.datasets.create({ name: 'birds' });
  return {
    desktop,
    client,
    home,
    dataDirectory,
    environment,
    async crawl(count = MANY) {
      const list = join(folder, `list-${starts}-${count}.txt`);
      await writeFile(list, Array.from({ length: count }, (_, index) => `http://${site}/${index}.jpg`).join('\n'));
      return client.crawls.start({ datasetId, sources: [`urls:${list}`], allowHosts: [site] });
    },
    async comesTo(id, states, core = client) {
      const endsAt = performance.now() + PATIENCE_MS;
      for (;;) {
        const job = await core.jobs.get({ id });
        if (states.includes(job.state)) return job;
        if (performance.now() > endsAt) {
          const holds = await core.jobs.holds();
          throw new Error(
            `It stayed ${job.state} under [${holds.join()}], not ${states.join(' or ')}.\n${desktop.output()}`,
          );
        }
        await new Promise((done) => setTimeout(done, 20));
      }
    },
    setMetered,
  };
}
