/**
 * The main job from end to end on a small web that this program starts itself, faults included: pages, a list and a
 * search become a checked dataset and two exports in `demo-output/`. It compares the outcome with what the web knows
 * about its pictures and ends with code 1 when anything differs.
 */

import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { sampleObject } from '../cli/json.ts';
import type { JobState } from '../shared/vocabulary.ts';
import { CONSENT_PICTURES } from '../tests/web/consent-sites.ts';
import { FAULTS } from '../tests/web/faults.ts';
import type { PictureFact, PictureKind } from '../tests/web/types.ts';
import { startWebProcess, type WebProcess } from '../tests/web/web-process.ts';

type SampleLine = ReturnType<typeof sampleObject>;

interface JobLine {
  readonly type: 'result';
  readonly status: JobState;
  readonly counts: Readonly<Record<string, number>>;
  readonly reasons: Readonly<Record<string, number>>;
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const output = join(root, 'demo-output');
const dataDirectory = join(output, 'data');
const folder = join(output, 'imagefolder');
const archive = join(output, 'demo.zip');
const list = join(output, 'list.txt');
const DATASET = 'demo';
const LISTED_PICTURES = 12;
/** What the faulty site does to the crawl: nothing that makes it wait for long. */
const LINKED_FAULTS = [
  ...['not-found', 'gone', 'false-gzip', 'html-as-jpeg', 'jpeg-as-text', 'bomb-gzip', 'endless-body'],
  ...['redirect-chain', 'redirect-loop', 'redirect-metadata', 'redirect-file', 'too-many-once-seconds'],
];
/** Not allowed, and never contacted. */
const METADATA_ADDRESS = 'http://169.254.169.254/latest/meta-data/picture.jpg';

const problems: string[] = [];

function expect(isMet: boolean, expectation: string): void {
  if (!isMet) problems.push(expectation);
}

function expectEqual(name: string, actual: unknown, expected: unknown): void {
  const [came, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  expect(came === wanted, `${name}: expected ${wanted}, got ${came}`);
}

/** Runs one command of the real program. @returns the objects it printed */
function pixcrawler(words: readonly string[], exitCode: number, searchUrl?: string): unknown[] {
  const shown = words.filter((word, index) => word !== '--allow-host' && words[index - 1] !== '--allow-host');
  console.log(`$ pixcrawler ${shown.map((word) => word.replace(`${root}/`, '')).join(' ')}`);
  // Nothing of the caller's own settings.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PIXCRAWLER_')));
  if (searchUrl !== undefined) env.PIXCRAWLER_SOURCES_OPENVERSE_URL = searchUrl;
  const program = [join(root, 'dist/cli.js'), '--data-dir', dataDirectory, '--json', ...words];
  const { status, stdout, error } = spawnSync(process.execPath, program, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  expectEqual(`exit code of ${words[0]}`, status, exitCode);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as unknown);
}

/** Runs a command that starts a job. @returns how the job ended */
function job(words: readonly string[], exitCode: number, searchUrl?: string): JobLine {
  const end = pixcrawler(words, exitCode, searchUrl).at(-1) as JobLine | undefined;
  if (end?.type !== 'result') throw new Error(`${words[0]} printed no result; the lines above say why.`);
  return end;
}

function crawl(web: WebProcess, label: string, exitCode: number, sources: readonly string[], searchUrl?: string) {
  const hosts = web.allowHosts.flatMap((host) => ['--allow-host', host]);
  const words = ['--label', label, '--delay-ms', '0', '--per-host', '2', ...hosts];
  return job(['crawl', DATASET, '--from', ...sources, ...words], exitCode, searchUrl);
}

function count(values: readonly (string | null)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) if (value !== null) counts[value] = (counts[value] ?? 0) + 1;
  return sorted(counts);
}

function sorted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort());
}

/** What the gallery's pictures of each kind are to become. */
const OUTCOMES: Readonly<Record<PictureKind, { readonly status: string | null; readonly reason: string | null }>> = {
  honest: { status: 'accepted', reason: null },
  'exact-duplicate': { status: 'accepted', reason: null },
  'near-duplicate': { status: 'quarantined', reason: 'near-duplicate' },
  'too-small': { status: 'quarantined', reason: 'short-side' },
  flat: { status: 'quarantined', reason: 'flat' },
  damaged: { status: 'quarantined', reason: 'damaged' },
  'not-an-image': { status: null, reason: 'not-an-image' },
  svg: { status: null, reason: 'svg-refused' },
  'robots-disallowed': { status: null, reason: 'robots-disallowed' },
};

