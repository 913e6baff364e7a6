import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crawlInput } from '../../../shared/contract/crawls.ts';
import { importInput } from '../../../shared/contract/imports.ts';
import { type CollectDraft, EMPTY_DRAFT, keywordsOf, requestsOf } from './draft.ts';

const draft = (change: Partial<CollectDraft>): CollectDraft => ({ ...EMPTY_DRAFT, ...change });

test('labels are searched by their keywords in each service, and by their name without any', () => {
  const { crawl, problems } = requestsOf(
    draft({
      labels: [
        { name: 'wren', keywords: 'winter wren, house wren' },
        { name: 'robin', keywords: ' ' },
      ],
      wikimedia: false,
    }),
    7,
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(crawl?.sources, [
    { source: 'openverse:winter wren', label: 'wren' },
    { source: 'openverse:house wren', label: 'wren' },
    { source: 'openverse:robin', label: 'robin' },
  ]);
  assert.deepEqual(keywordsOf({ name: 'a', keywords: 'b,b , c' }), ['b', 'c']);
});

test('pages, sitemaps and lists get the label for the rest; folders are imported', () => {
  const { crawl, import: imported } = requestsOf(
    draft({
      pages: 'https://a.example/x\n\n https://b.example ',
      sitemaps: 'https://a.example/sitemap.xml',
      lists: ['/data/list.csv'],
      folders: ['/data/pictures'],
      restLabel: ' birds ',
      maxImages: null,
      delayS: 0.5,
    }),
    7,
  );
  const sources = [
    'https://a.example/x',
    'https://b.example',
    'sitemap:https://a.example/sitemap.xml',
    'urls:/data/list.csv',
  ];
  assert.deepEqual(
    crawl?.sources,
    sources.map((source) => ({ source, label: 'birds' })),
  );
  assert.deepEqual([crawl?.delayMs, crawl?.maxImages], [500, undefined]);
  assert.deepEqual(imported, { datasetId: 7, paths: ['/data/pictures'], labelsFrom: 'folders', label: 'birds' });
});

test('what is wrong is said, and nothing is thrown away', () => {
  const problemsOf = (change: Partial<CollectDraft>) => requestsOf(draft(change), 1).problems.join(' ');
  assert.match(problemsOf({}), /at least one/);
  assert.match(problemsOf({ pages: 'example.org' }), /“example\.org”/);
  assert.match(problemsOf({ labels: [{ name: 'a', keywords: '' }], openverse: false, wikimedia: false }), /service/);
  assert.match(problemsOf({ labels: [{ name: '', keywords: 'x' }] }), /name/);
  assert.match(
    problemsOf({
      labels: [
        { name: 'a', keywords: '' },
        { name: 'a', keywords: 'b' },
      ],
    }),
    /twice/,
  );
  assert.match(problemsOf({ pages: 'https://a.example', perHost: 9 }), /from 1 to 8/);
  assert.match(problemsOf({ pages: 'https://a.example', maxImages: 1.5 }), /Images at most/);
  assert.match(problemsOf({ pages: 'https://a.example', allowHosts: 'http://x/' }), /HOST:PORT/);
});

test('a draft without problems is accepted by the contract, whatever was typed', () => {
  const text = fc.oneof(fc.string({ maxLength: 30 }), fc.webUrl(), fc.constant(''));
  const number = fc.oneof(
    fc.constant(null),
    fc.double({ min: -5, max: 400, noNaN: true }),
    fc.integer({ min: -5, max: 400 }),
  );
  const drafts = fc.record({
    labels: fc.array(fc.record({ name: fc.string({ maxLength: 20 }), keywords: text }), { maxLength: 3 }),
    openverse: fc.boolean(),
    wikimedia: fc.boolean(),
    pages: text,
    sitemaps: text,
    lists: fc.constantFrom([], ['/a.csv']),
    folders: fc.constantFrom([], ['/pictures']),
    labelsFromFolders: fc.boolean(),
    restLabel: fc.constantFrom('', 'rest'),
    maxImages: number,
    maxPages: number,
    depth: number,
    perHost: number,
    delayS: number,
    include: text,
    exclude: text,
    allowHosts: text,
  });
  fc.assert(
    fc.property(drafts, (given) => {
      // What the contract says of names is the contract's to say: control characters are refused there.
      fc.pre(given.labels.every(({ name }) => !/\p{Cc}/u.test(name)));
      const { crawl, import: imported, problems } = requestsOf(given, 1);
      if (problems.length > 0) return;
      assert.ok(crawl !== null || imported !== null);
      if (crawl !== null) crawlInput.parse(crawl);
      if (imported !== null) importInput.parse(imported);
    }),
    { numRuns: 300 },
  );
});
