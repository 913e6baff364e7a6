/** What is collected from every kind of source, against what the local web knows about its pictures. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CONSENT_PICTURES } from '../web/consent-sites.ts';
import { TRAP_IMAGES, trapImagePaths } from '../web/trap-site.ts';
import type { PictureFact, PictureKind } from '../web/types.ts';
import { type LocalWeb, startWeb } from '../web/web.ts';
import { CommandLine, type JobResult, type PrintedSample } from './command-line.ts';

let web: LocalWeb;
let cli: CommandLine;
let allowed: string[];
let datasets = 0;

before(async () => {
  web = await startWeb({
    sites: ['gallery', 'api', 'robots-closed', 'half-closed', 'tagged', 'tdm', 'ai-txt', 'trap'],
    galleryImages: 16,
    galleryPages: 4,
  });
  allowed = web.allowHosts.flatMap((host) => ['--allow-host', host]);
  cli = await CommandLine.make({
    PIXCRAWLER_SOURCES_OPENVERSE_URL: web.site('api').origin,
    PIXCRAWLER_SOURCES_WIKIMEDIA_URL: web.site('api').origin,
  });
});

after(async () => {
  await cli?.remove();
  await web?.close();
});

interface Crawled extends JobResult {
  readonly code: number | null;
  readonly dataset: string;
}

/** Crawls into a dataset of its own and holds the counts to their sum. */
async function crawl(...words: string[]): Promise<Crawled> {
  const dataset = `set-${datasets++}`;
  const job = await cli.job('crawl', dataset, '--create', ...allowed, ...words);
  assert.equal(job.counts.discovered, settled(job), JSON.stringify(job.counts));
  return { ...job, dataset };
}

