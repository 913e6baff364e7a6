import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { MediaAnswer, MediaRequest } from '../shared/media.ts';
import { createAnswerer, isInterface, SCHEMES } from './protocol.ts';

const SHA256 = 'ab'.repeat(32);
const SECRET = 'what must never be read';
const PAGE = '<meta name="style-nonce" content="__STYLE_NONCE__"><script type="module" src="/assets/index-1.js">';

let root: string;
let folderPath: string;
let asked: MediaRequest[] = [];
let mediaAnswer: () => Promise<MediaAnswer>;

before(() => {
  root = mkdtempSync(join(tmpdir(), 'pixcrawler-protocol-'));
  folderPath = join(root, 'renderer');
  mkdirSync(join(folderPath, 'assets', 'deep'), { recursive: true });
  writeFileSync(join(root, 'secret.txt'), SECRET);
  writeFileSync(join(root, 'secret.js'), SECRET);
  writeFileSync(join(folderPath, 'index.html'), PAGE);
  writeFileSync(join(folderPath, 'icon.svg'), '<svg/>');
  writeFileSync(join(folderPath, '.env'), SECRET);
  writeFileSync(join(folderPath, 'assets', 'index-1.js'), 'export {};');
  writeFileSync(join(folderPath, 'assets', 'index-1.js.br'), SECRET);
  writeFileSync(join(folderPath, 'assets', 'deep', 'below.js'), SECRET);
  symlinkSync(join(root, 'secret.js'), join(folderPath, 'assets', 'link.js'));
});
after(() => rmSync(root, { recursive: true, force: true }));

const answer = async (address: string, init: RequestInit = {}): Promise<Response> => {
  const answerer = createAnswerer({
    folderPath,
    askMedia: (request) => {
      asked.push(request);
      return mediaAnswer();
    },
  });
  return answerer(new Request(address, init));
};

test('the scheme is like the web, and lets nobody past a policy', () => {
  assert.deepEqual(SCHEMES, [
    {
      scheme: 'pix',
      privileges: {
        standard: true,
        secure: true,
        supportFetchAPI: true,
        corsEnabled: true,
        stream: true,
        codeCache: true,
      },
    },
  ]);
});

test('every place of the interface is its page, each time with a nonce of its own', async () => {
  const nonces = new Set<string>();
  for (const path of [
    '/',
    '/jobs',
    '/jobs/3',
    '/datasets/12/browse?status=accepted#x',
    '/settings/rules/',
    '/nowhere',
  ]) {
    const response = await answer(`pix://app${path}`);
    const html = await response.text();
    const nonce = /content="([A-Za-z0-9+/=]{24})"/.exec(html)?.[1];
    assert.ok(nonce !== undefined, path);
    nonces.add(nonce);
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.ok(policy.includes(`style-src 'self' 'nonce-${nonce}'`), policy);
    assert.match(policy, /default-src 'none'; script-src 'self';/);
    assert.match(policy, /connect-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|http|ws:|\*/);
    assert.equal(response.headers.get('cache-control'), 'no-cache');
    assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
  }
  assert.equal(nonces.size, 6);
});

test('files come with their kind, those named by their content for good', async () => {
  const script = await answer('pix://app/assets/index-1.js');
  assert.equal(await script.text(), 'export {};');
  assert.equal(script.headers.get('content-type'), 'text/javascript; charset=utf-8');
  assert.match(script.headers.get('cache-control') ?? '', /immutable/);
  const icon = await answer('pix://app/icon.svg');
  assert.equal(icon.headers.get('content-type'), 'image/svg+xml');
  assert.equal(icon.headers.get('cache-control'), 'no-store');
  const head = await answer('pix://app/assets/index-1.js', { method: 'HEAD' });
  assert.equal(head.headers.get('content-length'), '10');
  assert.equal(await head.text(), '');
});

