import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readSitemap } from './sitemap.ts';
import type { SitemapExtract } from './types.ts';

/** The long form is `RELIABILITY=full`. */
const factor = process.env.RELIABILITY === 'full' ? 50 : 1;

const folder = mkdtempSync(join(tmpdir(), 'sitemaps-'));
after(() => rmSync(folder, { recursive: true }));

async function read(content: string | Uint8Array, maxEntries = 50_000): Promise<SitemapExtract> {
  const path = join(folder, 'sitemap');
  writeFileSync(path, content);
  return readSitemap({ path, url: 'http://site.test/dir/sitemap.xml', maxEntries });
}

const urlset = `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <url><loc> http://site.test/a?x=1&amp;y=2 </loc><lastmod>2024-01-01</lastmod>
    <image:image><image:loc>http://cdn.test/1.jpg</image:loc><image:caption>One &lt;1&gt;</image:caption><image:license>https://cc.test/by</image:license></image:image>
    <image:image><image:loc><![CDATA[http://cdn.test/2.jpg?a=1&b=2]]></image:loc><image:title>Two</image:title></image:image></url>
  <url><image:image><image:loc>http://cdn.test/3.jpg</image:loc></image:image><loc>http://site.test/b</loc></url>
</urlset>`;
const expected: SitemapExtract = {
  sitemaps: [],
  pages: ['http://site.test/a?x=1&y=2', 'http://site.test/b'],
  images: [
    {
      url: 'http://cdn.test/1.jpg',
      pageUrl: 'http://site.test/a?x=1&y=2',
      caption: 'One <1>',
      licence: 'https://cc.test/by',
    },
    { url: 'http://cdn.test/2.jpg?a=1&b=2', pageUrl: 'http://site.test/a?x=1&y=2', caption: 'Two', licence: null },
    { url: 'http://cdn.test/3.jpg', pageUrl: 'http://site.test/b', caption: null, licence: null },
  ],
  truncated: false,
};

test('a sitemap gives pages and images, plain, gzip and in other encodings', async () => {
  assert.deepEqual(await read(urlset), expected);
  assert.deepEqual(await read(gzipSync(urlset)), expected);
  assert.deepEqual(await read(`\ufeff\n ${urlset}`), expected);
  assert.deepEqual(await read(Buffer.from(`\ufeff${urlset}`, 'utf16le')), expected);
  assert.deepEqual(await read(urlset.replaceAll('image:', 'img:').replaceAll('xmlns:img', 'xmlns:img')), expected);
  const latin = Buffer.from(
    '<?xml version="1.0" encoding="iso-8859-1"?><urlset><url><loc>http://site.test/\xe9</loc></url></urlset>',
    'latin1',
  );
  assert.deepEqual((await read(latin)).pages, ['http://site.test/%C3%A9']);
});

test('indexes, feeds and texts', async () => {
  const index = await read(
    '<sitemapindex><sitemap><loc>http://site.test/1.xml.gz</loc></sitemap><sitemap><loc>ftp://no</loc></sitemap></sitemapindex>',
  );
  assert.deepEqual(index.sitemaps, ['http://site.test/1.xml.gz']);
  const rss =
    await read(`<rss><channel><link>http://site.test/</link><image><url>http://site.test/logo.png</url></image>
    <item><link>http://site.test/p</link><enclosure url="http://site.test/e.jpg" type="image/jpeg"/><enclosure url="http://site.test/e.mp3" type="audio/mpeg"/>
    <media:group><media:content url="http://site.test/m" medium="image"/><media:content url="http://site.test/n.png"/></media:group></item></channel></rss>`);
  assert.deepEqual(rss.pages, ['http://site.test/p']);
  assert.deepEqual(
    rss.images.map(({ url, pageUrl }) => [url, pageUrl]),
    [
      ['http://site.test/e.jpg', 'http://site.test/p'],
      ['http://site.test/m', 'http://site.test/p'],
      ['http://site.test/n.png', 'http://site.test/p'],
    ],
  );
  const atom =
    await read(`<feed><link href="http://site.test/"/><entry><link rel="alternate" href="/q"/><link rel="enclosure" type="image/png" href="x.png"/>
    <content type="html">&lt;img src=no.jpg&gt;</content></entry></feed>`);
  assert.deepEqual(
    [atom.pages, atom.images.map(({ url }) => url)],
    [['http://site.test/q'], ['http://site.test/dir/x.png']],
  );
  const text = await read(
    '# comment\r\nhttp://site.test/1\r\n\r\nnot an address\rhttps://site.test/2\nhttp://site.test/1',
  );
  assert.deepEqual(text.pages, ['http://site.test/1', 'https://site.test/2']);
  assert.deepEqual((await read('')).pages, []);
  assert.deepEqual((await read('<html><body><a href=x>404</a>')).pages, []);
});

test('limits and damage keep what came before', async () => {
  const long = `<urlset>${Array.from({ length: 5000 }, (_, index) => `<url><loc>http://site.test/${index}</loc></url>`).join('')}</urlset>`;
  const cut = await read(long, 100);
  assert.deepEqual([cut.pages.length, cut.truncated], [100, true]);
  assert.deepEqual([(await read(long, 5000)).pages.length, (await read(long, 5000)).truncated], [5000, false]);
  const damaged = gzipSync(Array.from({ length: 5000 }, () => `http://site.test/${Math.random()}`).join('\n'));
  const half = await read(damaged.subarray(0, damaged.length / 2));
  assert.ok(half.truncated && half.pages.length > 1000 && half.pages.length < 4000);
  await assert.rejects(readSitemap({ path: join(folder, 'none'), url: 'http://x/', maxEntries: 1 }), {
    code: 'ENOENT',
  });
});

test('bombs are stopped', async () => {
  const started = performance.now();
  const bomb = await read(gzipSync(Buffer.alloc(200 * 1024 * 1024, ' '), { level: 1 }));
  assert.equal(bomb.truncated, true);
  const entities =
    await read(`<!DOCTYPE u [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>
    <urlset><url><loc>http://site.test/&b;&c;</loc></url></urlset>`);
  assert.deepEqual(entities.pages, ['http://site.test/&b;&c;']);
  const nested = await read('<a>'.repeat(1_000_000));
  assert.equal(nested.truncated, true);
  const open = await read(`<urlset><url><loc>${'x'.repeat(5_000_000)}`);
  assert.deepEqual(open.pages, []);
  const tag = await read(`<urlset ${'a'.repeat(5_000_000)}`);
  assert.equal(tag.truncated, true);
  assert.ok(performance.now() - started < 10_000);
});

test('no mutation of a sitemap throws', async () => {
  const mutation = fc.array(
    fc.record({
      at: fc.nat(urlset.length),
      remove: fc.nat(30),
      insert: fc.constantFrom('', '<', '>', '</url>', '<url>', '&', '<![CDATA[', ']]>', '"', '\0', '<!--', '<?'),
    }),
    { minLength: 1, maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(mutation, fc.boolean(), async (mutations, isGzip) => {
      let text = urlset;
      for (const { at, remove, insert } of mutations) text = text.slice(0, at) + insert + text.slice(at + remove);
      const found = await read(isGzip ? gzipSync(text) : text);
      for (const url of [...found.pages, ...found.images.map((image) => image.url)]) assert.match(url, /^https?:\/\//);
    }),
    { numRuns: 500 * factor },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, isGzip) => {
      await read(isGzip ? Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), bytes]) : bytes);
    }),
    { numRuns: 500 * factor },
  );
});
