import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ask, binaryAddress, fetchBinary, isCached, withProxies } from './electron-binary.ts';

const WANTED = { version: '45.5.0', platform: 'linux', arch: 'arm64' };

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pixcrawler-binary-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('the address is that of the release, or of the mirror that is named', () => {
  assert.equal(
    binaryAddress(WANTED, {}),
    'https://github.com/electron/electron/releases/download/v45.5.0/electron-v45.5.0-linux-arm64.zip',
  );
  const mirrored = 'https://mirror.example/v45.5.0/electron-v45.5.0-linux-arm64.zip';
  assert.equal(binaryAddress(WANTED, { ELECTRON_MIRROR: 'https://mirror.example/' }), mirrored);
  assert.equal(binaryAddress(WANTED, { npm_config_electron_mirror: 'https://mirror.example/' }), mirrored);
  assert.equal(
    binaryAddress(WANTED, {
      npm_config_electron_mirror: 'https://mirror.example/',
      ELECTRON_MIRROR: 'https://other.example/',
      ELECTRON_CUSTOM_DIR: '{{ version }}',
      ELECTRON_CUSTOM_FILENAME: 'e.zip',
    }),
    'https://mirror.example/45.5.0/e.zip',
  );
});

test('proxies of npm are those of Node.js, unless the environment names its own', () => {
  const { HTTPS_PROXY, HTTP_PROXY, NO_PROXY } = withProxies({
    npm_config_proxy: 'http://a.example',
    npm_config_noproxy: 'b.example',
    https_proxy: 'http://c.example',
  });
  assert.deepEqual([HTTPS_PROXY, HTTP_PROXY, NO_PROXY], ['http://c.example', 'http://a.example', 'b.example']);
});

test('a download of before is found in the cache', async () => {
  await withFolder(async (folder) => {
    const environment = { electron_config_cache: folder };
    assert.equal(await isCached(WANTED, environment), false);
    await mkdir(join(folder, 'digest'));
    await writeFile(join(folder, 'digest', 'electron-v45.5.0-linux-x64.zip'), '');
    assert.equal(await isCached(WANTED, environment), false);
    await writeFile(join(folder, 'digest', 'electron-v45.5.0-linux-arm64.zip'), '');
    assert.equal(await isCached(WANTED, environment), true);
  });
});

test('what a server has is asked through the proxy', async () => {
  const asked: string[] = [];
  const site = createServer((_request, response) =>
    response.writeHead(206, { 'content-range': 'bytes 0-0/1234' }).end('x'),
  );
  const proxy = createServer().on('connect', (request, socket) => {
    asked.push(`${request.url}`);
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    site.emit('connection', socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const npm_config_proxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    const answer = await ask('http://releases.invalid/electron.zip', { npm_config_proxy });
    assert.deepEqual(answer, { ok: true, status: 206, total: 1234 });
    assert.deepEqual(asked, ['releases.invalid:80']);
  } finally {
    site.closeAllConnections();
    proxy.closeAllConnections();
    proxy.close();
  }
});

/** Fetches with a script in the place of the package's own. */
async function fetchWith(script: string, stallMs: number) {
  const lines: string[] = [];
  let failure: string | null = null;
  let tookMs = 0;
  await withFolder(async (root) => {
    await mkdir(join(root, 'node_modules/electron'), { recursive: true });
    await writeFile(join(root, 'node_modules/electron/install.js'), script);
    const startedMs = performance.now();
    const onProgress = (line: string) => void lines.push(line);
    failure = await fetchBinary({ root, environment: process.env, totalBytes: 3_000_000, onProgress, stallMs });
    tookMs = performance.now() - startedMs;
  });
  return { failure, lines, tookMs };
}

test('a download that stalls is ended, and what came is cleared away', async () => {
  const { failure, tookMs } = await fetchWith('setInterval(() => undefined, 1000)', 400);
  assert.equal(failure, 'the download stalled');
  assert.ok(tookMs < 5_000);
});

test('a slow download goes on as long as something comes, and tells how far it is', async () => {
  const script = `const fs = require('node:fs'), path = require('node:path');
    const file = path.join(require('node:os').tmpdir(), 'electron.zip');
    let parts = 0;
    const timer = setInterval(() => {
      fs.appendFileSync(file, Buffer.alloc(300_000));
      if (++parts === 10) { clearInterval(timer); fs.mkdirSync('dist'); }
    }, 200);`;
  const { failure, lines } = await fetchWith(script, 800);
  assert.equal(failure, null);
  assert.match(lines.at(-1) ?? '', /^Electron: [12] of 3 MB$/);
});