test('every answer, refusals too, forbids what a page could be made to do', async () => {
  mediaAnswer = async () => ({ status: 404, headers: {}, body: null });
  for (const path of ['/', '/assets/index-1.js', '/assets/none.js', '/api/v1/jobs', `/media/thumb/${SHA256}`]) {
    const { headers } = await answer(`pix://app${path}`);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin', path);
    assert.match(headers.get('content-security-policy') ?? '', /^default-src 'none'/, path);
    assert.equal(headers.get('access-control-allow-origin'), null, path);
  }
});

test('nothing outside of the folder is read, in any spelling', async () => {
  mediaAnswer = () => assert.fail('the core was asked for what is no hash');
  const spellings = [
    'secret.txt',
    'secret.js',
    '.env',
    'assets/index-1.js.br',
    'assets/link.js',
    'assets/deep/below.js',
  ];
  const ups = [
    '../',
    '..%2f',
    '%2e%2e/',
    '%2e%2e%2f',
    '%252e%252e%252f',
    '..\\',
    '..%5c',
    '%5c..%5c',
    '..;/',
    '....//',
    '.%00./',
  ];
  const places = ['/', '/assets/', '/media/', '/media/image/', '//', '/./', '/%00', '/C:/', '/file:///', `${root}/`];
  for (const place of places) {
    for (const name of spellings) {
      for (const up of ['', ...ups]) {
        for (const depth of [1, 2, 5]) {
          const address = `pix://app${place}${up.repeat(depth)}${name}`;
          const text = await (await answer(address)).text();
          assert.ok(!text.includes(SECRET), address);
        }
      }
    }
  }
});

test('whatever is asked, the answer is an answer, and never a file that was not built', async () => {
  mediaAnswer = () => assert.fail('the core was asked for what is no hash');
  const part = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('..', '.', '%2e', '%2F', '%5C', '\\', '//', '%00', 'assets', 'secret.txt', 'media', 'index.html'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
      const address = `pix://app/${parts.join('/')}`;
      if (!URL.canParse(address)) return;
      const response = await answer(address);
      assert.ok([200, 404].includes(response.status));
      assert.ok(!(await response.text()).includes(SECRET));
    }),
    { numRuns: 1000 },
  );
});

test('only our host is answered, and only what reads', async () => {
  mediaAnswer = () => assert.fail('the core was asked by a stranger');
  const strangers = [
    'pix://other/',
    'pix://app.evil/',
    'pix://app:1/',
    'pix://me:pw@app/',
    'file:///etc/passwd',
    'https://app/',
  ];
  for (const address of strangers) {
    // The class of requests takes no credentials: the answerer does not rely on it.
    const answerer = createAnswerer({ folderPath, askMedia: mediaAnswer });
    const response = await answerer({ url: address, method: 'GET', headers: new Headers() } as Request);
    assert.equal(response.status, 404, address);
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const response = await answer(`pix://app/media/image/${SHA256}`, { method });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'GET, HEAD');
  }
});

test('images go to the core by their hash, with what the page said of ranges', async () => {
  asked = [];
  const bytes = Uint8Array.of(1, 2, 3);
  mediaAnswer = async () => ({
    status: 206,
    headers: { etag: `"${SHA256}"`, 'content-range': 'bytes 0-2/9' },
    body: bytes,
  });
  const headers = { range: 'bytes=0-2', 'if-range': `"${SHA256}"`, 'if-none-match': '"x"', cookie: 'no' };
  const response = await answer(`pix://app/media/image/${SHA256}`, { headers });
  assert.equal(response.status, 206);
  assert.equal(response.headers.get('content-range'), 'bytes 0-2/9');
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes);
  await answer(`pix://app/media/thumb/${SHA256}?again`, { method: 'HEAD' });
  assert.deepEqual(asked, [
    {
      kind: 'image',
      sha256: SHA256,
      isHead: false,
      headers: { range: 'bytes=0-2', 'if-range': `"${SHA256}"`, 'if-none-match': '"x"' },
    },
    { kind: 'thumb', sha256: SHA256, isHead: true, headers: {} },
  ]);
});

