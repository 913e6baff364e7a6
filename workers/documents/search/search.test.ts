import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../../shared/errors.ts';
import { licenceId } from './licence.ts';
import { openverse } from './openverse.ts';
import { firstLink, plainText } from './plain-text.ts';
import { wikimedia } from './wikimedia.ts';

const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;
const search = (url: string) => Object.fromEntries(new URL(url).searchParams);

const OPENVERSE_URL = 'http://127.0.0.9:8080/mirror/v1/images/?q=red+panda&page_size=20&page=1';
const openverseImage = {
  id: '5e1a',
  title: 'Red panda',
  foreign_landing_url: 'https://photos.example/1',
  url: 'https://img.example/1.jpg',
  creator: 'Ann &amp; Bo',
  creator_url: 'https://photos.example/ann',
  license: 'by-sa',
  license_version: '2.0',
  license_url: 'https://creativecommons.org/licenses/by-sa/2.0/',
  filesize: null,
  tags: [{ name: 'panda', accuracy: null }, { name: 'zoo' }, { name: 'panda' }, 'odd'],
  attribution: '"Red panda" by Ann & Bo is licensed under CC BY-SA 2.0.',
  height: 768,
  width: 1024,
};

test('an Openverse page becomes records, and what cannot be used is counted', () => {
  const results = [
    openverseImage,
    { ...openverseImage, url: 'ftp://x/y' },
    null,
    { id: 1 },
    { url: 'https://img.example/2.png' },
  ];
  const page = openverse.parse(JSON.stringify({ result_count: 45, page_count: 3, page: 1, results }), OPENVERSE_URL);
  assert.deepEqual([page.totalFound, page.skipped, page.images.length], [45, 3, 2]);
  assert.deepEqual(page.images[0], {
    sourceId: '5e1a',
    pageUrl: 'https://photos.example/1',
    imageUrl: 'https://img.example/1.jpg',
    width: 1024,
    height: 768,
    sizeBytes: null,
    title: 'Red panda',
    caption: null,
    tags: ['panda', 'zoo'],
    creator: 'Ann & Bo',
    creatorUrl: 'https://photos.example/ann',
    licence: 'CC-BY-SA-2.0',
    licenceUrl: 'https://creativecommons.org/licenses/by-sa/2.0/',
    attribution: '"Red panda" by Ann & Bo is licensed under CC BY-SA 2.0.',
  });
  assert.equal(page.images[1]?.licence, 'unknown');
  assert.equal(search(page.next as string).page, '2');
});

test('an Openverse search ends with its pages, at 20 pages, or with an empty one', () => {
  const at = (page: number, document: object) =>
    openverse.parse(JSON.stringify(document), OPENVERSE_URL.replace('page=1', `page=${page}`)).next;
  const full = { results: Array.from({ length: 20 }, () => openverseImage) };
  assert.equal(at(3, { ...full, page_count: 3 }), null);
  assert.notEqual(at(19, { ...full, page_count: 500 }), null);
  assert.equal(at(20, { ...full, page_count: 500 }), null);
  assert.equal(at(1, { results: [], page_count: 9 }), null);
  assert.notEqual(at(1, full), null);
  assert.equal(at(1, { results: [openverseImage] }), null);
});

test('what is no answer of the service is a clear error', () => {
  const bad = ['', '<html>502</html>', '[]', '{}', 'null', '{"results":{}}', '{"detail":"Authentication failed"}'];
  for (const text of bad) assert.throws(() => openverse.parse(text, OPENVERSE_URL), isCode('unavailable'), text);
  assert.throws(() => openverse.parse(bad[6] as string, OPENVERSE_URL), /Authentication failed/);
  for (const text of ['', '[]', '{}', '{"query":[]}', '{"query":{"pages":7}}']) {
    assert.throws(() => wikimedia.parse(text, 'https://commons.wikimedia.org/w/api.php'), isCode('unavailable'), text);
  }
});