/** Compares each picture of the gallery with what became of it. */
function checkPictures(pictures: readonly PictureFact[], samples: ReadonlyMap<string, SampleLine>): void {
  const shaOf = new Map(pictures.map(({ url, sha256 }) => [url, sha256]));
  for (const { path, url, kind, of, sha256, width, height } of pictures) {
    const { status, reason } = OUTCOMES[kind];
    const sample = samples.get(sha256);
    expectEqual(`status of ${path}`, sample?.status ?? null, status);
    if (sample === undefined) continue;
    if (reason !== null) expect(sample.reasons.includes(reason), `${path}: expected the reason ${reason}`);
    if (kind === 'near-duplicate') expectEqual(`keeper of ${path}`, sample.keeper?.sha256, shaOf.get(of ?? ''));
    expectEqual(`size of ${path}`, [sample.width, sample.height], [width, height]);
    const addresses = sample.origins.map(({ imageUrl }) => imageUrl);
    expect(addresses.includes(url), `${path}: expected its address among the origins`);
  }
}

/** What the crawl of pages is to refuse and to fail on, by reason. */
function expectedReasons(web: WebProcess): Record<string, number> {
  const refusedByHeader = Object.values(CONSENT_PICTURES.tagged).filter((isAllowed) => !isAllowed);
  const faults = LINKED_FAULTS.map((name) => FAULTS[name]!);
  return count([
    ...web.pictures.map(({ kind }) => OUTCOMES[kind].reason),
    ...refusedByHeader.map(() => 'x-robots-tag'),
    ...faults.filter(({ expect }) => expect !== 'transient').map(({ reason }) => reason),
    // Text under an image's name arrives well; only its bytes give it away.
    'not-an-image',
    // The page below /private/, beside the picture there; and the banner is as small a file as it is flat.
    'robots-disallowed',
    'too-few-bytes',
  ]);
}

/** Every file of the exported folder by its hash, beside the metadata. */
function checkExports(accepted: readonly SampleLine[]): void {
  const hashes = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(jpg|png|webp|gif|avif|tif|bmp)$/.test(name))
    .map((name) => hash('sha256', readFileSync(join(folder, name))));
  expectEqual('exported images', hashes.sort(), accepted.map(({ sha256 }) => sha256).sort());
  const rows = readFileSync(join(folder, 'metadata.jsonl'), 'utf8').trim().split('\n');
  expectEqual('rows of metadata.jsonl', rows.length, accepted.length);
  const bytes = accepted.reduce((sum, sample) => sum + sample.bytes, 0);
  expect(statSync(archive).size > bytes, `${archive}: expected more than ${bytes} bytes`);
}

function printReport(crawls: Readonly<Record<string, JobLine>>, samples: readonly SampleLine[]): void {
  const columns = ['discovered', 'fetched', 'accepted', 'quarantined', 'duplicates', 'refused', 'failed'];
  console.log(`\n${'Images'.padEnd(8)}${columns.map((name) => name.padStart(12)).join('')}`);
  for (const [name, { counts }] of Object.entries(crawls)) {
    console.log(name.padEnd(8) + columns.map((column) => String(counts[column]).padStart(12)).join(''));
  }
  console.log('\nNot kept, or set aside, because of');
  const totals: Record<string, number> = {};
  for (const [reason, number] of Object.values(crawls).flatMap((end) => Object.entries(end.reasons))) {
    totals[reason] = (totals[reason] ?? 0) + number;
  }
  for (const [reason, number] of Object.entries(sorted(totals)).sort(([, a], [, b]) => b - a)) {
    console.log(`  ${reason.padEnd(20)}${String(number).padStart(3)}`);
  }
  console.log('\nNear-duplicates, and the image kept instead of each');
  const bySha = new Map(samples.map((sample) => [sample.sha256, sample]));
  for (const { keeper, ...sample } of samples) {
    const kept = keeper === null ? undefined : bySha.get(keeper.sha256);
    if (kept === undefined) continue;
    const describe = ({ origins, width, height }: Pick<SampleLine, 'origins' | 'width' | 'height'>): string =>
      `${new URL(origins[0]!.imageUrl).pathname} (${width}x${height})`;
    console.log(`  ${describe(sample)} -> ${describe(kept)}`);
  }
  const accepted = samples.filter(({ status }) => status === 'accepted').length;
  console.log(`\nThe dataset "${DATASET}" has ${samples.length} images, ${accepted} of them accepted`);
  for (const [name, path] of Object.entries({ 'data directory': dataDirectory, ImageFolder: folder, zip: archive })) {
    console.log(`  ${name.padEnd(16)}${relative(root, path)}`);
  }
  console.log('\nTo go on');
  for (const words of [`samples ${DATASET} --status quarantined`, `stats ${DATASET}`, 'jobs show 1', '--help']) {
    console.log(`  npm run -s pixcrawler -- --data-dir ${relative(root, dataDirectory)} ${words}`);
  }
}