test('what is no hash does not reach the core', async () => {
  mediaAnswer = () => assert.fail('the core was asked');
  for (const name of [
    '',
    '..',
    SHA256.toUpperCase(),
    `${SHA256}0`,
    SHA256.slice(1),
    `${SHA256}/x`,
    `%61${SHA256.slice(1)}`,
  ]) {
    for (const kind of ['thumb', 'image', 'blob']) {
      assert.equal((await answer(`pix://app/media/${kind}/${name}`)).status, 404, `${kind} ${name}`);
    }
  }
  for (const kind of ['blob', 'file', 'IMAGE', 'image2']) {
    assert.equal((await answer(`pix://app/media/${kind}/${SHA256}`)).status, 404, kind);
  }
});

test('the page is had by the names of places alone, which bring its policy', async () => {
  for (const address of ['pix://app/index.html', 'pix://app/assets/index.html']) {
    assert.equal((await answer(address)).status, 404, address);
  }
});

test('the states of an image are told as they are', async () => {
  for (const status of [304, 404, 416] as const) {
    mediaAnswer = async () => ({ status, headers: { etag: '"e"' }, body: null });
    const response = await answer(`pix://app/media/image/${SHA256}`);
    assert.equal(response.status, status);
    assert.equal(response.headers.get('etag'), '"e"');
    assert.equal(await response.text(), '');
  }
  mediaAnswer = () => Promise.reject(new Error('there is no core'));
  assert.equal((await answer(`pix://app/media/image/${SHA256}`)).status, 503);
  mediaAnswer = async () => ({ status: 200, headers: {}, body: { path: join(root, 'gone'), start: 0, end: 9 } });
  assert.equal((await answer(`pix://app/media/image/${SHA256}`)).status, 503);
});

test('a file streams in parts, and is let go when the page no longer wants it', async () => {
  const path = join(root, 'large');
  const bytes = Buffer.alloc(3_000_000, 'pixels');
  writeFileSync(path, bytes);
  mediaAnswer = async () => ({ status: 206, headers: {}, body: { path, start: 5, end: 2_500_004 } });
  const whole = await answer(`pix://app/media/image/${SHA256}`);
  assert.ok(Buffer.from(await whole.arrayBuffer()).equals(bytes.subarray(5, 2_500_005)));
  assert.equal(await opened(path), 0);

  const { body } = await answer(`pix://app/media/image/${SHA256}`);
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const { value } = await reader.read();
  assert.ok(value !== undefined && value.length <= 256 * 1024, 'a part is bounded');
  assert.equal(await opened(path), existsSync('/proc/self/fd') ? 1 : 0);
  await reader.cancel();
  assert.equal(await opened(path), 0);

  // A file that has shrunk breaks off: what came is not taken for the whole.
  mediaAnswer = async () => ({ status: 200, headers: {}, body: { path, start: 0, end: bytes.length + 9 } });
  const short = await answer(`pix://app/media/image/${SHA256}`);
  await assert.rejects(short.arrayBuffer(), /shorter/);
  assert.equal(await opened(path), 0);
});

test('the interface is its places, and nothing else is shown in a window', () => {
  for (const address of ['pix://app/', 'pix://app/jobs/3', 'pix://app/datasets/1/browse?x#y']) {
    assert.ok(isInterface(address), address);
  }
  for (const address of [
    'pix://app/media/image/x',
    'pix://app/assets/index-1.js',
    'pix://app/icon.svg',
    'pix://app.evil/',
    'pix://evil/',
    'pix://x@app/',
    'file:///etc/passwd',
    'https://app/',
    'javascript:alert(1)',
    'data:text/html,x',
    'about:blank',
    'blob:pix://app/1',
    '',
  ]) {
    assert.ok(!isInterface(address), address);
  }
});

/** How many handles of this process a file has; counted where the system tells. */
async function opened(path: string): Promise<number> {
  const handles = await readdir('/proc/self/fd').catch(() => []);
  const targets = await Promise.all(handles.map((handle) => readlink(`/proc/self/fd/${handle}`).catch(() => '')));
  return targets.filter((target) => target === path).length;
}
