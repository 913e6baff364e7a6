/** Images and thumbnails as a browser asks for them, files as it sends them, and the interface it shows. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { parseRange } from '../../core/media/media-answer.ts';
import { type DrawnFormat, draw, encode } from '../web/draw.ts';
import { type OpenHost, openHost } from './open-host.ts';

const FORMATS: readonly DrawnFormat[] = ['jpeg', 'png', 'webp', 'gif'];

let host: OpenHost;
/** The bytes of the images in the library, by format. */
const images = new Map<DrawnFormat, { readonly bytes: Buffer; readonly sha256: string }>();

async function imported(folderPath: string): Promise<void> {
  const dataset = await host.client.datasets.create({ name: folderPath.slice(-20) });
  let job = await host.client.imports.start({ datasetId: dataset.id, paths: [folderPath] });
  while (!['completed', 'completed-with-errors', 'failed'].includes(job.state)) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    job = await host.client.jobs.get({ id: job.id });
  }
  assert.equal(job.state, 'completed', JSON.stringify(job.reasons));
}

before(async () => {
  host = await openHost();
  const folder = join(host.root, 'pictures');
  await mkdir(folder);
  for (const [index, format] of FORMATS.entries()) {
    const { bytes } = await encode(draw(index + 1, 320, 240), format);
    await writeFile(join(folder, `${index}.${format}`), bytes);
    images.set(format, { bytes, sha256: createHash('sha256').update(bytes).digest('hex') });
  }
  await imported(folder);
});

after(() => host?.close());

test('an image comes whole, with its type, for ever, and as nothing but an image', async () => {
  for (const [format, { bytes, sha256 }] of images) {
    const answer = await host.ask(`/media/image/${sha256}`);
    assert.equal(answer.status, 200);
    assert.ok(answer.bytes.equals(bytes));
    const { headers } = answer;
    assert.equal(headers['content-type'], `image/${format}`);
    assert.equal(headers['content-length'], String(bytes.length));
    assert.equal(headers['cache-control'], 'private, max-age=31536000, immutable');
    assert.equal(headers.etag, `"${sha256}"`);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['content-disposition'], 'inline');
    assert.equal(headers['content-security-policy'], "default-src 'none'; sandbox");
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    const head = await host.ask(`/media/image/${sha256}`, { method: 'HEAD' });
    assert.deepEqual(
      [head.status, head.bytes.length, head.headers['content-length'], head.headers['accept-ranges']],
      [200, 0, String(bytes.length), 'bytes'],
    );
  }
});

test('a thumbnail is a small JPEG, for ever', async () => {
  for (const { sha256 } of images.values()) {
    const { status, bytes, headers } = await host.ask(`/media/thumb/${sha256}`);
    assert.deepEqual([status, headers['content-type']], [200, 'image/jpeg']);
    assert.ok(bytes[0] === 0xff && bytes[1] === 0xd8 && bytes.length < 40_000);
    assert.match(String(headers['cache-control']), /immutable/);
    const head = await host.ask(`/media/thumb/${sha256}`, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers['content-length'], head.bytes.length], [200, String(bytes.length), 0]);
  }
});

test('a browser that has it already gets nothing again', async () => {
  const { sha256 } = images.get('jpeg') ?? { sha256: '' };
  for (const kind of ['image', 'thumb']) {
    for (const tag of [`"${sha256}"`, `W/"${sha256}"`, `"x", "${sha256}"`, '*']) {
      const answer = await host.ask(`/media/${kind}/${sha256}`, { headers: { 'if-none-match': tag } });
      assert.deepEqual([answer.status, answer.bytes.length], [304, 0], `${kind} ${tag}`);
      assert.equal(answer.headers.etag, `"${sha256}"`);
    }
    const other = await host.ask(`/media/${kind}/${sha256}`, { headers: { 'if-none-match': '"x"' } });
    assert.equal(other.status, 200);
  }
});

test('a part of an image is that part, and a part that is not there is said', async () => {
  const { bytes, sha256 } = images.get('png') ?? { bytes: Buffer.of(), sha256: '' };
  const size = bytes.length;
  const ask = (range: string, headers = {}) => host.ask(`/media/image/${sha256}`, { headers: { range, ...headers } });
  for (const [range, start, end] of [
    ['bytes=0-9', 0, 9],
    ['bytes=10-', 10, size - 1],
    ['bytes=-7', size - 7, size - 1],
    [`bytes=-${size * 2}`, 0, size - 1],
    [`bytes=5-${size * 9}`, 5, size - 1],
    ['bytes=0-0', 0, 0],
    [`bytes=${size - 1}-`, size - 1, size - 1],
  ] as const) {
    const answer = await ask(range);
    assert.equal(answer.status, 206, range);
    assert.equal(answer.headers['content-range'], `bytes ${start}-${end}/${size}`);
    assert.equal(answer.headers['content-length'], String(end - start + 1));
    assert.ok(answer.bytes.equals(bytes.subarray(start, end + 1)), range);
  }
  for (const range of [`bytes=${size}-`, 'bytes=999999999999-', 'bytes=-0']) {
    const answer = await ask(range);
    assert.deepEqual([answer.status, answer.headers['content-range']], [416, `bytes */${size}`], range);
  }
  for (const range of ['bytes=5-2', 'bytes=a-b', 'lines=0-1', 'bytes=0-1,4-5', 'bytes=-', 'bytes=', 'nonsense']) {
    const answer = await ask(range);
    assert.deepEqual([answer.status, answer.bytes.length], [200, size], `${range} is no range of ours`);
  }
  assert.equal((await ask('bytes=0-9', { 'if-range': `"${sha256}"` })).status, 206);
  assert.equal((await ask('bytes=0-9', { 'if-range': '"older"' })).status, 200);
});

