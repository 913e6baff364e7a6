import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { extractPage } from './page.ts';
import type { PageExtract } from './types.ts';

/** The long form is `RELIABILITY=full`. */
const factor = process.env.RELIABILITY === 'full' ? 50 : 1;

const folder = mkdtempSync(join(tmpdir(), 'pages-'));
after(() => rmSync(folder, { recursive: true }));

async function page(
  html: string | Uint8Array,
  options: { contentType?: string; max?: number } = {},
): Promise<PageExtract> {
  const path = join(folder, 'page.html');
  writeFileSync(path, html);
  const max = options.max ?? 6000;
  return extractPage({
    path,
    url: 'http://site.test/dir/page.html',
    contentType: options.contentType ?? null,
    maxLinks: max,
    maxImages: max,
  });
}

/** Addresses below the test's site without it, as `mention path`. */
async function images(html: string): Promise<string[]> {
  const found = await page(html);
  return found.images.map(({ url, mention }) => `${mention} ${url.replace('http://site.test/dir/', '')}`);
}

test('each picture gives its best address', async () => {
  const rows: [string, string[]][] = [
    ['<img src=a.jpg>', ['img a.jpg']],
    ['<IMG SRC="a.jpg?x=1&amp;y=2">', ['img a.jpg?x=1&y=2']],
    ["<img src='  a.jpg\n'>", ['img a.jpg']],
    ['<img src="//cdn.test/a.jpg">', ['img http://cdn.test/a.jpg']],
    ['<img src=s.jpg srcset="m.jpg 800w, l.jpg 1600w, s.jpg 400w">', ['srcset l.jpg']],
    ['<img src=1.jpg srcset="2.jpg 2x, 3.jpg 3x">', ['srcset 3.jpg']],
    ['<img src=1.jpg srcset="2.jpg">', ['img 1.jpg']],
    [
      '<picture><source srcset="a.avif 400w, b.avif 1600w" type=image/avif><img src=c.jpg></picture>',
      ['picture b.avif'],
    ],
    ['<picture><source srcset="a.webp" type=image/webp><img src=a.jpg></picture>', ['img a.jpg']],
    [
      '<picture><source media="(min-width: 1200px)" srcset=l.jpg><source media="(min-width:600px)" srcset=m.jpg><img src=s.jpg></picture>',
      ['picture l.jpg'],
    ],
    ['<picture><source srcset=only.jpg></picture>', ['picture only.jpg']],
    ['<img src="data:image/gif;base64,R0" data-src=a.jpg>', ['lazy a.jpg']],
    ['<img src=blank.gif data-src=a.jpg data-srcset="a.jpg 400w, b.jpg 900w">', ['lazy b.jpg']],
    ['<img src=tiny.jpg data-original=a.jpg>', ['lazy a.jpg']],
    ['<img src=a.jpg data-url="/article/5">', ['img a.jpg']],
    ['<img src=a.jpg data-lazy=yes data-image=hero data-lazyload=loaded>', ['img a.jpg']],
    ['<img src=tiny.jpg data-lazy=a.jpg>', ['lazy a.jpg']],
    ['<img src=a.jpg data-src=a.jpg srcset="a.jpg 400w, b.jpg 900w">', ['srcset b.jpg']],
    ['<img src=a-300.jpg srcset="a-900.jpg 900w" data-orig-file=a.jpg data-large-file=a-1024.jpg>', ['lazy a.jpg']],
    ['<img class=lazy src=blank.gif data-src=a.jpg><noscript><img src=a.jpg></noscript>', ['img a.jpg']],
    ['<img src=blank.gif data-src=a.jpg data-srcset="a2.jpg 2x"><noscript><img src=a.jpg></noscript>', ['lazy a2.jpg']],
    ['<noscript><img src=a.jpg></noscript>', ['img a.jpg']],
    ['<a href=big.jpg><img src=thumb.jpg></a><img src=other.jpg>', ['link big.jpg', 'img other.jpg']],
    ['<a href=big.jpg><img src=t.jpg data-src=t2.jpg><noscript><img src=t2.jpg></noscript></a>', ['link big.jpg']],
    ['<a href=big.jpg><img src=t1.jpg><img src=t2.jpg>', ['link big.jpg', 'img t2.jpg']],
    ['<a href=page.html><img src=thumb.jpg></a>', ['img thumb.jpg']],
    ['<a href=big.jpg rel=nofollow><img src=thumb.jpg></a>', ['img thumb.jpg']],
    ['<a href=/wiki/File:Cat.jpg><img src=cat.jpg></a>', ['img cat.jpg']],
    ['<a href=a.jpg>A</a><a href=a.jpg#x>again</a>', ['link a.jpg']],
    ['<meta property=og:image content=a.jpg><img src=a.jpg>', ['img a.jpg']],
    [
      '<meta property=og:image content=a-600.jpg><img src=a-300.jpg srcset="a-600.jpg 600w, a-900.jpg 900w">',
      ['srcset a-900.jpg'],
    ],
    [
      '<meta property="og:image" content="http://o.test/a.jpg"><meta property="og:image:secure_url" content="https://o.test/a.jpg"><meta name=twitter:image content="https://o.test/a.jpg">',
      ['open-graph https://o.test/a.jpg'],
    ],
    [
      '<link rel=image_src href=a.jpg><link rel="preload" as=image imagesrcset="b.jpg 1x, c.jpg 2x"><link rel=icon href=i.png>',
      ['open-graph a.jpg', 'srcset c.jpg'],
    ],
    ['<video poster=p.jpg><source src=v.mp4></video>', ['poster p.jpg']],
    [
      '<div style="color:red;background-image: url(&quot;a.jpg&quot;)"></div><p style="background:#fff">',
      ['style a.jpg'],
    ],
    ['<a class=gallery data-src=full.jpg href="#"></a><div data-src="widget.js"></div>', ['lazy full.jpg']],
    ['<img width=1 height=1 src=pixel.gif><img width=100 height=1 src=rule.gif>', ['img rule.gif']],
    [
      '<img src="{{ image }}" data-src="true"><img src=""><img src="#"><img src=javascript:x><img src="ftp://x/a.jpg"><img>',
      [],
    ],
    ['<svg><style/><title/></svg><img src=a.jpg>', ['img a.jpg']],
    [
      '<script>document.write("<img src=no.jpg>")</script><!-- <img src=no.jpg> --><style>a{b:url(<img src=no>)}</style><img src=a.jpg>',
      ['img a.jpg'],
    ],
    ['<textarea><img src=no.jpg></textarea><img alt=">" src=a.jpg/><img src=b.jpg', ['img a.jpg/']],
    ['<amp-img src=a.jpg srcset="b.jpg 2x"></amp-img>', ['srcset b.jpg']],
    ['<img src=first.jpg src=second.jpg>', ['img first.jpg']],
  ];
  for (const [html, expected] of rows) assert.deepEqual(await images(html), expected, html);
});

