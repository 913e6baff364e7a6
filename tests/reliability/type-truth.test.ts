/** The format is what the bytes say, whatever the name, the extension or the Content-Type say (G2.7). */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { type DrawnFormat, draw, encode } from '../web/draw.ts';
import { readLedger } from './library-oracle.ts';
import { runCli, temporaryFolder } from './product.ts';

const FORMATS: readonly DrawnFormat[] = ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff', 'bmp'];
const EXTENSIONS = ['jpg', 'png', 'webp', 'gif', 'avif', 'tif', 'bmp', 'heic', 'svg', 'exe', 'bin', 'JPEG'];
const CONTENT_TYPES = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/tiff',
  'image/bmp',
  'image/svg+xml',
  'application/octet-stream',
  'text/plain',
  'text/html',
  'nonsense',
];
const FILES = 150;

interface Liar {
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly format: DrawnFormat;
  readonly lie: string;
}

/** Pictures of every format under every lie by turns; lies that happen to be true are among them. */
async function drawLiars(seed: number, lies: readonly string[]): Promise<Liar[]> {
  const liars: Liar[] = [];
  for (let index = 0; index < FILES; index++) {
    const format = FORMATS[index % FORMATS.length]!;
    const { bytes } = await encode(draw(seed + index, 128, 112), format);
    const lie = lies[(index + Math.floor(index / FORMATS.length)) % lies.length]!;
    liars.push({ bytes, sha256: createHash('sha256').update(bytes).digest('hex'), format, lie });
  }
  return liars;
}

function assertFormats(dataDirectory: string, liars: readonly Liar[]): void {
  const found = readLedger(dataDirectory, (database) =>
    database
      .prepare<[], { sha256: string; format: string }>('SELECT lower(hex(sha256)) AS sha256, format FROM images')
      .all(),
  );
  const formats = new Map(found.map(({ sha256, format }) => [sha256, format]));
  const wrong = liars.filter(({ sha256, format }) => formats.get(sha256) !== format);
  const told = wrong.map(({ sha256, format, lie }) => `${format} called ${lie}: ${formats.get(sha256)}`);
  assert.deepEqual(told, []);
  assert.equal(formats.size, FILES);
}

test(`${FILES} files with lying extensions have their true formats`, async (context) => {
  const folder = await temporaryFolder(context, 'lying-files');
  const source = join(folder, 'files');
  mkdirSync(source);
  const liars = await drawLiars(40_000, EXTENSIONS);
  for (const [index, { bytes, lie }] of liars.entries()) writeFileSync(join(source, `${index}.${lie}`), bytes);
  const dataDirectory = join(folder, 'data');
  await runCli(dataDirectory, ['import', 'liars', '--create', source]);
  assertFormats(dataDirectory, liars);
});

test(`${FILES} answers with lying Content-Types have their true formats`, async (context) => {
  const folder = await temporaryFolder(context, 'lying-site');
  const liars = await drawLiars(50_000, CONTENT_TYPES);
  const server = createServer((request, response) => {
    const index = /^\/(\d+)\./.exec(request.url ?? '')?.[1];
    const liar = index === undefined ? undefined : liars[Number(index)];
    if (liar === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': liar.lie }).end(liar.bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const list = join(folder, 'list.txt');
  // Half of the addresses claim another picture than the header does.
  writeFileSync(list, liars.map((_, index) => `http://${host}/${index}.${index % 2 ? 'jpg' : 'png'}`).join('\n'));
  const dataDirectory = join(folder, 'data');
  const from = ['--from', `urls:${list}`, '--allow-host', host, '--delay-ms', '0', '--per-host', '8'];
  await runCli(dataDirectory, ['crawl', 'liars', '--create', ...from]);
  assertFormats(dataDirectory, liars);
});