const imageInfo = {
  url: 'https://upload.wikimedia.org/a/Red_panda.jpg',
  descriptionurl: 'https://commons.wikimedia.org/wiki/File:Red_panda.jpg',
  thumburl: 'https://upload.wikimedia.org/thumb/a/Red_panda.jpg/1280px-Red_panda.jpg',
  thumbwidth: 1280,
  thumbheight: 853,
  width: 3000,
  height: 2000,
  size: 2_500_000,
  mime: 'image/jpeg',
  mediatype: 'BITMAP',
  user: 'Uploader',
  extmetadata: {
    License: { value: 'cc-by-sa-4.0', source: 'x' },
    LicenseShortName: { value: 'CC BY-SA 4.0' },
    LicenseUrl: { value: 'https://creativecommons.org/licenses/by-sa/4.0' },
    Artist: { value: '<a href="//commons.wikimedia.org/wiki/User:Ann" title="x">Ann <b>B</b>ell</a>' },
    ImageDescription: { value: '<p>A red panda<br>in a tree &amp; asleep</p><style>.x{}</style>' },
    Credit: { value: '<span>Own work</span>' },
  },
};

test('a Wikimedia page becomes records in the order of the search', () => {
  const pages = [
    { pageid: 2, title: 'File:Second.png', index: 2, imageinfo: [{ url: 'https://u.example/2.png' }] },
    { pageid: 1, title: 'File:Red panda.jpg', index: 1, imageinfo: [imageInfo] },
    { pageid: 3, title: 'File:Film.webm', index: 3, imageinfo: [{ ...imageInfo, mime: 'video/webm' }] },
    { pageid: 4, title: 'File:Gone.jpg', index: 4 },
    'junk',
  ];
  const page = wikimedia.parse(
    JSON.stringify({ batchcomplete: true, query: { pages } }),
    'https://c.example/w/api.php',
  );
  assert.deepEqual([page.images.map(({ sourceId }) => sourceId), page.skipped, page.next], [['1', '2'], 3, null]);
  assert.deepEqual(page.images[0], {
    sourceId: '1',
    pageUrl: 'https://commons.wikimedia.org/wiki/File:Red_panda.jpg',
    imageUrl: 'https://upload.wikimedia.org/a/Red_panda.jpg',
    width: 3000,
    height: 2000,
    sizeBytes: 2_500_000,
    title: 'Red panda',
    caption: 'A red panda in a tree & asleep',
    tags: [],
    creator: 'Ann Bell',
    creatorUrl: 'https://commons.wikimedia.org/wiki/User:Ann',
    licence: 'CC-BY-SA-4.0',
    licenceUrl: 'https://creativecommons.org/licenses/by-sa/4.0',
    attribution: '"Red panda" by Ann Bell, CC BY-SA 4.0, via Wikimedia Commons',
  });
  assert.deepEqual([page.images[1]?.licence, page.images[1]?.width], ['unknown', null]);
});

test('large originals are replaced by the standard rendering', () => {
  const chosen = (change: object) => {
    const pages = { 1: { pageid: 1, title: 'File:A.jpg', imageinfo: [{ ...imageInfo, ...change }] } };
    const [image] = wikimedia.parse(JSON.stringify({ query: { pages } }), 'https://c.example/w/api.php').images;
    return [image?.imageUrl.includes('1280px'), image?.width, image?.sizeBytes];
  };
  assert.deepEqual(chosen({}), [false, 3000, 2_500_000]);
  assert.deepEqual(chosen({ height: 4001 }), [true, 1280, null]);
  assert.deepEqual(chosen({ size: 10_000_001 }), [true, 1280, null]);
  assert.deepEqual(chosen({ width: 9000, thumburl: null }), [false, 9000, 2_500_000]);
});

test('every key of continue goes into the next request and those of the last one leave', () => {
  const first = 'https://c.example/w/api.php?action=query&format=json&generator=search&gsrsearch=panda&gsrlimit=50';
  const cut = { continue: { iistart: '2020', continue: '||' }, query: { pages: [{ pageid: 1, title: 'File:A.jpg' }] } };
  const second = wikimedia.parse(JSON.stringify(cut), first);
  assert.deepEqual([second.skipped, search(second.next as string).iistart], [0, '2020']);
  const whole = { continue: { gsroffset: 50, continue: 'gsroffset||' }, batchcomplete: true };
  const third = search(wikimedia.parse(JSON.stringify(whole), second.next as string).next as string);
  assert.deepEqual({ ...search(first), gsroffset: '50', continue: 'gsroffset||' }, third);
  assert.equal(wikimedia.parse('{"batchcomplete":true}', first).next, null);
});

test('a service that asks to come back later is told from one that is broken', () => {
  const answer = (code: string) => () =>
    wikimedia.parse(
      JSON.stringify({ error: { code, info: 'Waiting for a server: 6 s lagged' } }),
      'https://c.example/',
    );
  assert.throws(
    answer('maxlag'),
    (error: unknown) => isCode('rate-limited')(error) && (error as AppError).details.retryAfterMs === 5_000,
  );
  assert.throws(answer('badvalue'), isCode('unavailable'));
});