test('captions, licences and creators stay with their image', async () => {
  const found = await page(`
    <figure><img src=a.jpg alt=" A \n cat "><figcaption>Seen in <b>Rome</b></figcaption><a rel="license noopener" href=//cc.test/by>CC</a></figure>
    <figure><img src=b.jpg><figcaption>Tom &amp; Tim</figcaption></figure>
    <a href=c.jpg><img src=c-small.jpg title=Titled></a>
    <script type="application/ld+json">{"@graph":[{"@type":"WebPage","image":["d.jpg",{"@type":"ImageObject","contentUrl":"e.jpg?a=1&amp;b=2",
      "caption":"E","license":{"@id":"https://cc.test/0"},"creator":[{"@type":"Person","name":"Eve"}]}],
      "publisher":{"logo":{"@type":"ImageObject","url":"logo.png"}},"author":{"image":"face.jpg"},"thumbnailUrl":"t.jpg"},
      {"@type":"ImageObject","url":"b.jpg","creditText":"Bob","license":"https://cc.test/sa"}]}</script>
    <script type="application/ld+json">{ broken</script>`);
  const of = (name: string) => found.images.find(({ url }) => url.includes(`/${name}.`));
  assert.deepEqual(of('a'), {
    url: 'http://site.test/dir/a.jpg',
    mention: 'img',
    caption: 'A cat',
    licence: 'http://cc.test/by',
    creator: null,
  });
  assert.deepEqual(of('b'), {
    url: 'http://site.test/dir/b.jpg',
    mention: 'img',
    caption: 'Tom & Tim',
    licence: 'https://cc.test/sa',
    creator: 'Bob',
  });
  assert.equal(of('c')?.caption, 'Titled');
  assert.equal(of('d')?.mention, 'json-ld');
  assert.deepEqual(of('e'), {
    url: 'http://site.test/dir/e.jpg?a=1&b=2',
    mention: 'json-ld',
    caption: 'E',
    licence: 'https://cc.test/0',
    creator: 'Eve',
  });
  assert.equal(found.images.length, 5);
  const long = await page(`<img src=a.jpg alt="${'😀'.repeat(400)}">`);
  assert.ok(long.images[0]!.caption!.length <= 500 && long.images[0]!.caption!.isWellFormed());
});

