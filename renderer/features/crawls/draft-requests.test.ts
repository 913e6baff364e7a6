import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crawlInput } from '../../../shared/contract/crawls.ts';
import { importInput } from '../../../shared/contract/imports.ts';
import { type CollectDraft, EMPTY_DRAFT } from './draft.ts';
import { draftOfJob } from './draft-of-job.ts';
import { problemOf, requestsOf } from './draft-requests.ts';
import { anyDraft } from './testing/any-draft.ts';

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
});

test('pages, sitemaps and lists get the label for the rest; folders are imported', () => {
  const { crawl, import: imported } = requestsOf(
    draft({
      pages: 'https://a.example/x\n\n https://b.example ',
      sitemaps: 'https://a.example/sitemap.xml',
      lists: ['/data/list.csv'],
      folders: ['/data/pictures'],
      mode: 'link',
      restLabel: ' birds ',
      maxImages: null,
      delayS: 0.5,
      timeoutS: 20,
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
  assert.deepEqual([crawl?.delayMs, crawl?.timeoutMs, crawl?.maxImages], [500, 20_000, undefined]);
  assert.deepEqual(imported, {
    datasetId: 7,
    paths: ['/data/pictures'],
    labelsFrom: 'folders',
    mode: 'link',
    label: 'birds',
  });
});

test('folders name what lies in them directly, unless a label is given for that or the host has made them', () => {
  const labellingOf = (change: Partial<CollectDraft>) =>
    requestsOf(draft({ folders: ['/data/birds'], ...change }), 7).import?.labelsFrom;
  assert.equal(labellingOf({}), 'given-folders');
  assert.equal(labellingOf({ restLabel: 'owl' }), 'folders');
  assert.equal(labellingOf({ pathNames: { '/data/birds': '2 files' } }), 'folders');
  assert.equal(labellingOf({ labelsFromFolders: false }), 'none');
});

test('what is wrong is said where it is wrong', () => {
  const problem = (change: Partial<CollectDraft>, field: Parameters<typeof problemOf>[1]) =>
    problemOf(requestsOf(draft(change), 1).problems, field) ?? '';
  const pages = 'https://a.example';
  assert.match(problem({}, 'all'), /at least one/);
  assert.match(problem({ pages: 'example.org' }, 'pages'), /“example\.org”/);
  assert.match(problem({ sitemaps: 'ftp://a.example/x' }, 'sitemaps'), /http/);
  assert.match(
    problem({ labels: [{ name: 'a', keywords: '' }], openverse: false, wikimedia: false }, 'services'),
    /service/,
  );
  assert.match(problem({ labels: [{ name: '', keywords: 'x' }] }, 'labels'), /name/);
  const twice = [
    { name: 'a', keywords: '' },
    { name: 'a', keywords: 'b' },
  ];
  assert.match(problem({ labels: twice }, 'labels'), /twice/);
  assert.match(problem({ pages, perHost: 9 }, 'perHost'), /from 1 to 8/);
  assert.match(problem({ pages, maxImages: 1.5 }, 'maxImages'), /whole/);
  assert.match(problem({ pages, allowHosts: 'http://x/' }, 'allowHosts'), /HOST:PORT/);
  assert.equal(problem({ pages }, 'pages'), '');
});

test('a draft without problems is accepted by the contract, whatever was typed', () => {
  fc.assert(
    fc.property(anyDraft, (given) => {
      const { crawl, import: imported, problems } = requestsOf(given, 1);
      if (problems.length > 0) return;
      assert.ok(crawl !== null || imported !== null);
      if (crawl !== null) crawlInput.parse(crawl);
      if (imported !== null) importInput.parse(imported);
    }),
    { numRuns: 500 },
  );
});

test('a job gives back a draft that asks the same', () => {
  fc.assert(
    fc.property(anyDraft, (given) => {
      const asked = requestsOf(given, 1);
      if (asked.problems.length > 0) return;
      if (asked.crawl !== null) {
        const again = draftOfJob({ kind: 'crawl', parameters: crawlInput.parse(asked.crawl) });
        if (again === null) return;
        const sources = new Set(requestsOf(again, 1).crawl?.sources.map((source) => JSON.stringify(source)));
        assert.deepEqual(
          sources,
          new Set(crawlInput.parse(asked.crawl).sources.map((source) => JSON.stringify(source))),
        );
      }
      if (asked.import !== null) {
        const again = draftOfJob({ kind: 'import', parameters: importInput.parse(asked.import) });
        const isSent = given.folders.some((path) => given.pathNames[path] !== undefined);
        assert.equal(again === null, given.labelsFromFolders && isSent && given.restLabel.trim() === '');
        if (again === null) return;
        assert.deepEqual(importInput.parse(requestsOf(again, 1).import), importInput.parse(asked.import));
      }
    }),
    { numRuns: 300 },
  );
});

test('what to go past is asked for when it is chosen, and does not come back with the job', () => {
  const chosen = draft({ pages: 'https://a.example/', overrideConsent: ['robots', 'tdm'] });
  const { crawl } = requestsOf(chosen, 7);
  assert.deepEqual(crawl?.overrideConsent, ['robots', 'tdm']);
  const again = draftOfJob({ kind: 'crawl', parameters: crawlInput.parse(crawl) });
  assert.deepEqual([again?.pages, again?.overrideConsent], ['https://a.example/', []]);
});

test('a crawl of the form comes back word for word; what the form cannot say gives none', () => {
  const given = draft({
    labels: [
      { name: 'wren', keywords: 'winter wren, house wren' },
      { name: 'robin', keywords: '' },
    ],
    pages: 'https://a.example/x',
    restLabel: 'birds',
    maxPages: 20,
    depth: 1,
    delayS: 0.5,
    include: '*/birds/*',
    allowHosts: '127.0.0.1:80',
  });
  const parameters = crawlInput.parse(requestsOf(given, 3).crawl);
  assert.deepEqual(draftOfJob({ kind: 'crawl', parameters }), given);
  const typed = crawlInput.parse({ datasetId: 3, sources: ['https://a.example', 'openverse:wren'], label: 'bird' });
  assert.equal(draftOfJob({ kind: 'crawl', parameters: typed })?.restLabel, 'bird');
  const mixed = [
    { source: 'https://a.example', label: 'a' },
    { source: 'https://b.example', label: 'b' },
  ];
  assert.equal(draftOfJob({ kind: 'crawl', parameters: { datasetId: 3, sources: mixed } }), null);
  const uneven = [
    { source: 'openverse:x', label: 'a' },
    { source: 'wikimedia:y', label: 'a' },
  ];
  assert.equal(draftOfJob({ kind: 'crawl', parameters: { datasetId: 3, sources: uneven } }), null);
  assert.equal(draftOfJob({ kind: 'export', parameters: {} }), null);
});
