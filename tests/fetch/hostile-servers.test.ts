import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createAddressGuard } from '../../core/fetch/address-guard.ts';
import { FetchProblem } from '../../core/fetch/fetch-problem.ts';
import { createFetcher, type Fetched, type Fetcher } from '../../core/fetch/fetcher.ts';
import { FAULTS } from '../web/faults.ts';
import { type LocalWeb, startWeb } from '../web/web.ts';

const LIMITS = {
  connectTimeoutMs: 500,
  headersTimeoutMs: 800,
  idleTimeoutMs: 800,
  slowWindowMs: 500,
  minBytesPerSecond: 1_024,
};
const TOTAL_MS = 4_000;
/** The longest scaled deadline, and what a busy machine adds. */
const DEADLINE_MS = 800 + 1_500;

describe('hostile servers', () => {
  let web: LocalWeb;
  let fetcher: Fetcher;
  let directory: string;

  before(async () => {
    web = await startWeb({ sites: ['faults'] });
    directory = await mkdtemp(join(tmpdir(), 'pix-hostile-'));
    fetcher = createFetcher({
      userAgent: 'pixcrawler-test/1',
      guard: createAddressGuard({ allowHosts: web.allowHosts }),
      limits: LIMITS,
    });
  });

  after(async () => {
    await fetcher.close();
    await web.close();
    await rm(directory, { recursive: true });
  });

  const fetchFault = (name: string): Promise<Fetched | FetchProblem> =>
    fetcher
      .fetch(`${web.site('faults').origin}/fault/${name}`, {
        destination: { kind: 'file', directory },
        maxBytes: 2 * 1024 * 1024,
        timeoutMs: TOTAL_MS,
        accept: 'image/*',
      })
      .catch((error) => {
        if (error instanceof FetchProblem) return error;
        throw error;
      });

  for (const [name, fault] of Object.entries(FAULTS)) {
    if (name.startsWith('bomb-')) continue;
    it(`ends ${name} as ${fault.reason ?? 'ok'}`, async () => {
      const filesBefore = await readdir(directory);
      const startMs = performance.now();
      const outcome = await fetchFault(name);
      const tookMs = performance.now() - startMs;
      if (fault.expect === 'ok') {
        assert.ok(!(outcome instanceof Error), `${outcome}`);
        assert.equal((await readFile(outcome.path!)).length, outcome.sizeBytes);
      } else {
        assert.ok(outcome instanceof FetchProblem);
        assert.deepEqual([outcome.kind, outcome.reason], [fault.expect, fault.reason], outcome.message);
        assert.deepEqual(await readdir(directory), filesBefore);
      }
      assert.ok(tookMs < DEADLINE_MS, `took ${tookMs} ms`);
    });
  }

  it('keeps what Retry-After asks for', async () => {
    const outcomes = await Promise.all(['always-unavailable', 'too-many-once-seconds'].map(fetchFault));
    assert.equal((outcomes[0] as FetchProblem).retryAfterMs, null);
    const fresh = await startWeb({ sites: ['faults'] });
    const other = createFetcher({
      userAgent: 'pixcrawler-test/1',
      guard: createAddressGuard({ allowHosts: fresh.allowHosts }),
    });
    const asked = async (name: string): Promise<number | null> => {
      const want = { destination: { kind: 'memory' }, maxBytes: 1e6, timeoutMs: TOTAL_MS, accept: '*/*' } as const;
      const problem = await other.fetch(`${fresh.site('faults').origin}/fault/${name}`, want).catch((error) => error);
      assert.ok(problem instanceof FetchProblem);
      return problem.retryAfterMs;
    };
    assert.equal(await asked('too-many-once-seconds'), 1_000);
    assert.equal(await asked('too-many-once-malformed'), null);
    const date = await asked('too-many-once-date');
    assert.ok(date !== null && date <= 2_000, `${date}`);
    await other.close();
    await fresh.close();
  });

  it('ends a connection that is never accepted, and a name that never resolves', async () => {
    const silent = createFetcher({
      userAgent: 'pixcrawler-test/1',
      guard: createAddressGuard({ allowHosts: [] }),
      limits: LIMITS,
      resolve: () => new Promise(() => {}),
    });
    const startMs = performance.now();
    const want = { destination: { kind: 'memory' }, maxBytes: 1, timeoutMs: TOTAL_MS, accept: '*/*' } as const;
    const problem = await silent.fetch('http://silent.example/', want).catch((error) => error);
    assert.deepEqual([problem.kind, problem.reason], ['transient', 'timeout']);
    assert.ok(performance.now() - startMs < 3_000);
    await silent.close();
  });
});

describe('200 trickling servers', () => {
  const held = new Set<Socket>();
  const trickling = createServer((socket) => {
    held.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: image/jpeg\r\n\r\n');
      const timer = setInterval(() => socket.write('x'.repeat(50)), 500);
      socket.once('close', () => clearInterval(timer));
    });
  });
  let slowHosts: string[];
  let web: LocalWeb;
  let fetcher: Fetcher;

  before(async () => {
    await new Promise<void>((resolve) => trickling.listen(0, '0.0.0.0', resolve));
    const { port } = trickling.address() as { port: number };
    slowHosts = Array.from({ length: 200 }, (_, index) => `127.2.0.${index + 1}:${port}`);
    web = await startWeb({ sites: [], bulkHosts: 20, bulkImages: 200, bulkLog: false });
    const guard = createAddressGuard({ allowHosts: [...web.allowHosts, ...slowHosts] });
    fetcher = createFetcher({ userAgent: 'pixcrawler-test/1', guard });
  });

  after(async () => {
    await fetcher.close();
    await web.close();
    for (const socket of held) socket.destroy();
    await new Promise((resolve) => trickling.close(resolve));
  });

  const want = { destination: { kind: 'memory' }, maxBytes: 1e6, timeoutMs: 60_000, accept: '*/*' } as const;

  /** Each honest host one request at a time with a pause, as a polite crawl does; requests finished in `forMs`. */
  const honestCount = async (forMs: number): Promise<number> => {
    const endMs = performance.now() + forMs;
    const fetchFrom = async (origin: string, first: number): Promise<number> => {
      let count = 0;
      while (performance.now() < endMs) {
        await fetcher.fetch(`${origin}/i/${first + (count % 10)}.jpg`, want);
        count++;
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
      return count;
    };
    const counts = await Promise.all(web.bulk.map((site, index) => fetchFrom(site.origin, index * 10)));
    return counts.reduce((sum, count) => sum + count, 0);
  };

  it('leave the honest ones at least 90 % of their rate', async () => {
    await honestCount(200);
    const ratios: number[] = [];
    // A machine that is busy with something else spoils a round, not all of them.
    while (ratios.length < 4 && Math.max(...ratios, 0) < 0.9) {
      const alone = await honestCount(500);
      const stop = new AbortController();
      const heldBefore = held.size;
      const trickled = slowHosts.map((host) =>
        fetcher.fetch(`http://${host}/`, { ...want, signal: stop.signal }).catch((error) => error),
      );
      while (held.size < heldBefore + slowHosts.length) await new Promise((resolve) => setTimeout(resolve, 5));
      ratios.push((await honestCount(500)) / alone);
      stop.abort();
      for (const outcome of await Promise.all(trickled)) assert.equal(outcome, stop.signal.reason);
    }
    assert.ok(Math.max(...ratios) >= 0.9, `rates beside the slow ones to those alone: ${ratios.join(', ')}`);
  });
});
