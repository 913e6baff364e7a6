import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createAddressGuard } from '../../core/fetch/address-guard.ts';
import { FetchProblem } from '../../core/fetch/fetch-problem.ts';
import { createFetcher, type Fetcher } from '../../core/fetch/fetcher.ts';
import { FAULTS } from '../web/faults.ts';
import { startWebProcess, type WebProcess } from '../web/web-process.ts';

const MIB = 1024 * 1024;
const BOMBS = Object.keys(FAULTS).filter((name) => name.startsWith('bomb-'));

describe('decompression bombs', () => {
  let web: WebProcess;
  let fetcher: Fetcher;
  let directory: string;
  let origin: string;

  before(async () => {
    web = await startWebProcess({ sites: ['faults'] });
    origin = web.sites.faults!.origin;
    directory = await mkdtemp(join(tmpdir(), 'pix-bombs-'));
    const guard = createAddressGuard({ allowHosts: web.allowHosts });
    fetcher = createFetcher({ userAgent: 'pixcrawler-test/1', guard });
    // The server makes each bomb when it is first asked for; that time is not the client's.
    const want = { destination: { kind: 'memory' }, maxBytes: 1, timeoutMs: 60_000, accept: '*/*' } as const;
    for (const name of BOMBS) await fetcher.fetch(`${origin}/fault/${name}`, want).catch(() => null);
  });

  after(async () => {
    await fetcher.close();
    await web.close();
    await rm(directory, { recursive: true });
  });

  const want = { timeoutMs: 30_000, accept: '*/*' } as const;

  for (const name of BOMBS) {
    it(`stops ${name} at the cap of a page, at once`, async () => {
      const startMs = performance.now();
      const outcome = await fetcher
        .fetch(`${origin}/fault/${name}`, { ...want, destination: { kind: 'file', directory }, maxBytes: 8 * MIB })
        .catch((error) => error);
      const tookMs = performance.now() - startMs;
      assert.ok(outcome instanceof FetchProblem);
      assert.deepEqual([outcome.kind, outcome.reason], ['refused', 'too-large']);
      assert.deepEqual(await readdir(directory), []);
      assert.ok(tookMs < 1_500, `took ${tookMs} ms`);
    });

    it(`cuts ${name} at the cap of robots.txt`, async () => {
      const maxBytes = 500 * 1024;
      const fetched = await fetcher.fetch(`${origin}/fault/${name}`, {
        ...want,
        destination: { kind: 'memory' },
        maxBytes,
        onTooLarge: 'truncate',
      });
      assert.deepEqual([fetched.truncated, fetched.sizeBytes, fetched.body?.length], [true, maxBytes, maxBytes]);
    });
  }

  it('stops them at the cap of an image without holding it in memory', async () => {
    globalThis.gc?.();
    const beforeBytes = process.memoryUsage().rss;
    let peakBytes = 0;
    const timer = setInterval(() => {
      peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
    }, 5);
    for (const name of ['bomb-brotli', 'bomb-gzip', 'bomb-zstd']) {
      const outcome = await fetcher
        .fetch(`${origin}/fault/${name}`, { ...want, destination: { kind: 'file', directory }, maxBytes: 64 * MIB })
        .catch((error) => error);
      assert.equal((outcome as FetchProblem).reason, 'too-large');
    }
    clearInterval(timer);
    assert.deepEqual(await readdir(directory), []);
    const grownMib = (peakBytes - beforeBytes) / MIB;
    assert.ok(grownMib <= 64, `grew by ${grownMib.toFixed(1)} MiB`);
  });
});
