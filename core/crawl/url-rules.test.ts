import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createScope, isTrap, looksLikeImage, normaliseUrl, siteOf } from './url-rules.ts';

test('one spelling for each address', () => {
  const rows: [string, string | null][] = [
    ['HTTP://Example.COM:80/a/../b/./c', 'http://example.com/b/c'],
    ['https://example.com:443', 'https://example.com/'],
    ['https://example.com:8443/', 'https://example.com:8443/'],
    ['https://user:secret@example.com./x#frag', 'https://example.com/x'],
    ['http://example.com/%7euser/%e4%bd%a0/%2f', 'http://example.com/~user/%E4%BD%A0/%2F'],
    ['http://example.com/100%', 'http://example.com/100%25'],
    ['http://example.com/%%37e', 'http://example.com/%257e'],
    ['http://example.com/a b', 'http://example.com/a%20b'],
    ['http://example.com/?', 'http://example.com/'],
    ['http://example.com/?b=2&utm_source=x&a=1&fbclid=3&&GCLID=4', 'http://example.com/?b=2&a=1'],
    ['http://example.com/?utm%5Fsource=x', 'http://example.com/'],
    ['http://example.com/a;jsessionid=12AB?x=1', 'http://example.com/a?x=1'],
    ['http://example.com/a;JSESSIONID=1/b;v=2', 'http://example.com/a/b;v=2'],
    ['http://example.com/a/..;jsessionid=1/b', 'http://example.com/b'],
    ['http://example.com/?PHPSESSID=abc&sid=3f9ac21b&q=1', 'http://example.com/?q=1'],
    ['http://example.com/?sid=42', 'http://example.com/?sid=42'],
    ['http://example.com/?sid=holiday', 'http://example.com/?sid=holiday'],
    ['http://münchen.de/ä', 'http://xn--mnchen-3ya.de/%C3%A4'],
    ['http://0x7f.1/', 'http://127.0.0.1/'],
    ['http://[::1]:80/', 'http://[::1]/'],
    ['  http:\\\\example.com\\a\n', 'http://example.com/a'],
    ['ftp://example.com/', null],
    ['javascript:alert(1)', null],
    ['data:image/png;base64,AA', null],
    ['/relative', null],
    ['http://', null],
    ['http://./', null],
    [`http://example.com/${'a'.repeat(2064)}`, `http://example.com/${'a'.repeat(2064)}`],
    [`http://example.com/${'a'.repeat(2065)}`, null],
  ];
  for (const [input, expected] of rows) assert.equal(normaliseUrl(input), expected, input);
  assert.equal(normaliseUrl('../b.jpg?x', 'https://example.com/a/c/'), 'https://example.com/a/b.jpg?x');
});