function settled({ counts }: JobResult): number {
  const { accepted, quarantined, duplicates, refused, failed } = counts;
  return [accepted, quarantined, duplicates, refused, failed].reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

function picturesOf(...kinds: PictureKind[]): PictureFact[] {
  return web.pictures.filter(({ kind }) => kinds.includes(kind));
}

/** What a crawl of the whole gallery must come to. */
async function expectWholeGallery(job: Crawled): Promise<PrintedSample[]> {
  const originals = picturesOf('honest');
  const copies = picturesOf('exact-duplicate');
  const again = picturesOf('near-duplicate');
  const chaff = picturesOf('too-small', 'flat', 'damaged');
  assert.equal(copies.length, 3);
  assert.equal(again.length, 3);
  assert.equal(job.code, 3, 'a file that is no image needs attention');
  assert.equal(job.status, 'completed-with-errors');
  assert.deepEqual(job.counts, {
    discovered: web.pictures.length,
    fetched: web.pictures.length - 1,
    accepted: originals.length,
    quarantined: again.length + chaff.length,
    duplicates: copies.length,
    nearDuplicates: again.length,
    refused: 2,
    failed: 1,
  });
  assert.equal(job.reasons['near-duplicate'], again.length);
  assert.equal(job.reasons['not-an-image'], 1);
  assert.equal(job.reasons['svg-refused'], 1);
  assert.equal(job.reasons.damaged, 2);
  assert.equal(job.reasons['short-side'], 1);
  assert.equal(job.reasons.flat, 1);

  const samples = await cli.samples(job.dataset);
  const byHash = new Map(samples.map((sample) => [sample.sha256, sample]));
  assert.equal(byHash.size, originals.length + again.length + chaff.length);
  for (const picture of originals) {
    const sample = byHash.get(picture.sha256);
    assert.equal(sample?.status, 'accepted', picture.url);
    assert.equal(sample.format, picture.format);
    assert.deepEqual([sample.width, sample.height, sample.bytes], [picture.width, picture.height, picture.sizeBytes]);
    assert.deepEqual(sample.reasons, []);
    const copy = copies.find(({ of }) => of === picture.url);
    const addresses = sample.origins.map(({ imageUrl }) => imageUrl).sort();
    assert.deepEqual(addresses, [picture.url, ...(copy === undefined ? [] : [copy.url])].sort());
  }
  for (const picture of again) {
    const sample = byHash.get(picture.sha256);
    const original = originals.find(({ url }) => url === picture.of);
    assert.equal(sample?.status, 'quarantined');
    assert.deepEqual(sample.reasons, ['near-duplicate']);
    assert.equal(sample.keeper?.sha256, original?.sha256);
    assert.ok((sample.keeper?.distance ?? 99) <= 6);
  }
  for (const picture of chaff) {
    const sample = byHash.get(picture.sha256);
    const reason = { 'too-small': 'short-side', flat: 'flat', damaged: 'damaged' }[picture.kind as 'flat'];
    assert.equal(sample?.status, 'quarantined', picture.url);
    assert.ok(sample.reasons.includes(reason), `${picture.url}: ${sample.reasons.join()}`);
  }
  return samples;
}

test('a page is crawled within its scope and depth', async () => {
  web.clearRequests();
  const job = await crawl('--from', `${web.site('gallery').origin}/`, '--label', 'drawn');
  const samples = await expectWholeGallery(job);
  assert.ok(samples.every(({ label }) => label === 'drawn'));
  assert.ok(samples.every(({ origins }) => origins.every(({ source }) => source === 'web')));
  const described = samples.flatMap(({ origins }) => origins).find(({ creator }) => creator !== null);
  assert.equal(described?.creator, 'A. Drawer', 'what JSON-LD says is kept');
  assert.match(described?.licence ?? '', /by\/4\.0|CC BY 4\.0|cc-by-4\.0/i);

  const asked = web.requests().map(({ path }) => path);
  assert.equal(new Set(asked).size, asked.length, 'nothing is asked for twice');
  assert.ok(!asked.some((path) => path.startsWith('/private/')), 'what robots.txt closes is not asked for');
  assert.ok(!asked.some((path) => path.startsWith('/reduced/')), 'the largest candidate of a srcset is taken');
  const agents = new Set(web.requests().map(({ headers }) => headers['user-agent']));
  assert.equal(agents.size, 1);
  assert.match(String([...agents][0]), /^PixCrawler\/\d+\.\d+\.\d+ \(\+https?:/);

  const stored = web.pictures.filter(({ sha256 }) => samples.some((sample) => sample.sha256 === sha256));
  for (const { sha256, sizeBytes } of stored) {
    const path = join(cli.dataDirectory, 'blobs', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
    assert.equal(readFileSync(path).length, sizeBytes);
  }
});

test('depth 0 is the given pages alone', async () => {
  const { origin } = web.site('gallery');
  web.clearRequests();
  const job = await crawl('--from', `${origin}/page/0`, `${origin}/page/2`, '--depth', '0');
  const named = web.pictures.filter((_picture, index) => index % 4 === 0 || index % 4 === 2);
  assert.equal(job.counts.discovered, named.length);
  const pages = web.requests().filter(({ path }) => path.startsWith('/page/'));
  assert.deepEqual(pages.map(({ path }) => path).sort(), ['/page/0', '/page/2']);
  const hashes = new Set((await cli.samples(job.dataset)).map(({ sha256 }) => sha256));
  for (const { sha256, kind, url } of named) if (kind === 'honest') assert.ok(hashes.has(sha256), url);
});

test('a sitemap leads to the same pictures', async () => {
  const job = await crawl('--from', `sitemap:${web.site('gallery').origin}/sitemap.xml`, '--depth', '0');
  const samples = await expectWholeGallery(job);
  assert.ok(samples.every(({ origins }) => origins.every(({ source }) => source === 'sitemap')));
});

test('lists of addresses are read in four formats, with their columns', async () => {
  const honest = picturesOf('honest');
  const rows = honest.map(({ url }, index) => ({ url, index, text: `Picture, ${index}`, label: `class ${index % 2}` }));
  const files: Record<string, string> = {
    'list.txt': `# comment\n${rows.map(({ url }) => url).join('\r\n')}\n\nnot an address\n`,
    'list.csv': [
      'id,image_url,caption,label',
      ...rows.map((row) => `${row.index},${row.url},"${row.text}",${row.label}`),
    ].join('\n'),
    'list.tsv': ['id\turl\tlabel', ...rows.map((row) => `${row.index}\t${row.url}\t${row.label}`)].join('\n'),
    'list.jsonl': rows.map(({ url, text, label }) => JSON.stringify({ url, caption: text, label })).join('\n'),
  };
  for (const [name, content] of Object.entries(files)) {
    const path = join(cli.root, name);
    await writeFile(path, content);
    const job = await crawl('--from', `urls:${path}`);
    assert.equal(job.code, 0, name);
    assert.equal(job.counts.accepted, honest.length, name);
    const samples = await cli.samples(job.dataset);
    for (const [index, { sha256 }] of honest.entries()) {
      const sample = samples.find((each) => each.sha256 === sha256);
      assert.equal(sample?.label, name === 'list.txt' ? null : `class ${index % 2}`, name);
      assert.equal(sample?.origins[0]?.source, 'list');
    }
  }
  const path = join(cli.root, 'two.csv');
  await writeFile(path, `page,link\n${honest.map(({ url }) => `${web.site('gallery').origin}/,${url}`).join('\n')}`);
  const job = await crawl('--from', `urls:${path}#column=link`);
  assert.equal(job.counts.accepted, honest.length);
});

test('a folder of this machine is read with the folders in it', async () => {
  const folder = join(cli.root, 'folder');
  await mkdir(join(folder, 'deep', 'er'), { recursive: true });
  const bytesOf = (sha256: string) =>
    readFileSync(join(cli.dataDirectory, 'blobs', sha256.slice(0, 2), sha256.slice(2, 4), sha256));
  const honest = picturesOf('honest').slice(0, 4);
  for (const [index, { sha256 }] of honest.entries()) {
    await writeFile(join(folder, index % 2 === 0 ? 'deep/er' : '.', `${index}.jpg`), bytesOf(sha256));
  }
  await writeFile(join(folder, 'copy.jpg'), bytesOf(honest[0]!.sha256));
  await writeFile(join(folder, 'notes.txt'), 'no image');
  await writeFile(join(folder, 'broken.png'), 'no image either');
  const job = await crawl('--from', `folder:${folder}`);
  assert.equal(job.code, 3);
  assert.deepEqual(
    [job.counts.discovered, job.counts.accepted, job.counts.duplicates, job.counts.failed],
    [6, 4, 1, 1],
  );
  const samples = await cli.samples(job.dataset);
  assert.deepEqual(samples.map(({ sha256 }) => sha256).sort(), honest.map(({ sha256 }) => sha256).sort());
  assert.ok(samples.every(({ origins }) => origins[0]?.imageUrl.startsWith('file://')));
  assert.equal(readFileSync(join(folder, 'copy.jpg')).length, honest[0]!.sizeBytes, 'the folder is left as it was');
});

test('searches bring licence and creator along', async () => {
  const honest = picturesOf('honest');
  for (const source of ['openverse', 'wikimedia']) {
    web.clearRequests();
    const job = await crawl('--from', `${source}:pictures of birds`);
    assert.equal(job.code, 0, source);
    assert.equal(job.counts.accepted, honest.length);
    const origins = (await cli.samples(job.dataset)).flatMap((sample) => sample.origins);
    assert.equal(origins.length, honest.length);
    for (const { licence, creator, source: from, pageUrl } of origins) {
      assert.match(licence ?? '', /cc|by|zero/i);
      assert.match(creator ?? '', source === 'openverse' ? /^Creator \d$/ : /^Drawer & Co$/);
      assert.equal(from, source);
      assert.ok(pageUrl?.startsWith(web.site('gallery').origin));
    }
    const none = await crawl('--from', `${source}:nothing`);
    assert.deepEqual([none.code, none.counts.discovered], [3, 0], 'nothing found needs attention');
  }
});

test('include and exclude choose what is fetched', async () => {
  web.clearRequests();
  const only = await crawl(
    '--from',
    `${web.site('gallery').origin}/`,
    '--include',
    '/pictures/**',
    '--exclude',
    '*.png',
  );
  const wanted = picturesOf('honest').filter(({ format }) => format !== 'png');
  assert.equal(only.counts.discovered, wanted.length);
  assert.equal(only.counts.accepted, wanted.length);
  const fetched = web.requests().map(({ path }) => path);
  assert.ok(!fetched.some((path) => path.endsWith('.png') || path.startsWith('/chaff/')));
  assert.equal(fetched.filter((path) => path.startsWith('/page/')).length, 4, 'pages are read all the same');
});

test('as many new images as asked for, and no more', async () => {
  const from = ['--from', `${web.site('gallery').origin}/`, '--include', '/pictures/**'];
  for (const limit of [1, 5, 16]) {
    const job = await crawl(...from, '--max-images', String(limit));
    assert.equal(job.code, 0);
    assert.equal(job.counts.accepted, limit);
    assert.equal(job.counts.discovered, limit, 'what was left is not counted as found');
    assert.equal((await cli.samples(job.dataset)).length, limit);
  }
});

test('as many pages as asked for, and no more', async () => {
  web.clearRequests();
  const job = await crawl('--from', `${web.site('gallery').origin}/`, '--max-pages', '3');
  const pages = web.requests().filter(({ path }) => path === '/' || path.startsWith('/page/'));
  assert.equal(pages.length, 3);
  assert.ok((job.counts.accepted ?? 0) > 0, 'the pictures of pages that were read are collected');
});

test('consent is asked for and obeyed', async () => {
  for (const [name, reason] of [
    ['tagged', 'x-robots-tag'],
    ['tdm', 'tdm-reserved'],
    ['ai-txt', 'ai-txt'],
  ] as const) {
    const truth: Record<string, boolean> = { ...CONSENT_PICTURES[name] };
    // Its file reserves it, so that the answer which would lift this is never asked for.
    if (name === 'tdm') truth['/lifted/a.jpg'] = false;
    const { origin } = web.site(name);
    web.clearRequests();
    const job = await crawl('--from', `${origin}/`);
    const kept = Object.keys(truth).filter((path) => truth[path] === true);
    const origins = (await cli.samples(job.dataset)).flatMap((sample) => sample.origins);
    assert.deepEqual(origins.map(({ imageUrl }) => imageUrl).sort(), kept.map((path) => origin + path).sort(), name);
    assert.ok(origins.every(({ consent }) => consent.verdict === 'allowed'));
    const refused = Object.keys(truth).length - kept.length;
    assert.deepEqual([job.code, job.counts.refused, job.reasons[reason]], [0, refused, refused]);
    const first = web.requests()[0]?.path;
    assert.equal(first, '/robots.txt', 'robots.txt is asked for before anything else');
  }
  web.clearRequests();
  const closed = await crawl('--from', `${web.site('robots-closed').origin}/`);
  assert.equal(closed.code, 3);
  assert.equal(closed.reasons['robots-disallowed'], 1);
  assert.deepEqual(
    web.requests().map(({ path }) => path),
    ['/robots.txt'],
  );
});

test('what a site refuses is kept where the user names it, and every origin and export says so', async () => {
  const signals = { tagged: 'x-robots-tag', tdm: 'tdm', 'ai-txt': 'ai-txt', 'robots-closed': 'robots' };
  for (const [name, override] of [
    ['tagged', 'noai'],
    ['tdm', 'tdm'],
    ['ai-txt', 'ai-txt'],
    ['robots-closed', 'robots'],
  ] as const) {
    const { origin } = web.site(name);
    const others = ['robots', 'noai', 'tdm', 'ai-txt'].filter((each) => each !== override);
    const refused = await crawl('--from', `${origin}/`, '--override-consent', others.join(','));
    assert.ok((refused.counts.refused ?? 0) + Number(name === 'robots-closed') > 0, `${name}: no other opens it`);
    const truth: Record<string, boolean> = { ...CONSENT_PICTURES[name] };
    // Its file reserves it, which stands beside the answer that would lift it.
    if (name === 'tdm') truth['/lifted/a.jpg'] = false;
    const job = await crawl('--from', `${origin}/`, '--override-consent', override);
    assert.deepEqual([job.code, job.counts.refused], [0, 0], name);
    const origins = (await cli.samples(job.dataset)).flatMap((sample) => sample.origins);
    assert.equal(origins.length, Object.keys(truth).length);
    for (const { imageUrl, consent } of origins) {
      const wasRefused = truth[imageUrl.slice(origin.length)] === false;
      assert.equal(consent.verdict, wasRefused ? 'overridden' : 'allowed', imageUrl);
      const refusing = consent.signals.filter(({ refused }) => refused).map(({ signal }) => signal);
      assert.deepEqual([...new Set(refusing)], wasRefused ? [signals[name]] : [], imageUrl);
    }
    const [shown = {}] = (await cli.json('jobs', 'show', String(job.jobId))).lines;
    assert.deepEqual((shown.parameters as Record<string, unknown>).overrideConsent, [override]);
    const out = join(cli.root, `overridden-${name}.jsonl`);
    await cli.succeed('export', job.dataset, '--format', 'jsonl', '--out', out);
    assert.match(readFileSync(join(out, 'samples.jsonl'), 'utf8'), /"consent":"overridden"/);
  }
});

test('an image of a page that robots.txt closes says so, though it is open itself', async () => {
  const { origin } = web.site('half-closed');
  const refused = await crawl('--from', `${origin}/closed/`);
  assert.equal(refused.reasons['robots-disallowed'], 1);
  const job = await crawl('--from', `${origin}/closed/`, '--override-consent', 'robots');
  const [sample] = await cli.samples(job.dataset);
  assert.equal(sample?.origins[0]?.consent.verdict, 'overridden');
  assert.match(sample?.origins[0]?.consent.signals.find(({ refused }) => refused)?.evidence ?? '', /closed.*\(page\)/);
});

test('an address of an image is an image, and its refusal a refused image', async () => {
  const { origin } = web.site('tagged');
  const open = await crawl('--from', `${origin}/open.jpg`);
  assert.deepEqual([open.code, open.counts.discovered, open.counts.accepted], [0, 1, 1]);
  const refused = await crawl('--from', `${origin}/noai.jpg`);
  assert.deepEqual([refused.code, refused.counts.discovered, refused.counts.refused], [3, 1, 1]);
  assert.equal((await cli.samples(refused.dataset)).length, 0);
});

test('private addresses are refused without a single request, unless exactly they are allowed', async () => {
  const { origin, address, port } = web.site('gallery');
  const list = join(cli.root, 'private.txt');
  const spellings = [
    `${origin}/pictures/0000.jpg`,
    `http://2130706434:${port}/pictures/0000.jpg`,
    `http://0x7f.0.0.2:${port}/pictures/0001.jpg`,
    `http://[::ffff:7f00:2]:${port}/pictures/0003.jpg`,
    'http://localhost:9/a.jpg',
    'http://10.0.0.1/b.jpg',
    'http://169.254.169.254/latest/meta-data/c.jpg',
  ];
  await writeFile(list, spellings.join('\n'));
  web.clearRequests();
  const job = await cli.job('crawl', 'private', '--create', '--from', `urls:${list}`);
  const distinct = spellings.length - 1; // two of them are one address
  assert.deepEqual([job.code, job.counts.discovered, job.counts.refused], [3, distinct, distinct]);
  assert.deepEqual(job.reasons, { 'address-refused': distinct });
  assert.equal(web.requests().length, 0);

  const page = await cli.job('crawl', 'private', '--from', `${origin}/`);
  assert.deepEqual([page.code, page.reasons['address-refused']], [3, 1]);
  const other = await cli.job('crawl', 'private', '--from', `${origin}/`, '--allow-host', `${address}:${port + 1}`);
  assert.deepEqual([other.code, other.reasons['address-refused']], [3, 1], 'another port is another host');
  assert.equal(web.requests().length, 0);
});

test('every honest picture of a site without end is found within the page budget', async () => {
  web.clearRequests();
  const job = await crawl('--from', `${web.site('trap').origin}/`, '--max-pages', '60');
  assert.equal(job.counts.discovered, TRAP_IMAGES);
  assert.equal((job.counts.accepted ?? 0) + (job.counts.quarantined ?? 0), TRAP_IMAGES);
  const paths = web.requests().map(({ path }) => path);
  assert.deepEqual(paths.filter((path) => path.startsWith('/image/')).sort(), trapImagePaths().sort());
  const redirects = paths.filter((path) => path.startsWith('/maze/')).length;
  const pages = paths.filter((path) => !/^\/(image|maze)\/|^\/(robots\.txt|ai\.txt|\.well-known)/.test(path)).length;
  assert.ok(pages <= 60, `${pages} pages`);
  assert.ok(redirects <= 60, `${redirects} redirects`);
});
