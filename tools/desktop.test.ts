import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createSite } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { type Desktop, findDesktop, findOrFetchDesktop, type Machine, wordsForBrowser } from './desktop.ts';

/** A folder like that of the program, with these files. */
async function withProgram(
  files: Readonly<Record<string, string>>,
  look: (machine: Machine) => Promise<void>,
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'pixcrawler-desktop-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
      if (text.startsWith('#!')) await chmod(join(root, path), 0o755);
    }
    await look({ root, platform: 'linux', arch: 'x64', environment: { DISPLAY: ':0' }, userId: 1000 });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const SHELL = { 'electron/main.ts': '' };
const PACKAGE = { 'node_modules/electron/package.json': '{ "version": "99.1.0" }' };
const DOWNLOADED = { 'node_modules/electron/path.txt': 'electron' };
const binary = (script: string) => ({ 'node_modules/electron/dist/electron': `#!/bin/sh\n${script}\n` });

const isWindows = process.platform === 'win32' ? 'needs a shell script as the binary' : false;

test('each thing that is missing is named', async () => {
  for (const [files, reason] of [
    [{}, /without its desktop shell/],
    [SHELL, /not installed/],
    [{ ...SHELL, ...PACKAGE }, /not been downloaded/],
    [{ ...SHELL, ...PACKAGE, ...DOWNLOADED }, /binary is missing/],
  ] as const) {
    await withProgram(files, async (machine) => {
      const desktop = await findDesktop(machine);
      assert.match(desktop.isPossible ? '' : desktop.reason, reason);
    });
  }
});

test('a binary that starts is the desktop, where there is a display and a user', { skip: isWindows }, async () => {
  await withProgram({ ...SHELL, ...PACKAGE, ...DOWNLOADED, ...binary('echo v39') }, async (machine) => {
    const binaryPath = join(machine.root, 'node_modules/electron/dist/electron');
    assert.deepEqual(await findDesktop(machine), { isPossible: true, binaryPath });
    assert.deepEqual(await findDesktop({ ...machine, environment: { WAYLAND_DISPLAY: 'wayland-0' } }), {
      isPossible: true,
      binaryPath,
    });
    const without = async (change: Partial<Machine>) => {
      const desktop = await findDesktop({ ...machine, ...change });
      return desktop.isPossible ? '' : desktop.reason;
    };
    assert.match(await without({ environment: {} }), /no display/);
    assert.match(await without({ userId: 0 }), /root/);
    assert.equal(await without({ platform: 'darwin', environment: {}, userId: 501 }), '');
  });
});

test('a binary that fails, or never answers, is none, and that is known within ten seconds', {
  skip: isWindows,
}, async () => {
  for (const script of ['echo "error while loading shared libraries" >&2; exit 127', 'exec sleep 60']) {
    const startedMs = performance.now();
    await withProgram({ ...SHELL, ...PACKAGE, ...DOWNLOADED, ...binary(script) }, async (machine) => {
      const desktop = await findDesktop(machine);
      assert.match(desktop.isPossible ? '' : desktop.reason, /does not start/);
    });
    assert.ok(performance.now() - startedMs < 10_000);
  }
});

test('the browser is opened where it was asked for', async () => {
  await withProgram({ ...SHELL, ...PACKAGE, ...DOWNLOADED, ...binary('echo v39') }, async (machine) => {
    const environment = { ...machine.environment, PIXCRAWLER_HOST: 'browser' };
    const desktop = await findDesktop({ ...machine, environment });
    assert.match(desktop.isPossible ? '' : desktop.reason, /browser was asked for/);
  });
});

interface Found {
  readonly desktop: Desktop;
  readonly lines: readonly string[];
  readonly tookMs: number;
}