test('normalising twice changes nothing, and nothing throws', () => {
  const part = fc.constantFrom(
    ...[
      'a',
      '/',
      '..',
      '.',
      ';jsessionid=1',
      ';',
      '%',
      '%2',
      '%2e',
      '%2E',
      '%7e',
      '%37',
      '?',
      '&',
      '=',
      'utm_x',
      'sid=abc123',
      '#',
      ' ',
    ],
    ...['\\', '@', ':', 'é', '\ud800', '😀', '//', '[', '|', "'", '"', '+', 'phpsessid', '%00', '\t'],
  );
  const text = fc.oneof(
    fc.array(part, { maxLength: 30 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary' }),
  );
  const host = fc.constantFrom(
    'example.com',
    'EXAMPLE.com..',
    'ü.de',
    '1.2.3.4.',
    '[::1]',
    '0x7f.1',
    '%41.com',
    'a_b.c',
  );
  fc.assert(
    fc.property(host, text, fc.boolean(), (name, rest, isBare) => {
      const once = normaliseUrl(isBare ? rest : `http://${name}/${rest}`, 'http://base.test/x/');
      if (once === null) return;
      assert.equal(normaliseUrl(once), once);
      const { hash, username, password, protocol } = new URL(once);
      assert.equal(hash + username + password, '');
      assert.match(protocol, /^https?:$/);
      assert.doesNotMatch(once, /%[0-9a-f]?[a-f]|\.\/\.\.\//);
      assert.doesNotMatch(new URL(once).search, /(?:^\?|&)(?:utm_|phpsessid=)|&&|&$/i);
    }),
    { numRuns: 5000 },
  );
});

test('a site is told with its port', () => {
  assert.equal(siteOf('https://example.com/a'), 'https://example.com:443');
  assert.equal(siteOf('http://[::1]:8080/a'), 'http://[::1]:8080');
});

test('addresses of images are told by their extension', () => {
  for (const url of [
    'http://x/a.JPG',
    'http://x/a.jpeg?w=1.html',
    '/b/c.webp#x',
    'http://x/d.svg',
    'http://x/a.b.png',
  ]) {
    assert.equal(looksLikeImage(url), true, url);
  }
  for (const url of [
    'http://x/',
    'http://x.png',
    'http://x/a.html',
    'http://x/a?f=b.jpg',
    'http://x/jpg',
    'http://x/.jpg',
    'http://x/wiki/File:A.jpg',
    'http://x/File%3AA.jpg',
    'http://x/a.jpg/',
  ]) {
    assert.equal(looksLikeImage(url), false, url);
  }
});

test('endless shapes are traps, ordinary ones are not', () => {
  const path = (count: number): string =>
    `http://x/${Array.from({ length: count }, (_, index) => `s${index}`).join('/')}`;
  for (const url of [
    'http://x/a/a/a',
    'http://x/z/a/b/a/b/a/b/',
    'http://x/a/b/c/a/b/c/a/b/c/q.html',
    path(21),
    `http://x/?${'a'.repeat(2100)}`,
    'nonsense',
  ]) {
    assert.equal(isTrap(url), true, url);
  }
  for (const url of [
    'http://x/',
    'http://x/a/a/',
    'http://x/a/b/a/b/',
    path(20),
    `${path(20)}/`,
    'http://x/000/000/012/a.jpg',
  ]) {
    assert.equal(isTrap(url), false, url);
  }
});

test('a path that keeps nesting becomes a trap within 20 steps', () => {
  const segments = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(segments, (cycle) => {
      let url = 'http://x/';
      for (let step = 0; step < 21; step++) {
        if (isTrap(url)) return;
        url += `${cycle[step % cycle.length]}/`;
      }
      assert.equal(isTrap(url), true, url);
    }),
  );
});

test('pages stay on the hosts of the seeds, images do not', () => {
  const scope = createScope({
    seeds: ['https://www.example.com/photos/', 'http://127.0.0.1:8080/'],
    depth: 2,
    include: [],
    exclude: [],
  });
  assert.equal(scope.allowsPage('https://example.com/other', 2), true);
  assert.equal(scope.allowsPage('http://example.com/', 1), true);
  assert.equal(scope.allowsPage('https://example.com/other', 3), false);
  assert.equal(scope.allowsPage('https://cdn.example.com/', 1), false);
  assert.equal(scope.allowsPage('https://example.com:8443/', 1), false);
  assert.equal(scope.allowsPage('http://127.0.0.1:8080/a', 1), true);
  assert.equal(scope.allowsPage('http://127.0.0.1:8081/a', 1), false);
  assert.equal(scope.follow('https://example.com/other', 'https://elsewhere.test/'), false, 'it is no seed');
  assert.equal(scope.allowsImage('https://cdn.other.net/a.jpg'), true);
});

test('a redirect stays on the sites of the crawl or on its own, except that of a seed', () => {
  const seed = 'https://www.example.com/sitemap.xml';
  const scope = createScope({ seeds: [seed], depth: 2, include: [], exclude: [] });
  const listed = 'http://pages.test/1';
  for (const [from, to, allowed] of [
    [seed, 'https://elsewhere.test/', true],
    ['https://example.com/1', 'https://elsewhere.test/', false],
    ['https://example.com/1', 'http://www.example.com/2', true],
    [listed, listed, true],
    [listed, 'https://www.pages.test/2', true],
    [listed, 'https://example.com/', true],
    [listed, 'http://pages.test:8080/1', false],
    [listed, 'https://elsewhere.test/', false],
  ] as const) {
    assert.equal(scope.allowsRedirect(from, to), allowed, `${from} to ${to}`);
  }
});

test('globs choose images and keep away from what is excluded', () => {
  const allows = (url: string, include: string[], exclude: string[] = []): boolean =>
    createScope({ seeds: [], depth: 0, include, exclude }).allowsImage(url);
  const image = 'https://img.example.com/photos/2024/Cat.JPG?w=100';
  for (const glob of [
    '*.jpg',
    '*.{jpg,png}',
    'img.example.com',
    '*.example.com',
    '/photos/**',
    'https://img.example.com/photos/',
    '**/2024/*',
    'img.example.com/**/cat.jpg',
    '**/*w=100',
  ]) {
    assert.equal(allows(image, [glob]), true, glob);
    assert.equal(allows(image, [], [glob]), false, glob);
    assert.equal(allows(image, [glob], [glob]), false, glob);
  }
  for (const glob of ['*.png', 'example.com', '/photos/*', 'photos/**', '!*.png']) {
    assert.equal(allows(image, [glob]), false, glob);
    assert.equal(allows(image, [], [glob]), true, glob);
  }
  const scope = createScope({ seeds: ['http://a.test/'], depth: 1, include: ['*.jpg'], exclude: ['/private/'] });
  assert.equal(scope.allowsPage('http://a.test/list.html', 1), true);
  assert.equal(scope.allowsPage('http://a.test/private/list.html', 1), false);
  assert.equal(scope.allowsPage('http://a.test/private/', 0), true);
  assert.equal(scope.excludes('http://a.test/private/'), true);
  assert.equal(scope.excludes('http://a.test/list.html'), false);
  assert.throws(() => createScope({ seeds: [], depth: 0, include: [' '], exclude: [] }), { code: 'bad-request' });
  assert.throws(() => createScope({ seeds: [], depth: -1, include: [], exclude: [] }), { code: 'bad-request' });
});
