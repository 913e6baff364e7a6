import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { hash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import tarStream from 'tar-stream';
import yauzl from 'yauzl';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { ArchiveKind, ExportContent, ExportFormatName, ExportSample } from './export-types.ts';
import { type ExportOptions, runExport } from './run-export.ts';
import { SourceProblem } from './stored-file.ts';

let root: string;
let blobs: string;
before(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'pixcrawler-exports-'));
  blobs = join(root, 'data', 'blobs');
  fs.mkdirSync(blobs, { recursive: true });
});
after(() => fs.rmSync(root, { recursive: true, force: true }));

const pathOf = (sha256: string) => join(blobs, sha256);
const isAppError = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

const sampleFacts = {
  label: null,
  split: null,
  status: 'accepted',
  reasons: [],
  width: 640,
  height: 480,
  format: 'jpeg',
  caption: null,
  name: null,
  tags: [],
  origins: [],
} satisfies Partial<ExportSample>;

function sampleOf(bytes: Buffer, more: Partial<ExportSample> = {}): ExportSample {
  const sha256 = hash('sha256', bytes);
  fs.writeFileSync(pathOf(sha256), bytes);
  return { ...sampleFacts, sha256, bytes: bytes.length, ...more };
}

const byLabelThenHash = (a: ExportSample, b: ExportSample) =>
  a.label === b.label ? (a.sha256 < b.sha256 ? -1 : 1) : (a.label ?? '') < (b.label ?? '') ? -1 : 1;

const HOSTILE_LABELS = [
  null,
  'cat',
  'CAT',
  '=HYPERLINK("http://x.test")',
  '../../etc',
  'a/b\\c',
  'CON',
  'README.md',
  'metadata.jsonl',
  'unlabelled',
  'train',
  'Füchse 🦊, "quoted"',
  "'apostrophe",
  'x'.repeat(300),
  ' spaces ',
  '...',
];

function origin(index: number): ExportSample['origins'][number] {
  return {
    source: 'page',
    pageUrl: `https://example.test/${index}`,
    imageUrl: `https://example.test/${index}.jpg?a=1,2`,
    licence: index % 3 === 0 ? null : 'CC BY 4.0',
    creator: '@someone, "else"\r\nwith lines',
    attribution: null,
    consent: { verdict: 'allowed', signals: [{ signal: 'robots', refused: false, evidence: 'no rule' }] },
    fetchedAt: 1_700_000_000_000 + index,
    httpStatus: 200,
  };
}

function hostileSamples(splits: boolean): ExportSample[] {
  const samples: ExportSample[] = [];
  for (const [index, label] of HOSTILE_LABELS.entries()) {
    for (let nth = 0; nth < 3; nth += 1) {
      samples.push(
        sampleOf(
          index + nth === 0 ? Buffer.alloc(0) : randomBytes([16, 511, 512, 513, 1024, 70_000][(index + nth) % 6]!),
          {
            label,
            split: splits ? (['train', 'validation', 'test'] as const)[nth]! : null,
            format: nth === 0 ? 'png' : 'jpeg',
            caption: nth === 1 ? '-2+3\n"多行" caption, 🦊' : nth === 2 ? '' : null,
            name: nth === 0 ? "'IMG 1'.png" : null,
            tags: nth === 0 ? ['red, green', '=x'] : [],
            origins: Array.from({ length: nth }, (_, at) => origin(index + at)),
          },
        ),
      );
    }
  }
  return samples.sort(byLabelThenHash);
}

function contentOf(samples: readonly ExportSample[]): ExportContent {
  async function* batches() {
    for (let start = 0; start < samples.length; start += 7) yield samples.slice(start, start + 7);
  }
  const dataset = { name: 'Foxes & *friends*', labels: ['cat', 'empty class'] };
  return { dataset, images: samples.length, samples: batches() };
}

let outputs = 0;
async function exportOf(
  samples: readonly ExportSample[],
  format: ExportFormatName,
  archive: ArchiveKind,
  more: Partial<ExportOptions> = {},
) {
  outputs += 1;
  const outPath = join(root, `out-${outputs}${archive === 'none' ? '' : `.${archive}`}`);
  const report = await runExport({
    format,
    archive,
    outPath,
    dataDirectory: join(root, 'data'),
    content: () => contentOf(samples),
    pathOf,
    productVersion: '0.0.0-test',
    ...more,
  });
  return { outPath: more.outPath ?? outPath, report };
}