test('licences of all spellings get one identifier', () => {
  const table: [string | null, string | null, string][] = [
    ['by', '4.0', 'CC-BY-4.0'],
    ['by-nc-nd', '2.0', 'CC-BY-NC-ND-2.0'],
    ['by-sa', null, 'CC-BY-SA'],
    ['cc0', '1.0', 'CC0-1.0'],
    ['pdm', '1.0', 'PDM-1.0'],
    ['sampling+', '1.0', 'CC-SAMPLING+-1.0'],
    ['CC BY-SA 3.0 de', null, 'CC-BY-SA-3.0-DE'],
    ['cc-by-2.5', null, 'CC-BY-2.5'],
    ['CC0', null, 'CC0-1.0'],
    ['Public domain', null, 'PDM-1.0'],
    ['pd', null, 'PDM-1.0'],
    ['GFDL', null, 'GFDL'],
    ['https://creativecommons.org/publicdomain/zero/1.0/', null, 'CC0-1.0'],
    ['https://creativecommons.org/publicdomain/mark/1.0/deed.en', null, 'PDM-1.0'],
    ['http://creativecommons.org/licenses/by-nc/3.0/us/', null, 'CC-BY-NC-3.0-US'],
    ['https://creativecommons.org/licenses/by/4.0/deed.de', null, 'CC-BY-4.0'],
    ['All rights reserved', null, 'unknown'],
    ['byte', '4.0', 'unknown'],
    ['', null, 'unknown'],
    [null, null, 'unknown'],
  ];
  for (const [text, version, expected] of table) assert.equal(licenceId([text], version), expected, String(text));
  assert.equal(licenceId([null, 'nonsense', 'CC BY 4.0']), 'CC-BY-4.0');
});

test('HTML becomes one line of text', () => {
  const table: [string, string | null][] = [
    ['plain', 'plain'],
    ['<b>b</b>old', 'bold'],
    ['a<br/>b<p>c</p>', 'a b c'],
    ['1 < 2 &lt;b&gt;', '1 < 2 <b>'],
    ['x<!-- <b> > -->y', 'xy'],
    ['<script>alert("<p>")</script>kept', 'kept'],
    ['cut <a href="', 'cut'],
    ['&#233;&#xe9;&eacute;&#0;&#x110000;&#xd800;', 'éé&eacute;'],
    ['tab\t\n line\u0000', 'tab line'],
    ['<i></i> ', null],
    ['', null],
  ];
  for (const [html, text] of table) assert.equal(plainText(html), text, html);
  assert.equal(plainText('😀'.repeat(10), 4), '😀😀😀😀');
  assert.equal(firstLink('<a class=x href="javascript:alert(1)">', 'https://a.example'), null);
  assert.equal(firstLink('no', 'https://a.example'), null);
});

test('hostile fragments are read in time that grows with their length', () => {
  for (const html of [
    '<'.repeat(50_000),
    '<a'.repeat(30_000),
    '<!--'.repeat(20_000),
    '<script>'.repeat(9_000),
    '&#'.repeat(30_000),
  ]) {
    const startMs = performance.now();
    plainText(html);
    firstLink(html, 'https://a.example');
    assert.ok(performance.now() - startMs < 500, html.slice(0, 8));
  }
});

test('no JSON makes an adapter fail otherwise than with an AppError', () => {
  const document = fc.oneof(
    fc.jsonValue(),
    fc.record({ results: fc.array(fc.jsonValue()), page_count: fc.jsonValue() }),
    fc.record({
      query: fc.record({ pages: fc.array(fc.record({ title: fc.jsonValue(), imageinfo: fc.jsonValue() })) }),
    }),
    fc.record({ continue: fc.jsonValue(), query: fc.jsonValue(), batchcomplete: fc.boolean() }),
  );
  fc.assert(
    fc.property(document, (value) => {
      for (const source of [openverse, wikimedia]) {
        try {
          const { images } = source.parse(JSON.stringify(value) ?? '', 'https://c.example/?page=1');
          for (const { imageUrl } of images) assert.match(imageUrl, /^https?:/i);
        } catch (error) {
          assert.ok(error instanceof AppError, String(error));
        }
      }
    }),
    { numRuns: 500 },
  );
});
