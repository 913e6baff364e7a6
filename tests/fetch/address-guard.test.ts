import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { LookupAddress } from 'node:dns';
import { createServer, type LookupFunction, type Server, Socket } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { buildConnector } from 'undici';
import { type AddressGuard, createAddressGuard } from '../../core/fetch/address-guard.ts';
import { FetchProblem } from '../../core/fetch/fetch-problem.ts';
import { createFetcher } from '../../core/fetch/fetcher.ts';
import { createGuardedConnect, type Resolve } from '../../core/fetch/guarded-connect.ts';
import { FAULTS } from '../web/faults.ts';
import { type SiteServer, startSite } from '../web/site-server.ts';
import type { LoggedRequest } from '../web/types.ts';

/** Hosts that mean this machine or its network, as a page may spell them. PORT follows each. */
const HOSTS = `127.0.0.1 127.1 127.0.1 127.0.0.1. 127.1. 0177.0.0.1 0177.1 0177.0.0.01 00000177.0.0.1 017700000001
0x7f.0.0.1 0x7F.0.0.1 0x7f.1 0x7f000001 0X7F000001 0x7f.0x0.0x0.0x1 0x7f.0.1 127.0x0.0.01 0x7f.0.0.0x1 2130706433
127.000.000.001 127.0.0.0x1 127.0x1 0177.0x1 0 0. 00 0x0 0x 0.0.0.0 0.0 000.000.000.000 127.255.255.254 127.127.127.127
127.0.0.3 localhost localhost. LOCALHOST LocalHost ｌｏｃａｌｈｏｓｔ ⓛⓞⓒⓐⓛⓗⓞⓢⓣ loc%61lhost lo\u00adcalhost local\u200bhost
１２７.０.０.１ ①②⑦.⓪.⓪.① 127。0。0。1 127．0．0．1 127｡0｡0｡1 %31%32%37.0.0.1 %31%32%37%2e0%2e0%2e1 １２７．１ 0ⅹ7f.1 ⁱ27.0.0.1
[::1] [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::0001] [0::1] [::0:1] [::] [0:0::0:0]
[::ffff:127.0.0.1] [::FFFF:127.0.0.1] [::ffff:7f00:1] [::ffff:7f00:0001] [0:0:0:0:0:ffff:127.0.0.1] [0:0:0:0:0:ffff:7f00:1]
[::ffff:0.0.0.0] [::ffff:0:127.0.0.1] [::127.0.0.1] [::7f00:1] [0:0:0:0:0:0:127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b::7f00:1]
[64:ff9b:1::127.0.0.1] [2002:7f00:1::] [2002:7f00:1::1] [2001:0:4136:e378:8000:63bf:80ff:fffe] [fe80::1] [fc00::1] [fd00::1]
[fec0::1] [ff02::1] [100::1] [::1%25lo] [::ffff:0x7f.0.0.1] [::ffff:127.1]
user:pass@127.0.0.1 8.8.8.8@127.0.0.1 8.8.8.8:80@127.0.0.1 a.example%40127.0.0.1 %00@127.0.0.1 10.0.0.1 169.254.169.254
[::ffff:a9fe:a9fe] 192.168.0.1 100.100.100.200 0xa9fea9fe 2852039166 [fd00:ec2::254] 172.16.0.1`.split(/\s+/);

/** The same address behind other beginnings. */
const WHOLE = (port: number): string[] => [
  `HTTP://127.0.0.1:${port}/`,
  `http:\\\\127.0.0.1:${port}\\`,
  `http:127.0.0.1:${port}`,
  `http:/127.0.0.1:${port}`,
  `http:////127.0.0.1:${port}/`,
  `http://127.0.0.1:${port}#@8.8.8.8/`,
  `http://127.0.0.1:${port}?@8.8.8.8/`,
  `http://127.0.0.1:${port}\\@8.8.8.8/`,
  `\thttp://127.0.0.1:${port}/`,
  `ht\ntp://127.0.\t0.1:${port}/`,
  `http://127.0.0.1:0${port}/`,
  `https://127.0.0.1:${port}/`,
  `ftp://127.0.0.1:${port}/`,
  `ws://127.0.0.1:${port}/`,
  'file:///etc/passwd',
  `gopher://127.0.0.1:${port}/_GET`,
  `blob:http://127.0.0.1:${port}/a`,
  '',
  'http://',
  '//127.0.0.1/',
];

const WANT = { destination: { kind: 'memory' }, maxBytes: 1e6, timeoutMs: 3_000, accept: '*/*' } as const;

