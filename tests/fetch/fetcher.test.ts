import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createAddressGuard } from '../../core/fetch/address-guard.ts';
import { FetchProblem } from '../../core/fetch/fetch-problem.ts';
import { createFetcher, type Fetcher, type FetchOptions } from '../../core/fetch/fetcher.ts';
import { AppError } from '../../shared/errors.ts';
import { type SiteServer, startSite } from '../web/site-server.ts';
import type { LoggedRequest } from '../web/types.ts';

const USER_AGENT = 'pixcrawler-test/1 (+https://example.org/)';

describe('a fetcher', () => {
  const log: LoggedRequest[] = [];
  let server: SiteServer;
  let fetcher: Fetcher;
  let directory: string;
  let respond: (request: IncomingMessage, response: ServerResponse, url: URL) => void;

  before(async () => {
    server = await startSite(
      'plain',
      '127.0.0.2',
      log,
      () => (request, response, url) => respond(request, response, url),
    );
    const guard = createAddressGuard({ allowHosts: [server.site.host] });
    fetcher = createFetcher({ userAgent: USER_AGENT, guard });
  });

  beforeEach(async () => {
    log.length = 0;
    directory = await mkdtemp(join(tmpdir(), 'pix-fetcher-'));
  });

  after(async () => {
    await fetcher.close();
    await server.close();
  });

  const toFile = (more: Partial<FetchOptions> = {}): FetchOptions => ({
    destination: { kind: 'file', directory },
    maxBytes: 64 * 1024 * 1024,
    timeoutMs: 10_000,
    accept: 'image/*',
    ...more,
  });
  const url = (path: string): string => server.site.origin + path;

  // Around the sizes where a body is collected, spilled, announced or not.
  for (const sizeBytes of [0, 1, 70_000, 1_048_575, 1_048_576, 1_048_577, 9_000_000]) {
    for (const announced of [true, false]) {
      it(`stores ${sizeBytes} bytes, length ${announced ? 'announced' : 'unknown'}`, async () => {
        const body = Buffer.alloc(sizeBytes);
        for (let index = 0; index < sizeBytes; index += 997) body[index] = index;
        respond = (_request, response) => {
          if (announced) response.setHeader('content-length', sizeBytes);
          response.write(body.subarray(0, sizeBytes >> 1));
          response.end(body.subarray(sizeBytes >> 1));
        };
        const fetched = await fetcher.fetch(url('/a'), toFile());
        assert.ok(body.equals(await readFile(fetched.path!)));
        assert.equal(fetched.sizeBytes, sizeBytes);
        assert.equal(fetched.sha256, createHash('sha256').update(body).digest('hex'));
        const inMemory = await fetcher.fetch(url('/a'), toFile({ destination: { kind: 'memory' } }));
        assert.ok(body.equals(inMemory.body!));
        assert.equal(inMemory.sha256, fetched.sha256);
        await rm(directory, { recursive: true });
      });
    }
  }

  it('names itself, sends what is asked, and keeps no cookies and no credentials', async () => {
    respond = (_request, response) => {
      response.setHeader('set-cookie', 'a=b');
      response.end('x');
    };
    const withCredentials = url('/a?b=c#d').replace('http://', 'http://user:secret@');
    const want = toFile({ destination: { kind: 'memory' }, headers: { 'if-none-match': '"1"' } });
    const fetched = await fetcher.fetch(withCredentials, want);
    await fetcher.fetch(url('/a'), { ...want, compressed: true });
    assert.equal(fetched.url, url('/a?b=c'));
    assert.equal(fetched.remoteAddress, '127.0.0.2');
    const [first, second] = log;
    assert.deepEqual(
      [first?.path, first?.headers['user-agent'], first?.headers.accept, first?.headers['if-none-match']],
      ['/a?b=c', USER_AGENT, 'image/*', '"1"'],
    );
    assert.deepEqual([first?.headers.authorization, second?.headers.cookie], [undefined, undefined]);
    assert.deepEqual(
      [first?.headers['accept-encoding'], second?.headers['accept-encoding']],
      ['identity', 'gzip, deflate, br, zstd'],
    );
  });

  it('asks before each hop, and obeys a refusal', async () => {
    respond = (_request, response, { pathname }) => {
      if (pathname === '/end') response.end('x');
      else response.writeHead(302, { location: pathname === '/a' ? '/b' : '/end' }).end();
    };
    const asked: [string, number][] = [];
    const beforeRequest = async (address: string, hop: number): Promise<void> => {
      asked.push([address, hop]);
    };
    const fetched = await fetcher.fetch(url('/a'), toFile({ beforeRequest }));
    assert.deepEqual(asked, [
      [url('/a'), 0],
      [url('/b'), 1],
      [url('/end'), 2],
    ]);
    assert.deepEqual(fetched.hops, [
      { url: url('/a'), status: 302 },
      { url: url('/b'), status: 302 },
    ]);
    log.length = 0;
    const refusing = async (_address: string, hop: number): Promise<void> => {
      if (hop === 1) throw new FetchProblem('refused', 'robots-disallowed');
    };
    await assert.rejects(fetcher.fetch(url('/a'), toFile({ beforeRequest: refusing })), {
      reason: 'robots-disallowed',
    });
    assert.equal(log.length, 1);
    await assert.rejects(fetcher.fetch(url('/a'), toFile({ maxRedirects: 1 })), { reason: 'too-many-redirects' });
  });

  it('leaves no file when it fails, and no file of others touched', async () => {
    respond = (_request, response) => {
      response.writeHead(200, { 'content-length': 5_000_000 });
      response.write(Buffer.alloc(2_500_000), () => response.destroy());
    };
    await assert.rejects(fetcher.fetch(url('/a'), toFile()), { reason: 'truncated-body' });
    assert.deepEqual(await readdir(directory), []);
    respond = (_request, response) => response.end('new');
    await writeFile(join(directory, 'taken'), 'old');
    const taken = toFile({ destination: { kind: 'file', directory, fileName: 'taken' } });
    await assert.rejects(fetcher.fetch(url('/a'), taken), { code: 'EEXIST' });
    assert.equal(await readFile(join(directory, 'taken'), 'utf8'), 'old');
    const missing = toFile({ destination: { kind: 'file', directory: join(directory, 'nowhere') } });
    await assert.rejects(fetcher.fetch(url('/a'), missing), { code: 'ENOENT' });
    respond = (_request, response) => response.end(Buffer.alloc(5_000_000));
    await assert.rejects(fetcher.fetch(url('/a'), missing), { code: 'ENOENT' });
  });

  it('stops when aborted, in any stage, without a file', async () => {
    respond = (_request, response, { pathname }) => {
      if (pathname === '/body') response.write(Buffer.alloc(100));
    };
    for (const path of ['/head', '/body']) {
      const stop = new AbortController();
      const promise = fetcher.fetch(url(path), toFile({ signal: stop.signal }));
      setTimeout(() => stop.abort(), 50);
      await assert.rejects(promise, (error) => error === stop.signal.reason);
    }
    const stopped = AbortSignal.abort();
    log.length = 0;
    await assert.rejects(fetcher.fetch(url('/a'), toFile({ signal: stopped })), (error) => error === stopped.reason);
    assert.equal(log.length, 0);
    assert.deepEqual(await readdir(directory), []);
  });

  it('keeps the total time, hops together', async () => {
    let step = 0;
    respond = (_request, response) => {
      setTimeout(() => response.writeHead(302, { location: `/${step++}` }).end(), 150);
    };
    const startMs = performance.now();
    await assert.rejects(fetcher.fetch(url('/a'), toFile({ timeoutMs: 400 })), {
      kind: 'transient',
      reason: 'timeout',
    });
    assert.ok(performance.now() - startMs < 1_500);
  });

  it('keeps connections, also after errors and redirects', async () => {
    respond = (_request, response, { pathname }) => {
      if (pathname === '/moved') response.writeHead(301, { location: '/end' });
      else if (pathname === '/missing') response.writeHead(404);
      response.end('a body');
    };
    const paths = ['/end', '/missing', '/moved', '/missing', '/end'];
    for (const path of [...paths, ...paths, ...paths]) {
      await fetcher.fetch(url(path), toFile({ destination: { kind: 'memory' } })).catch(() => null);
    }
    // A connection is free one turn of the event loop after its answer, so a hop that follows at once takes a second.
    assert.equal(log.length, 18);
    assert.ok(new Set(log.map((entry) => entry.remotePort)).size <= 2);
  });

  it('ends what is under way when closed', async () => {
    respond = () => {};
    const guard = createAddressGuard({ allowHosts: [server.site.host] });
    const other = createFetcher({ userAgent: USER_AGENT, guard });
    const under = other.fetch(url('/a'), toFile());
    const rejected = assert.rejects(under, { name: 'AppError', code: 'cancelled' });
    while (log.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await other.close();
    await rejected;
    await assert.rejects(other.fetch(url('/a'), toFile()), { code: 'cancelled' });
  });

  it('names network errors by what to do about them', async () => {
    const { port } = server.site;
    const failing = (code: string) => {
      const guard = createAddressGuard({ allowHosts: [`name.example:${port}`] });
      const resolve = async (): Promise<never> => {
        throw Object.assign(new Error(code), { code });
      };
      return createFetcher({ userAgent: USER_AGENT, guard, resolve });
    };
    for (const [code, kind] of [
      ['ENOTFOUND', 'permanent'],
      ['EAI_AGAIN', 'transient'],
      ['ESERVFAIL', 'transient'],
    ]) {
      const other = failing(code!);
      await assert.rejects(other.fetch(`http://name.example:${port}/`, toFile()), { kind, reason: 'dns-failure' });
      await other.close();
    }
    const guard = createAddressGuard({ allowHosts: ['127.0.0.2:9', server.site.host] });
    const other = createFetcher({ userAgent: USER_AGENT, guard });
    await assert.rejects(other.fetch('http://127.0.0.2:9/', toFile()), {
      kind: 'transient',
      reason: 'connection-refused',
    });
    await assert.rejects(other.fetch(url('/').replace('http:', 'https:'), toFile()), {
      kind: 'permanent',
      reason: 'tls-error',
    });
    await assert.rejects(other.fetch('no address', toFile()), { kind: 'permanent', reason: 'bad-url' });
    await other.close();
  });

  it('refuses options that mean nothing', () => {
    const guard = createAddressGuard({ allowHosts: [] });
    for (const options of [
      { userAgent: '' },
      { userAgent: 'a\r\nb: c' },
      { connections: 0 },
      { limits: { idleTimeoutMs: -1 } },
    ]) {
      assert.throws(() => createFetcher({ userAgent: USER_AGENT, guard, ...options }), AppError);
    }
  });
});