test('links are followed from every element that leads to a page', async () => {
  const found =
    await page(`<link rel=next href=2.html><link rel=stylesheet href=s.css><a href=a.html>a</a><a href=a.html#x>a</a>
    <a href="b.html" rel="external nofollow">b</a><area href=c.html><iframe src=d.html></iframe><frame src=e.html>
    <meta http-equiv=Refresh content="5; URL='f.html'"><meta http-equiv=refresh content=30><a href=#top>t</a><a href=mailto:x@y>m</a>
    <a href="page.html">self</a><a href="https://other.test/">o</a>`);
  const paths = found.links.map((url) => url.replace('http://site.test/dir/', ''));
  assert.deepEqual(paths, ['2.html', 'a.html', 'c.html', 'd.html', 'e.html', 'f.html', 'https://other.test/']);
  assert.equal(found.truncated, false);
});

test('base, title and robots', async () => {
  const found =
    await page(`<title>One &amp; two</title><title>no</title><base target=_top><base href="/b/"><base href="/c/"><img src=a.jpg><a href=x>x</a>
    <meta name=ROBOTS content="NoIndex, noai"><meta name=pixcrawler content=noimageindex><meta name=googlebot content=none><meta name=tdm-reservation content=1>`);
  assert.equal(found.title, 'One & two');
  assert.equal(found.baseUrl, 'http://site.test/b/');
  assert.deepEqual(found.links, ['http://site.test/b/x']);
  assert.equal(found.images[0]?.url, 'http://site.test/b/a.jpg');
  assert.deepEqual(found.metaRobots, [
    ['robots', 'noindex, noai'],
    ['pixcrawler', 'noimageindex'],
  ]);
  assert.equal(found.tdmReservation, '1');
  for (const rule of ['nofollow', 'noindex,nofollow', 'NONE']) {
    const closed = await page(`<meta name=robots content="${rule}"><a href=x>x</a><a href=a.jpg><img src=t.jpg></a>`);
    assert.deepEqual(closed.links, []);
    assert.deepEqual(
      closed.images.map(({ url }) => url),
      ['http://site.test/dir/t.jpg'],
    );
  }
  assert.equal((await page('<base href="javascript:x">')).baseUrl, 'http://site.test/dir/page.html');
});