/** Every file of an export by name, read by programs other than ours. */
async function readBack(path: string, archive: ArchiveKind): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  if (archive === 'none') {
    for (const entry of fs.readdirSync(path, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const whole = join(entry.parentPath, entry.name);
      files.set(whole.slice(path.length + 1).replaceAll('\\', '/'), fs.readFileSync(whole));
    }
  } else if (archive === 'tar') {
    const extract = fs.createReadStream(path).pipe(tarStream.extract());
    for await (const entry of extract) files.set(entry.header.name, await buffer(entry));
  } else {
    const zip = await yauzl.openPromise(path, { autoClose: false });
    for await (const entry of zip.eachEntry()) {
      files.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
    }
    zip.close();
  }
  return files;
}

interface Row {
  readonly file_name: string;
  readonly sha256: string;
  readonly label: string | null;
  readonly caption: string | null;
  readonly creator?: string | null;
  readonly tags: readonly string[];
}

function rowsOf(files: Map<string, Buffer>): { document: string; row: Row }[] {
  const unguard = (value: string) => value.replace(/^'/, '');
  return [...files].flatMap(([document, bytes]) => {
    if (/(^|\/)(metadata|samples)\.jsonl$/.test(document)) {
      const lines = bytes.toString().split('\n').slice(0, -1);
      return lines.map((line) => ({ document, row: JSON.parse(line) as Row }));
    }
    if (document !== 'samples.csv') return [];
    const records = parse(bytes, { columns: true }) as Record<string, string>[];
    return records.map((record) => {
      const text = (column: string) => unguard(record[column]!);
      const row = {
        file_name: text('file_name'),
        sha256: text('sha256'),
        label: text('label') || null,
        caption: text('caption') || null,
        creator: text('creator') || null,
        tags: JSON.parse(text('tags')) as string[],
      };
      return { document, row };
    });
  });
}

describe('round trip, read by independent programs', () => {
  for (const format of ['imagefolder', 'csv', 'jsonl'] as const) {
    for (const archive of ['none', 'zip', 'tar'] as const) {
      for (const splits of [true, false]) {
        test(`${format}, ${archive}, ${splits ? 'with' : 'without'} splits: hostile labels, all sizes`, async () => {
          const samples = hostileSamples(splits);
          const { outPath, report } = await exportOf(samples, format, archive);
          const files = await readBack(outPath, archive);
          const rows = rowsOf(files);
          assert.equal(report.images, samples.length);
          assert.equal(report.files, files.size);
          assert.equal(
            report.bytes,
            samples.reduce((sum, sample) => sum + sample.bytes, 0),
          );
          assert.equal(report.byLabel.cat, 3);
          assert.equal(rows.length, samples.length);
          const bySha256 = new Map(samples.map((sample) => [sample.sha256, sample]));
          const seen = new Set<string>();
          for (const { document, row } of rows) {
            const sample = bySha256.get(row.sha256)!;
            const name = posix.join(posix.dirname(document), row.file_name);
            assert.equal(hash('sha256', files.get(name)!), sample.sha256);
            assert.equal(row.label, sample.label);
            if (format === 'csv') assert.equal(row.caption, sample.caption || null);
            else assert.equal(row.caption, sample.caption);
            assert.deepEqual(row.tags, sample.tags);
            if (format !== 'jsonl') assert.equal(row.creator, sample.origins[0]?.creator ?? null);
            if (format === 'imagefolder') assert.equal(name.split('/').length, splits ? 3 : 2);
            seen.add(name.normalize('NFC').toLowerCase());
          }
          assert.equal(seen.size, samples.length, 'names differ even where case is ignored');
          const attribution = parse(files.get('ATTRIBUTION.csv')!, { columns: true }) as unknown[];
          assert.equal(
            attribution.length,
            samples.reduce((sum, sample) => sum + sample.origins.length, 0),
          );
          const manifest = JSON.parse(files.get('manifest.json')!.toString()) as {
            images: number;
            labels: { label: string }[];
          };
          assert.equal(manifest.images, samples.length);
          assert.ok(manifest.labels.some(({ label }) => label === 'empty class'));
          assert.ok(files.get('README.md')!.toString().startsWith('---\npretty_name: "Foxes & *friends*"\n'));
        });
      }
    }
  }

  test('the same samples give the same bytes', async () => {
    const samples = hostileSamples(true);
    for (const archive of ['zip', 'tar'] as const) {
      const [first, second] = [
        await exportOf(samples, 'imagefolder', archive),
        await exportOf(samples, 'imagefolder', archive),
      ];
      assert.ok(fs.readFileSync(first.outPath).equals(fs.readFileSync(second.outPath)));
    }
    const [first, second] = [await exportOf(samples, 'csv', 'none'), await exportOf(samples, 'csv', 'none')];
    assert.deepEqual(await readBack(first.outPath, 'none'), await readBack(second.outPath, 'none'));
  });

  test('an empty dataset', async () => {
    for (const format of ['imagefolder', 'csv', 'jsonl'] as const) {
      const { report, outPath } = await exportOf([], format, 'zip');
      assert.equal(report.images, 0);
      assert.equal((await readBack(outPath, 'zip')).size, 4);
    }
  });
});

describe('read by the programs people have', () => {
  const has = (program: string) => !spawnSync(program, ['--version']).error;

  test('GNU tar', { skip: has('tar') ? false : 'tar is not installed' }, async () => {
    const { outPath, report } = await exportOf(hostileSamples(true), 'imagefolder', 'tar');
    const target = fs.mkdtempSync(join(root, 'untar-'));
    execFileSync('tar', ['-xf', outPath, '-C', target]);
    assert.equal((await readBack(target, 'none')).size, report.files);
  });

  test('Info-ZIP unzip', { skip: has('unzip') ? false : 'unzip is not installed' }, async () => {
    const { outPath, report } = await exportOf(hostileSamples(true), 'imagefolder', 'zip');
    assert.match(execFileSync('unzip', ['-tq', outPath]).toString(), /No errors detected/);
    assert.equal(execFileSync('unzip', ['-Z1', outPath]).toString().trimEnd().split('\n').length, report.files);
  });

  test('Python zipfile and tarfile', { skip: has('python3') ? false : 'python3 is not installed' }, async () => {
    const samples = hostileSamples(true);
    const zip = await exportOf(samples, 'jsonl', 'zip');
    const tar = await exportOf(samples, 'jsonl', 'tar');
    const script = `
import sys, zipfile, tarfile
z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None
t = tarfile.open(sys.argv[2])
assert sorted(z.namelist()) == sorted(t.getnames())
for m in t.getmembers(): assert t.extractfile(m).read() == z.read(m.name)
print(len(z.namelist()))`;
    assert.equal(Number(execFileSync('python3', ['-c', script, zip.outPath, tar.outPath])), zip.report.files);
  });
});

describe('the place', () => {
  test('what is there already is refused, but for an empty folder', async () => {
    const samples = hostileSamples(false).slice(0, 3);
    const { outPath } = await exportOf(samples, 'csv', 'none');
    await assert.rejects(exportOf(samples, 'csv', 'none', { outPath }), isAppError('conflict'));
    assert.equal(rowsOf(await readBack(outPath, 'none')).length, 3);
    const mine = join(root, 'mine');
    fs.mkdirSync(mine);
    fs.writeFileSync(join(mine, 'photo.jpg'), 'mine');
    await assert.rejects(exportOf(samples, 'csv', 'none', { outPath: mine }), isAppError('conflict'));
    assert.deepEqual(fs.readdirSync(mine), ['photo.jpg']);
    const zip = await exportOf(samples, 'csv', 'zip');
    await assert.rejects(exportOf(samples, 'csv', 'zip', { outPath: zip.outPath }), isAppError('conflict'));
    const empty = join(root, 'empty');
    fs.mkdirSync(empty);
    await exportOf(samples, 'csv', 'none', { outPath: empty });
  });

  test('nothing is written inside the data directory or around it, also through a link', async () => {
    fs.symlinkSync(join(root, 'data'), join(root, 'link'));
    for (const outPath of [join(root, 'data', 'x'), join(root, 'data'), root, join(root, 'link', 'deep', 'x')]) {
      await assert.rejects(exportOf([], 'csv', 'none', { outPath }), isAppError('bad-request'));
    }
    assert.deepEqual(fs.readdirSync(join(root, 'data')), ['blobs']);
  });

  test('files of the export are the user’s to edit', async () => {
    const bytes = randomBytes(100);
    const sample = sampleOf(bytes);
    fs.chmodSync(pathOf(sample.sha256), 0o444);
    const { outPath } = await exportOf([sample], 'imagefolder', 'none');
    const [name] = fs.readdirSync(join(outPath, 'unlabelled'));
    fs.writeFileSync(join(outPath, 'unlabelled', name!), 'edited');
    assert.ok(fs.readFileSync(pathOf(sample.sha256)).equals(bytes));
    const linked = await exportOf([sample], 'imagefolder', 'none', { useHardLinks: true });
    assert.equal(fs.statSync(join(linked.outPath, 'unlabelled', name!)).ino, fs.statSync(pathOf(sample.sha256)).ino);
  });
});

describe('stored files that are not as they should be', () => {
  const isRoot = process.getuid?.() === 0;

  for (const archive of ['none', 'zip', 'tar'] as const) {
    test(`${archive}: all others are written, and what is left out is named`, async () => {
      const samples = hostileSamples(true).filter((sample) => sample.bytes > 0);
      const [missing, swapped, shortened, closed] = samples.filter(({ origins }) => origins.length === 2);
      fs.rmSync(pathOf(missing!.sha256));
      fs.writeFileSync(pathOf(swapped!.sha256), randomBytes(swapped!.bytes));
      fs.truncateSync(pathOf(shortened!.sha256), shortened!.bytes - 1);
      if (!isRoot) fs.chmodSync(pathOf(closed!.sha256), 0);
      const expected = new Map([
        [missing!.sha256, 'file-missing'],
        [swapped!.sha256, 'file-damaged'],
        [shortened!.sha256, 'file-damaged'],
        ...(isRoot ? [] : [[closed!.sha256, 'file-unreadable'] as const]),
      ]);
      const { outPath, report } = await exportOf(samples, 'jsonl', archive);
      const files = await readBack(outPath, archive);
      const kept = samples.filter(({ sha256 }) => !expected.has(sha256));
      assert.deepEqual(
        rowsOf(files).map(({ row }) => row.sha256),
        kept.map(({ sha256 }) => sha256),
      );
      assert.deepEqual([report.images, report.files], [kept.length, files.size]);
      assert.equal(report.leftOut.images, expected.size);
      assert.deepEqual(new Map(report.leftOut.samples.map(({ sha256, reason }) => [sha256, reason])), expected);
      const [first] = report.leftOut.samples.filter(({ sha256 }) => sha256 === missing!.sha256);
      assert.deepEqual([first?.label, first?.from], [missing!.label, missing!.origins[0]!.imageUrl]);
      const lines = parse(files.get('LEFT-OUT.csv')!, { columns: true }) as Record<string, string>[];
      assert.deepEqual(new Map(lines.map(({ sha256, reason }) => [sha256!, reason!])), expected);
      assert.equal(lines.length, 2 * expected.size, 'a line for each origin, which may give the image again');
      const manifest = JSON.parse(files.get('manifest.json')!.toString()) as { images: number; leftOut: number };
      assert.deepEqual([manifest.images, manifest.leftOut], [kept.length, expected.size]);
      assert.match(files.get('README.md')!.toString(), /images are not here, .* see `LEFT-OUT\.csv`/);
      const again = await readBack((await exportOf(samples, 'jsonl', archive)).outPath, archive);
      assert.deepEqual(again, files, 'the same files missing give the same bytes');
    });
  }

  test('an export is as ever once the file is back', async () => {
    const bytes = [randomBytes(40), randomBytes(50)];
    const samples = bytes.map((each) => sampleOf(each)).sort(byLabelThenHash);
    const whole = await readBack((await exportOf(samples, 'imagefolder', 'none')).outPath, 'none');
    fs.rmSync(pathOf(samples[0]!.sha256));
    const part = await exportOf(samples, 'imagefolder', 'none', { useHardLinks: true });
    assert.deepEqual(part.report.leftOut.byReason, { 'file-missing': 1 });
    for (const each of bytes) sampleOf(each);
    assert.deepEqual(await readBack((await exportOf(samples, 'imagefolder', 'none')).outPath, 'none'), whole);
    assert.equal(whole.has('LEFT-OUT.csv'), false);
  });
});

describe('what ends an export early leaves nothing', () => {
  const leftovers = (outPath: string) =>
    fs.readdirSync(join(outPath, '..')).filter((name) => join(outPath, '..', name).startsWith(outPath));

  test('every stored file missing or damaged', async () => {
    for (const archive of ['none', 'zip', 'tar'] as const) {
      const samples = [sampleOf(randomBytes(50)), sampleOf(randomBytes(50))].sort(byLabelThenHash);
      const outPath = join(root, `broken.${archive}`);
      fs.writeFileSync(pathOf(samples[0]!.sha256), randomBytes(50));
      fs.rmSync(pathOf(samples[1]!.sha256));
      await assert.rejects(exportOf(samples, 'csv', archive, { outPath }), (error) => {
        assert.match((error as Error).message, /^None of the 2 images can be exported/);
        return isAppError('not-found')(error);
      });
      assert.deepEqual(leftovers(outPath), []);
    }
  });

  test('cancelling, before and in the middle, and a source of samples that fails', async () => {
    const outPath = join(root, 'cancelled');
    await assert.rejects(
      exportOf([], 'csv', 'none', { outPath, signal: AbortSignal.abort() }),
      isAppError('cancelled'),
    );
    const controller = new AbortController();
    const samples = hostileSamples(false);
    let given = 0;
    await assert.rejects(
      exportOf([], 'csv', 'none', {
        outPath,
        signal: controller.signal,
        content: () => ({
          ...contentOf(samples),
          samples: (async function* () {
            for (const sample of samples) {
              given += 1;
              if (given === 10) controller.abort();
              yield [sample];
            }
          })(),
        }),
      }),
      isAppError('cancelled'),
    );
    assert.ok(given < samples.length);
    await assert.rejects(
      exportOf([], 'csv', 'none', {
        outPath,
        content: () => ({
          ...contentOf(samples),
          samples: (async function* () {
            yield samples.slice(0, 3);
            throw new Error('the database went away');
          })(),
        }),
      }),
      /the database went away/,
    );
    assert.deepEqual(leftovers(outPath), []);
  });

  test('SIGKILL: nothing under the final name, and the next run clears the rest', async () => {
    const outPath = join(root, 'killed.tar');
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'export-loop.fixture.ts'), outPath, join(root, 'data')],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(child.stdout, 'data');
    await sleep(30);
    child.kill('SIGKILL');
    await once(child, 'close');
    assert.equal(fs.existsSync(outPath), false);
    assert.ok(leftovers(outPath).length > 0, 'the child was killed before it had begun');
    await exportOf(hostileSamples(false), 'csv', 'tar', { outPath });
    assert.deepEqual(leftovers(outPath), ['killed.tar']);
  });

  test('a disk that is too full for what is read first is the one that is written to', async () => {
    const outPath = join(root, 'no-room');
    const full = toAppError(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }));
    await assert.rejects(exportOf([], 'csv', 'none', { outPath, content: () => Promise.reject(full) }), (error) => {
      assert.ok(error instanceof AppError && error.code === 'disk-full');
      assert.equal(error.message, `The disk that holds ${outPath} is full. Free some space and export again.`);
      return true;
    });
    assert.deepEqual(leftovers(outPath), []);
  });

  test('fewer samples than there should be are an error, not an export', async () => {
    const samples = hostileSamples(false);
    const outPath = join(root, 'too-few');
    const content = () => ({ ...contentOf(samples), images: samples.length + 1 });
    await assert.rejects(
      exportOf([], 'csv', 'zip', { outPath, content }),
      /Expected 49 images in the export, but it holds 48/,
    );
    assert.deepEqual(leftovers(outPath), []);
  });

  test('stored files that change at each attempt are worth another', async () => {
    let attempts = 0;
    const content = () => {
      attempts += 1;
      throw new SourceProblem('Expected 7 bytes, but it holds 8.');
    };
    await assert.rejects(exportOf([], 'csv', 'none', { content }), isAppError('unavailable'));
    assert.equal(attempts, 2);
  });

  test('samples out of order are refused', async () => {
    const samples = hostileSamples(false).slice(0, 3).reverse();
    await assert.rejects(exportOf(samples, 'csv', 'none', { outPath: join(root, 'unsorted') }), isAppError('internal'));
  });
});