describe('what must never be contacted', () => {
  let canary: Server;
  let canaryPort: number;
  let contacts = 0;
  let allowed: SiteServer;
  let location = '';
  const log: LoggedRequest[] = [];

  before(async () => {
    canary = createServer((socket) => {
      contacts++;
      socket.destroy();
    });
    // Every address of this machine, both families where there are two.
    await new Promise<void>((resolve) => {
      canary.once('error', () => canary.listen(0, '0.0.0.0', resolve));
      canary.listen(0, '::', resolve);
    });
    canaryPort = (canary.address() as { port: number }).port;
    allowed = await startSite('allowed', '127.0.0.2', log, () => (_request, response, url) => {
      const code = Number(url.pathname.slice(1));
      response.writeHead(code > 299 ? code : 200, { location, 'content-length': 2 });
      response.end('ok');
    });
  });

  beforeEach(() => {
    contacts = 0;
    log.length = 0;
  });

  after(async () => {
    await allowed.close();
    await new Promise((resolve) => canary.close(resolve));
  });

  /** Fetches with only the allowed site open, names answering the canary's machine; the problem, or null. */
  const attempt = async (
    url: string,
    options: { resolve?: Resolve; allow?: string[] } = {},
  ): Promise<FetchProblem | null> => {
    const loopback: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    const guard = createAddressGuard({ allowHosts: [allowed.site.host, ...(options.allow ?? [])] });
    const fetcher = createFetcher({ userAgent: 'pixcrawler-test/1', guard, resolve: options.resolve ?? loopback });
    try {
      await fetcher.fetch(url, WANT);
      return null;
    } catch (error) {
      assert.ok(error instanceof FetchProblem, `${url}: ${error}`);
      return error;
    } finally {
      await fetcher.close();
    }
  };

  it('is refused in every spelling, with its reason', async () => {
    const spellings = [...HOSTS.map((host) => `http://${host}:${canaryPort}/`), ...WHOLE(canaryPort)];
    assert.ok(spellings.length >= 74);
    for (const url of spellings) {
      const problem = await attempt(url);
      assert.ok(problem !== null, `${url} was fetched`);
      assert.ok(
        ['address-refused', 'scheme-refused', 'bad-url'].includes(problem.reason),
        `${url}: ${problem.message}`,
      );
      assert.notEqual(problem.detail, '');
    }
    assert.equal(contacts, 0);
  });

  it('is refused behind every redirect', async () => {
    const targets = [
      ...['127.0.0.1', '127.1', 'localhost', '[::1]', '[::ffff:7f00:1]', '0', 'name.example'].map(
        (host) => `http://${host}:${canaryPort}/`,
      ),
      `//127.0.0.1:${canaryPort}/`,
      `\\\\127.0.0.1:${canaryPort}/`,
      `https://127.0.0.1:${canaryPort}/`,
      'file:///etc/passwd',
      `ftp://127.0.0.1:${canaryPort}/`,
      'data:text/html,x',
    ];
    for (const code of [301, 302, 303, 307, 308]) {
      for (const target of targets) {
        location = target;
        const problem = await attempt(`${allowed.site.origin}/${code}`);
        assert.equal(problem?.kind, 'refused', `${code} to ${target}: ${problem?.message}`);
      }
    }
    assert.equal(log.length, 5 * targets.length);
    assert.equal(contacts, 0);
    assert.ok(Object.keys(FAULTS).filter((name) => name.startsWith('redirect-')).length >= 17);
  });

  it('is refused whatever a name resolves to', async () => {
    const v4 = (address: string): LookupAddress => ({ address, family: 4 });
    const v6 = (address: string): LookupAddress => ({ address, family: 6 });
    const patterns: LookupAddress[][] = [
      [v4('127.0.0.1')],
      [v4('8.8.8.8'), v4('127.0.0.1')],
      [v4('127.0.0.1'), v4('8.8.8.8')],
      [v4('8.8.8.8'), v6('::1')],
      [v6('2001:4860:4860::8888'), v4('10.0.0.1')],
      [v6('::ffff:127.0.0.1')],
      [v6('64:ff9b::7f00:1')],
      [v6('2002:7f00:1::')],
      [v6('::127.0.0.1')],
      [v4('0.0.0.0')],
      [v6('::')],
      [v6('fe80::1%lo')],
      [v4('169.254.169.254')],
      [v4('127.1')],
      [v4('')],
    ];
    for (const answers of patterns) {
      const problem = await attempt(`http://name.example:${canaryPort}/`, { resolve: async () => answers });
      assert.equal(problem?.reason, 'address-refused', JSON.stringify(answers));
    }
    const none = await attempt('http://name.example/', { resolve: async () => [] });
    assert.equal(none?.reason, 'dns-failure');
    assert.equal(contacts, 0);
  });

  it('is refused when a second answer differs from the first', async () => {
    const { port } = allowed.site;
    let asked = 0;
    const rebinding: Resolve = async () => {
      asked++;
      return asked === 1 ? [{ address: '127.0.0.2', family: 4 }] : [{ address: '169.254.169.254', family: 4 }];
    };
    const guard = createAddressGuard({ allowHosts: [`name.example:${port}`] });
    const fetcher = createFetcher({ userAgent: 'pixcrawler-test/1', guard, resolve: rebinding });
    const fetched = await fetcher.fetch(`http://name.example:${port}/`, WANT);
    await fetcher.close();
    assert.deepEqual([asked, fetched.remoteAddress, log.length], [1, '127.0.0.2', 1]);
    const problem = await attempt(`http://name.example:${port}/`, {
      resolve: rebinding,
      allow: [`name.example:${port}`],
    });
    assert.equal(problem?.reason, 'address-refused');
  });

  it('is refused when an opened name is asked for on another port, or another name has the opened address', async () => {
    const resolve: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    const other = await attempt(`http://name.example:${canaryPort}/`, { resolve, allow: ['name.example:1'] });
    const same = await attempt(`http://evil.example:${canaryPort}/`, { resolve, allow: [`127.0.0.1:1`] });
    assert.deepEqual([other?.reason, same?.reason, contacts], ['address-refused', 'address-refused', 0]);
  });

  it('is hung up on before a byte is written, should a socket ever reach it', async () => {
    // A guard that sees through the address only once the socket is connected.
    let checks = 0;
    const blind: AddressGuard = {
      checkUrl: () => {},
      checkAddresses: () => {
        checks++;
        if (checks > 1) throw new FetchProblem('refused', 'address-refused', { detail: 'seen on the socket' });
      },
    };
    const fetcher = createFetcher({ userAgent: 'pixcrawler-test/1', guard: blind });
    const problem = await fetcher.fetch(`${allowed.site.origin}/`, WANT).catch((error) => error);
    await fetcher.close();
    assert.deepEqual([problem.reason, problem.detail, checks], ['address-refused', 'seen on the socket', 2]);
    // A request that was written would still be on its way to the log.
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(log.length, 0);
  });

  it('is hung up on when the socket is at another address than those the name was vetted for', async () => {
    const open: AddressGuard = { checkUrl: () => {}, checkAddresses: () => {} };
    const there = async (address: string): Promise<unknown> => {
      // A connector that asks for the address and goes where it likes.
      const build = (({ lookup }: { lookup: LookupFunction }) =>
        (target: { hostname: string }, callback: (error: Error | null, socket: Socket | null) => void) => {
          const socket = new Socket();
          socket.once('connect', () => callback(null, socket)).on('error', () => undefined);
          lookup(target.hostname, { all: true }, () => socket.connect(canaryPort, address));
          return socket;
        }) as unknown as typeof buildConnector;
      const { connect } = createGuardedConnect(build, open, async () => [{ address: '127.0.0.2', family: 4 }], 3_000);
      const target = { hostname: 'name.example', host: 'name.example', protocol: 'http:', port: String(canaryPort) };
      return new Promise((resolve) => {
        connect(target, (error, socket) => {
          socket?.destroy();
          resolve(error === null ? null : [(error as FetchProblem).reason, (error as FetchProblem).detail]);
        });
      });
    };
    assert.equal(await there('127.0.0.2'), null);
    assert.deepEqual(await there('127.0.0.3'), [
      'address-refused',
      'name.example was vetted, but the connection went to 127.0.0.3',
    ]);
  });

  it('is not reached through proxy variables', async () => {
    const proxy = `http://127.0.0.1:${canaryPort}`;
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];
    const script = `
      import { createAddressGuard } from ${JSON.stringify(new URL('../../core/fetch/address-guard.ts', import.meta.url).href)};
      import { createFetcher } from ${JSON.stringify(new URL('../../core/fetch/fetcher.ts', import.meta.url).href)};
      const guard = createAddressGuard({ allowHosts: [${JSON.stringify(allowed.site.host)}] });
      const fetcher = createFetcher({ userAgent: 'pixcrawler-test/1', guard });
      const fetched = await fetcher.fetch(${JSON.stringify(`${allowed.site.origin}/`)}, ${JSON.stringify(WANT)});
      await fetcher.close();
      process.exit(fetched.status === 200 ? 0 : 1);`;
    const env = { ...process.env, NODE_USE_ENV_PROXY: '1', ...Object.fromEntries(names.map((name) => [name, proxy])) };
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { env, stdio: 'inherit' });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    assert.deepEqual([code, contacts, log.length], [0, 0, 1]);
  });
});