test('the character set comes from mark, header, declaration, content, in this order', async () => {
  const title = async (html: Uint8Array, contentType?: string): Promise<string | null> =>
    (await page(html, contentType === undefined ? {} : { contentType })).title;
  const latin = Buffer.from('<title>\xe9\x93</title>', 'latin1');
  assert.equal(await title(latin), 'é“');
  assert.equal(await title(latin, 'text/html; charset="ISO-8859-2"'), 'é\u0093');
  assert.equal(await title(Buffer.from('<title>é</title>')), 'é');
  assert.equal(await title(Buffer.from('<meta charset=shift_jis><title>\x82\xa0</title>', 'latin1')), 'あ');
  assert.equal(
    await title(
      Buffer.from(
        '<meta http-equiv=content-type content="text/html; charset=gb2312"><title>\xc4\xe3</title>',
        'latin1',
      ),
    ),
    '你',
  );
  assert.equal(await title(Buffer.from('<meta charset=utf-16><title>é</title>')), 'é');
  assert.equal(await title(Buffer.from('\ufeff<title>é</title>', 'utf16le'), 'text/html; charset=utf-8'), 'é');
  assert.equal(await title(Buffer.from('<meta charset=bogus><title>é</title>'), 'text/html; charset=nonsense'), 'é');
});

test('limits cut the lists and say so', async () => {
  const many = Array.from({ length: 100 }, (_, index) => `<img src=${index}.jpg><a href=${index}>x</a>`).join('');
  const found = await page(many, { max: 30 });
  assert.deepEqual([found.images.length, found.links.length, found.truncated], [30, 30, true]);
  const large = await page(`<img src=a.jpg>${' '.repeat(9 * 1024 * 1024)}<img src=b.jpg>`);
  assert.deepEqual([large.images.length, large.truncated], [1, true]);
});

test('hostile pages end in time', async () => {
  const bytes = 2 * 1024 * 1024;
  const units = [
    '<div>',
    '<a href=x>',
    '<a href=a.jpg>',
    '<img src=a.jpg>',
    '<',
    '</',
    '<!--',
    '<![CDATA[',
    '&amp',
    '<picture><source srcset="a 1w">',
    '<figure><a rel=license href=x>',
  ];
  const pages = units.map((unit) => unit.repeat(bytes / unit.length));
  pages.push(`${'<div>'.repeat(bytes / 10)}${'</x>'.repeat(bytes / 8)}`);
  pages.push(`<img ${Array.from({ length: 200_000 }, (_, index) => `a${index}=1`).join(' ')}>`);
  pages.push(`<img srcset="${'a 1x,'.repeat(bytes / 5)}">`, `<p style="background:url(${' '.repeat(bytes)}">`);
  pages.push(`<script type="application/ld+json">${'['.repeat(bytes)}`, `<a rel="${' '.repeat(bytes)}">`);
  pages.push(Array.from({ length: 150_000 }, (_, index) => `<a href=p${index}>`).join(''));
  for (const html of pages) {
    const started = performance.now();
    const found = await page(html);
    assert.ok(performance.now() - started < 3000, html.slice(0, 60));
    assert.ok(found.images.length <= 6000 && found.links.length <= 6000);
  }
});

const pieces = fc.constantFrom(
  ...[
    '<img',
    ' src=',
    ' srcset=',
    '"',
    "'",
    '>',
    '</',
    '<a href=',
    '<picture>',
    '<source',
    '</picture>',
    '<base href=',
    'a.jpg',
    '//',
    ' 2x,',
    '&#xD800;',
  ],
  ...[
    '<script type="application/ld+json">',
    '{"image":',
    '[',
    ']}',
    '</script>',
    '<!--',
    '-->',
    '<meta name=robots content=',
    '<svg>',
    '&amp;',
    '\0',
    '</a>',
  ],
  ...[
    '<figure>',
    '<figcaption>',
    '</figure>',
    ' style="background:url(',
    ')',
    ' data-src=',
    'http:',
    'data:',
    '{"@type":"ImageObject","url":"u.png"}',
    '<title>',
    ' rel=license',
  ],
);

test('no page throws, and every address is absolute', async () => {
  const html = fc.oneof(
    fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );
  await fc.assert(
    fc.asyncProperty(html, async (text) => {
      const found = await page(text, { max: 10 });
      for (const url of [...found.links, ...found.images.map((image) => image.url)])
        assert.match(url, /^https?:\/\/[^#]*$/);
      assert.equal(new Set(found.images.map(({ url }) => url)).size, found.images.length);
    }),
    { numRuns: 2000 * factor },
  );
});