async function collect(web: WebProcess, search: WebProcess): Promise<void> {
  const origin = (site: 'gallery' | 'faults' | 'tagged'): string => web.sites[site]!.origin;
  const perSite = LISTED_PICTURES / search.bulk.length;
  const listed = Array.from(
    { length: LISTED_PICTURES },
    (_, number) => `${search.bulk[Math.floor(number / perSite)]!.origin}/i/${number}.jpg`,
  );
  writeFileSync(list, [...listed, `${search.bulk[0]!.origin}/missing.jpg`, METADATA_ADDRESS, ''].join('\n'));

  pixcrawler(['dataset', 'create', DATASET], 0);
  const pageUrls = [`${origin('gallery')}/`, `${origin('faults')}/`, `${origin('tagged')}/`];
  const crawls = {
    pages: crawl(web, 'pages', 3, pageUrls),
    list: crawl(search, 'list', 3, [`urls:${list}`]),
    search: crawl(search, 'search', 0, ['openverse:pictures'], search.sites.api!.origin),
  };
  const validation = job(['validate', DATASET], 0);
  const samples = pixcrawler(['samples', DATASET], 0) as SampleLine[];
  job(['export', DATASET, '--format', 'imagefolder', '--out', folder], 0);
  job(['export', DATASET, '--format', 'imagefolder', '--archive', 'zip', '--out', archive], 0);
  printReport(crawls, samples);

  const bySha = new Map(samples.map((sample) => [sample.sha256, sample]));
  expectEqual('number of samples', bySha.size, samples.length);
  checkPictures(web.pictures, bySha);
  const searched = search.pictures.filter(({ kind }) => kind === 'honest');
  checkPictures(searched, bySha);
  expectEqual('reasons of the pages', sorted(crawls.pages.reasons), expectedReasons(web));
  expectEqual('reasons of the list', sorted(crawls.list.reasons), { 'address-refused': 1, 'http-404': 1 });
  expectEqual('pictures of the list', crawls.list.counts.accepted, LISTED_PICTURES);
  expectEqual('state of the validation', validation.status, 'completed');
  const licensed = samples.filter(
    ({ label, origins }) => label === 'search' && origins.every(({ licence }) => licence),
  );
  expectEqual('licensed pictures of the search', licensed.length, crawls.search.counts.accepted);
  const requests = await web.requests();
  expect(!requests.some(({ path }) => path.startsWith('/private/')), 'nothing below /private/ is ever asked for');
  checkExports(samples.filter(({ status }) => status === 'accepted'));
}

rmSync(output, { recursive: true, force: true });
mkdirSync(output);
const startedMs = performance.now();
// Two webs, so that the search and the list bring pictures that the pages do not have.
const size = { galleryImages: 28, galleryPages: 4 };
const [web, search] = await Promise.all([
  startWebProcess({ ...size, sites: ['gallery', 'faults', 'tagged'], linkedFaults: LINKED_FAULTS }),
  startWebProcess({ ...size, seed: 2, sites: ['gallery', 'api'], bulkHosts: 2, bulkImages: LISTED_PICTURES }),
]);
try {
  await collect(web, search);
} finally {
  await Promise.all([web.close(), search.close()]);
}
console.log(`\nFinished in ${((performance.now() - startedMs) / 1000).toFixed(1)} s.`);
if (problems.length === 0) {
  console.log('All as the sites know it: every picture kept, set aside or refused for the right reason.');
} else {
  console.error(`error: ${problems.length} outcomes differ from what the sites know:\n  ${problems.join('\n  ')}`);
  process.exitCode = 1;
}