test('whatever a range says, the answer lies inside the file', () => {
  const bound = fc.oneof(fc.constant(''), fc.nat({ max: 30 }).map(String), fc.string({ maxLength: 4 }));
  fc.assert(
    fc.property(fc.tuple(bound, bound), fc.integer({ min: 1, max: 20 }), ([first, last], sizeBytes) => {
      const range = parseRange(`bytes=${first}-${last}`, sizeBytes);
      if (range === null || range === 'unsatisfiable') return;
      assert.ok(range.start >= 0 && range.start <= range.end && range.end < sizeBytes);
    }),
    { numRuns: 500 },
  );
});

test('only a hash of an image in the library is one', async () => {
  const { sha256 } = images.get('jpeg') ?? { sha256: '' };
  for (const kind of ['image', 'thumb']) {
    for (const name of [
      'a'.repeat(64),
      sha256.toUpperCase(),
      sha256.slice(1),
      `${sha256}0`,
      `${sha256}.jpg`,
      `${sha256}/x`,
      'x',
      '%00',
      '',
    ]) {
      const answer = await host.ask(`/media/${kind}/${name}`, { headers: { 'if-none-match': `"${name}"` } });
      assert.equal(answer.status, kind === 'thumb' && name === 'a'.repeat(64) ? 304 : 404, `${kind} ${name}`);
    }
    const missing = await host.ask(`/media/${kind}/${'a'.repeat(64)}`);
    assert.deepEqual([missing.status, (missing.json as { code: string }).code], [404, 'not-found']);
    assert.equal(missing.headers['cache-control'], 'no-store', 'it may come');
  }
});

test('files that a browser sends are imported from where they arrived', async () => {
  const begun = await host.ask('/uploads', { method: 'POST' });
  const { batchId, folderPath } = begun.json as { batchId: string; folderPath: string };
  for (let index = 0; index < 3; index++) {
    const { bytes } = await encode(draw(900 + index, 300, 200), 'jpeg');
    const path = `/uploads/${batchId}/${encodeURIComponent('großer Ordner')}/${index}.jpg`;
    const type = { 'content-type': ['application/octet-stream', 'application/json', 'text/plain'][index] };
    const sent = await host.ask(path, { method: 'PUT', body: bytes, headers: type });
    const arrived = { sizeBytes: bytes.length, path: join(folderPath, 'großer Ordner', `${index}.jpg`) };
    assert.deepEqual([sent.status, sent.json], [200, arrived], sent.text);
  }
  const large = Buffer.alloc(3 * 1024 * 1024, 1);
  const sent = await host.ask(`/uploads/${batchId}/large.bin`, { method: 'PUT', body: large });
  assert.equal((sent.json as { sizeBytes: number }).sizeBytes, large.length, 'no limit of the JSON of requests');
  assert.ok((await readFile(join(folderPath, 'large.bin'))).equals(large));
  const unknown = await host.ask(`/uploads/${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}/a.jpg`, {
    method: 'PUT',
    body: 'x',
  });
  assert.equal(unknown.status, 404);

  const dataset = await host.client.datasets.create({ name: 'sent' });
  let job = await host.client.imports.start({ datasetId: dataset.id, paths: [folderPath] });
  while (!job.state.startsWith('completed')) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    job = await host.client.jobs.get({ id: job.id });
  }
  assert.equal((await host.client.datasets.get({ id: dataset.id })).sampleCount, 3);
});

test('the interface is one page wherever it is, with parts that never change', async () => {
  const page = { accept: 'text/html,*/*' };
  const before = await host.ask('/', { headers: page });
  assert.equal(before.status, 503);
  assert.match(before.text, /npm run build/);

  const script = 'export const answer = 42;'.repeat(100);
  await mkdir(join(host.interfacePath, 'assets'), { recursive: true });
  await writeFile(join(host.interfacePath, 'index.html'), '<!doctype html><title>the page</title>');
  await writeFile(join(host.interfacePath, 'icon.svg'), '<svg/>');
  await writeFile(join(host.interfacePath, 'assets', 'app-1a2b.js'), script);
  await writeFile(join(host.interfacePath, 'assets', 'app-1a2b.js.br'), brotliCompressSync(script));
  for (const path of ['/', '/datasets/3/browse?status=accepted', '/settings', '/jobs/1']) {
    const { status, text, headers } = await host.ask(path, { headers: page });
    assert.deepEqual([status, headers['cache-control']], [200, 'no-cache'], path);
    assert.match(text, /the page/);
    assert.match(String(headers['content-security-policy']), /script-src 'self'/);
  }
  const plain = await host.ask('/assets/app-1a2b.js');
  assert.deepEqual([plain.status, plain.text], [200, script]);
  assert.match(String(plain.headers['content-type']), /javascript/);
  assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable');
  const small = await host.ask('/assets/app-1a2b.js', { headers: { 'accept-encoding': 'gzip, br' } });
  assert.equal(small.headers['content-encoding'], 'br');
  assert.equal(brotliDecompressSync(small.bytes).toString(), script);
  assert.equal((await host.ask('/icon.svg')).headers['content-type'], 'image/svg+xml');

  for (const path of ['/assets/gone.js', '/api/v1/nothing', '/media/nothing', '/uploads/x']) {
    const { status } = await host.ask(path, { headers: page });
    assert.equal(status, 404, `${path} is not a page`);
  }
  assert.equal((await host.ask('/datasets/3')).status, 404, 'what does not ask for a page gets none');
  assert.equal((await host.ask('/settings', { method: 'DELETE', headers: page })).status, 404);
});