/** What becomes of a program without its binary, with this mirror as the release server. */
async function findWith(mirror: string, script: string, change: Partial<Machine> = {}): Promise<Found> {
  const lines: string[] = [];
  const files = { ...SHELL, ...PACKAGE, 'node_modules/electron/install.js': script };
  let found: Found | undefined;
  await withProgram(files, async (machine) => {
    const startedMs = performance.now();
    const environment = {
      ...machine.environment,
      PATH: process.env.PATH,
      ELECTRON_MIRROR: mirror,
      electron_config_cache: join(machine.root, 'cache'),
    };
    const teller = { say: (line: string) => void lines.push(line), onProgress: () => undefined };
    const desktop = await findOrFetchDesktop({ ...machine, environment, ...change }, teller);
    found = { desktop, lines, tookMs: performance.now() - startedMs };
  });
  return found as Found;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A server that takes connections and never says a word, as behind a firewall that drops packets. */
async function listenInSilence(): Promise<{ readonly address: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  const address = await listen(server);
  return {
    address,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const NEVER = "throw new Error('must not be run')";
const why = ({ desktop }: Found): string => (desktop.isPossible ? '' : desktop.reason);

test('a release server that refuses, drops what it gets, or cannot be reached leads to the browser within ten seconds', async () => {
  const silent = await listenInSilence();
  const closed = createServer();
  const refusing = await listen(closed);
  await new Promise((resolve) => closed.close(resolve));
  try {
    const mirrors = [refusing, silent.address, 'http://192.0.2.1/', 'http://no-such-host.invalid/'];
    for (const found of await Promise.all(mirrors.map((mirror) => findWith(mirror, NEVER)))) {
      assert.match(why(found), /not been downloaded, and .* does not offer it/);
      assert.deepEqual(found.lines, []);
      assert.ok(found.tookMs < 8_000, `${found.tookMs} ms`);
    }
  } finally {
    silent.close();
  }
});

test('no network is asked where the binary could not run, or the browser was asked for', async () => {
  const silent = await listenInSilence();
  try {
    for (const change of [{ userId: 0 }, { environment: { ELECTRON_MIRROR: silent.address } }]) {
      const found = await findWith(silent.address, NEVER, change);
      assert.ok(found.tookMs < 1_000 && !found.desktop.isPossible);
    }
  } finally {
    silent.close();
  }
});

/** A mirror of releases that has what is asked of it, or answers with this status. */
async function withMirror(status: number, use: (address: string, asked: string[]) => Promise<void>): Promise<void> {
  const asked: string[] = [];
  const site = createSite((request, response) => {
    asked.push(`${request.url}`);
    response.writeHead(status, { 'content-range': 'bytes 0-0/1000' }).end('x');
  });
  try {
    await use(await listen(site), asked);
  } finally {
    site.closeAllConnections();
    site.close();
  }
}

test('a binary that can be had is fetched by the package itself, once, and said in one line', {
  skip: isWindows,
}, async () => {
  const script = `const fs = require('node:fs');
    fs.mkdirSync('dist'); fs.writeFileSync('dist/electron', '#!/bin/sh\\necho v99', { mode: 0o755 });
    fs.writeFileSync('path.txt', 'electron');`;
  await withMirror(206, async (address, asked) => {
    const found = await findWith(address, script);
    assert.ok(found.desktop.isPossible, why(found));
    assert.deepEqual(asked, ['/v99.1.0/electron-v99.1.0-linux-x64.zip']);
    assert.deepEqual(found.lines, [`Fetching Electron 99.1.0 from ${new URL(address).host}, once.`]);
  });
});

test('a download that fails leads to the browser, with its reason', async () => {
  await withMirror(206, async (address) => {
    const found = await findWith(address, "console.error('Error: Checksum mismatch\\n    at x'); process.exit(1)");
    assert.match(why(found), /could not be fetched: Error: Checksum mismatch$/);
  });
});

test('a server that has no such file is no server', async () => {
  for (const status of [404, 503]) {
    await withMirror(status, async (address) => {
      assert.match(why(await findWith(address, NEVER)), /does not offer it/);
    });
  }
});

test('what only a desktop understands does not keep the browser from opening', () => {
  assert.deepEqual(wordsForBrowser(['/pictures', '--port', '4000', 'pixcrawler://job/1', '--hidden']), {
    globals: [],
    rest: ['--port', '4000'],
    dropped: ['/pictures', 'pixcrawler://job/1', '--hidden'],
  });
  assert.deepEqual(wordsForBrowser(['--data-dir', '/data', '--host=0.0.0.0', 'https://a.example/']), {
    globals: ['--data-dir', '/data'],
    rest: ['--host=0.0.0.0'],
    dropped: ['https://a.example/'],
  });
});
