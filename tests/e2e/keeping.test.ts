/** What can be done with what was collected: import, validate, export, look, repair; and what programs rely on. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { draw, drawFlat, encode } from '../web/draw.ts';
import { CommandLine, type JobResult, type PrintedSample } from './command-line.ts';

const RESULT_KEYS = ['type', 'jobId', 'status', 'counts', 'reasons', 'durationMs'];
const COUNT_KEYS = 'discovered fetched accepted quarantined duplicates nearDuplicates refused failed'.split(' ');

let cli: CommandLine;
let folder: string;
/** Path in the folder, by hash. */
const files = new Map<string, string>();

before(async () => {
  cli = await CommandLine.make();
  folder = join(cli.root, 'photos');
  const put = async (path: string, bytes: Buffer) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
    files.set(createHash('sha256').update(bytes).digest('hex'), path);
  };
  for (const [index, path] of ['train/cat/1.jpg', 'train/cat/2.jpg', 'train/dog/1.jpg', 'test/dog/2.jpg'].entries()) {
    await put(path, (await encode(draw(900 + index, 260, 200), 'jpeg')).bytes);
  }
  await put('train/cat/3.png', (await encode(draw(950, 150, 120), 'png')).bytes);
  await put('train/dog/flat.jpg', (await encode(drawFlat(300, 200, 90), 'jpeg', { quality: 100 })).bytes);
});

after(async () => {
  await cli?.remove();
});

function hash(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function blobOf(sha256: string): string {
  return join(cli.dataDirectory, 'blobs', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
}

function has(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function expectLabels(samples: readonly PrintedSample[]): void {
  assert.equal(samples.length, files.size);
  for (const sample of samples) {
    const path = files.get(sample.sha256);
    assert.equal(sample.label, path?.split('/')[1], path);
    assert.equal((sample as unknown as { split: string }).split, path?.split('/')[0], path);
  }
}

test('folders are taken in with their labels, and the last line says how it went', async () => {
  const { code, lines } = await cli.json('import', 'pets', folder, '--labels-from', 'folders', '--create');
  assert.equal(code, 0);
  assert.ok(lines.slice(0, -1).every(({ type }) => type === 'progress'));
  const result = lines.at(-1) as unknown as JobResult;
  assert.deepEqual(Object.keys(result), RESULT_KEYS);
  assert.deepEqual(Object.keys(result.counts), COUNT_KEYS);
  assert.equal(result.status, 'completed');
  assert.deepEqual([result.counts.discovered, result.counts.accepted, result.counts.quarantined], [6, 5, 1]);
  const samples = await cli.samples('pets');
  expectLabels(samples);
  for (const sample of samples) {
    const keys = 'sha256 label status reasons width height format bytes origins'.split(' ');
    assert.deepEqual(Object.keys(sample).slice(0, keys.length), keys);
    const origin = 'source pageUrl imageUrl licence creator consent fetchedAt'.split(' ');
    for (const each of sample.origins) assert.deepEqual(Object.keys(each), origin);
    assert.equal(hash(blobOf(sample.sha256)), sample.sha256);
  }
  const dogs = await cli.samples('pets', '--label', 'dog', '--status', 'accepted');
  assert.deepEqual(dogs.map(({ sha256 }) => files.get(sha256)).sort(), ['test/dog/2.jpg', 'train/dog/1.jpg']);
  assert.equal((await cli.samples('pets', '--reason', 'flat')).length, 1);
  assert.equal((await cli.samples('pets', '--limit', '2')).length, 2);
});

test('the same again adds nothing', async () => {
  const job = await cli.job('import', 'pets', folder, '--labels-from', 'folders');
  assert.deepEqual([job.code, job.counts.duplicates, job.counts.accepted], [0, files.size, 0]);
  assert.equal((await cli.samples('pets')).length, files.size);
});

test('linked files share their bytes, copied ones do not', async () => {
  const other = await CommandLine.make();
  try {
    for (const [mode, shares] of [
      ['--copy', false],
      ['--link', true],
    ] as const) {
      const source = join(other.root, mode);
      await mkdir(source);
      const { bytes } = await encode(draw(shares ? 970 : 971, 200, 180), 'jpeg');
      await writeFile(join(source, 'a.jpg'), bytes);
      await other.job('import', 'linked', source, mode, '--create');
      const sha256 = hash(join(source, 'a.jpg'));
      const stored = join(other.dataDirectory, 'blobs', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
      assert.equal(hash(stored), sha256);
      const isOneFile = statSync(stored).ino === statSync(join(source, 'a.jpg')).ino;
      // A reflink is another file on the same blocks, so only a copy can be told for certain.
      if (!shares) assert.equal(isOneFile, false);
      assert.equal(readFileSync(join(source, 'a.jpg')).length, bytes.length, 'the original stays');
    }
    assert.equal((await other.samples('linked')).length, 2);
  } finally {
    await other.remove();
  }
});

test('archives are taken in like folders', { skip: !has('tar') && 'needs tar' }, async () => {
  const tar = join(cli.root, 'photos.tar.gz');
  execFileSync('tar', ['-czf', tar, '-C', folder, '.']);
  const archives = [tar];
  if (has('zip')) {
    const zip = join(cli.root, 'photos.zip');
    execFileSync('zip', ['-q', '-r', zip, '.'], { cwd: folder });
    archives.push(zip);
  }
  for (const [index, archive] of archives.entries()) {
    const job = await cli.job('import', `packed-${index}`, archive, '--labels-from', 'folders', '--create');
    assert.deepEqual([job.code, job.counts.discovered, job.counts.accepted], [0, 6, 5], archive);
    expectLabels(await cli.samples(`packed-${index}`));
  }
});

test('validation judges again by other rules, and a dry run changes nothing', async () => {
  const rules = join(cli.root, 'rules.json');
  await writeFile(rules, '{"minShortSidePx": 150}');
  const beforeAll = await cli.samples('pets');
  const dry = await cli.job('validate', 'pets', '--rules', rules, '--dry-run');
  assert.equal(dry.code, 0);
  assert.deepEqual(await cli.samples('pets'), beforeAll);
  const strict = await cli.job('validate', 'pets', '--rules', rules);
  assert.deepEqual([strict.counts.accepted, strict.counts.quarantined], [4, 2]);
  const small = await cli.samples('pets', '--reason', 'short-side');
  assert.deepEqual(
    small.map(({ sha256 }) => files.get(sha256)),
    ['train/cat/3.png'],
  );
  // A quick look knows nothing of flat pictures, so it takes that back from none.
  await cli.job('validate', 'pets', '--level', 'fast');
  assert.deepEqual(
    (await cli.samples('pets', '--status', 'quarantined')).map(({ reasons }) => reasons),
    [['too-few-bytes', 'flat']],
  );
  await cli.job('validate', 'pets');
  assert.deepEqual(await cli.samples('pets'), beforeAll);
  await writeFile(rules, '{"minShortSide": 150}');
  const wrong = await cli.run('validate', 'pets', '--rules', rules);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /minShortSidePx/);
});

test('stats are the counts of the samples', async () => {
  const [stats] = (await cli.json('stats', 'pets')).lines as unknown as [Record<string, Record<string, number>>];
  const samples = await cli.samples('pets');
  const count = (values: readonly string[]) => {
    const counts: Record<string, number> = {};
    for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
    return counts;
  };
  assert.deepEqual(stats.byLabel, count(samples.map(({ label }) => label ?? '')));
  assert.deepEqual(stats.byFormat, count(samples.map(({ format }) => format)));
  assert.deepEqual(stats.byReason, count(samples.flatMap(({ reasons }) => reasons)));
  assert.deepEqual({ rejected: 0, ...count(samples.map(({ status }) => status)) }, stats.byStatus);
  assert.equal(
    stats.sizeBytes as unknown,
    samples.reduce((sum, { bytes }) => sum + bytes, 0),
  );
});

test('an export is of files of its own, or of read-only links to the library where that was asked for', async (context) => {
  const stored = new Map<number, string>();
  const blobs = join(cli.dataDirectory, 'blobs');
  for (const entry of readdirSync(blobs, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) stored.set(statSync(join(entry.parentPath, entry.name)).ino, entry.name);
  }
  const imagesOf = (out: string) =>
    readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(jpg|png)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
  const write = async (out: string, ...more: string[]) => {
    const { code, lines } = await cli.json('export', 'pets', '--format', 'imagefolder', '--out', out, ...more);
    assert.equal(code, 0);
    const { report } = lines.find(({ type }) => type === 'report') as { report: { warnings: string[] } };
    assert.ok(imagesOf(out).length > 0);
    return report.warnings.filter((warning) => warning.includes('hard links'));
  };
  const own = join(cli.root, 'own');
  assert.deepEqual(await write(own), []);
  for (const path of imagesOf(own)) {
    const { ino, dev, mode } = statSync(path);
    assert.ok(!stored.has(ino) || dev !== statSync(blobs).dev, path);
    assert.equal(mode & 0o200, 0o200, 'theirs to edit');
  }
  const linked = join(cli.root, 'linked');
  assert.deepEqual(await write(linked, '--hard-links'), []);
  for (const path of imagesOf(linked)) {
    const { ino, mode } = statSync(path);
    assert.equal(stored.get(ino), hash(path), path);
    assert.equal(mode & 0o222, 0, 'nobody edits it by mistake');
  }
  const refused = await cli.run(
    'export',
    'pets',
    '--format',
    'csv',
    '--out',
    `${own}.zip`,
    '--archive',
    'zip',
    '--hard-links',
  );
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /Expected --hard-links with a folder, got --archive zip/);
  if (!existsSync('/dev/shm') || statSync('/dev/shm').dev === statSync(blobs).dev) return;
  const elsewhere = mkdtempSync('/dev/shm/pixcrawler-linked-');
  context.after(() => rmSync(elsewhere, { recursive: true }));
  const [warning] = await write(join(elsewhere, 'out'), '--hard-links');
  assert.match(warning ?? '', /^(\d+) of \1 images are copies, since they could not be hard links there/);
});

test('exports hold exactly the accepted samples, in every format and archive', async () => {
  const accepted = await cli.samples('pets', '--status', 'accepted');
  const wanted = accepted.map(({ sha256 }) => sha256).sort();
  for (const format of ['imagefolder', 'csv', 'jsonl']) {
    for (const archive of ['none', 'tar', 'zip']) {
      const out = join(cli.root, `out-${format}-${archive}${archive === 'none' ? '' : `.${archive}`}`);
      const words = ['export', 'pets', '--format', format, '--out', out, '--archive', archive];
      const job = await cli.job(...words);
      assert.deepEqual([job.code, job.status], [0, 'completed'], `${format} ${archive}`);
      let opened = out;
      if (archive !== 'none') {
        const program = archive === 'tar' ? 'tar' : 'unzip';
        if (!has(program)) continue;
        opened = `${out}-opened`;
        await mkdir(opened);
        if (archive === 'tar') execFileSync('tar', ['-xf', out, '-C', opened]);
        else execFileSync('unzip', ['-q', out, '-d', opened]);
      }
      const paths = readdirSync(opened, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.(jpg|png)$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name));
      assert.deepEqual(paths.map(hash).sort(), wanted, `${format} ${archive}`);
      if (format === 'imagefolder') {
        for (const path of paths) assert.ok(['cat', 'dog'].includes(path.split('/').at(-2) ?? ''), path);
      }
      if (archive === 'none' && format === 'csv') {
        const again = await cli.json(...words);
        assert.notEqual(again.code, 0, 'nothing is written over');
      }
    }
  }
  const twice = ['a', 'b'].map((name) => join(cli.root, `same-${name}.tar`));
  for (const out of twice) await cli.job('export', 'pets', '--format', 'jsonl', '--archive', 'tar', '--out', out);
  assert.equal(hash(twice[0] as string), hash(twice[1] as string), 'the same dataset gives the same bytes');
});

test('exit codes and errors are what programs rely on', async () => {
  for (const words of [['crawl', 'pets'], ['nonsense'], ['samples', 'pets', '--status', 'lost'], ['export', 'pets']]) {
    const { code, lines } = await cli.json(...words);
    assert.deepEqual([code, lines.at(-1)?.type, lines.at(-1)?.code], [2, 'error', 'bad-request'], words.join(' '));
  }
  const unknown = await cli.json('samples', 'pest');
  assert.deepEqual([unknown.code, unknown.lines[0]?.code], [1, 'not-found']);
  assert.match(String(unknown.lines[0]?.message), /pets/, 'those there are are named');
  const empty = join(cli.root, 'no-images');
  await mkdir(empty);
  await writeFile(join(empty, 'a.jpg'), 'no image');
  const failed = await cli.job('import', 'pets', empty);
  assert.deepEqual([failed.code, failed.status, failed.counts.failed], [1, 'failed', 1], 'all failed means failed');
});

test('a doctor finds what is wrong and repairs what is safe', async () => {
  const sound = await cli.json('doctor', '--all');
  assert.deepEqual([sound.code, sound.lines.at(-1)], [0, { type: 'report', ok: true }]);
  const [missing, corrupt] = (await cli.samples('pets')).map(({ sha256 }) => sha256) as [string, string];
  const orphan = createHash('sha256').update('nobody').digest('hex');
  await mkdir(dirname(blobOf(orphan)), { recursive: true });
  writeFileSync(blobOf(orphan), 'nobody');
  rmSync(blobOf(missing));
  rmSync(blobOf(corrupt));
  writeFileSync(blobOf(corrupt), 'other bytes');
  const part = await cli.job(
    'export',
    'pets',
    '--format',
    'csv',
    '--out',
    join(cli.root, 'part'),
    '--status',
    'accepted',
    '--status',
    'quarantined',
  );
  assert.deepEqual([part.code, part.status, part.counts.failed], [3, 'completed-with-errors', 2]);
  assert.deepEqual(part.reasons, { 'file-missing': 1, 'file-damaged': 1 });
  const leftOut = readFileSync(join(cli.root, 'part', 'LEFT-OUT.csv'), 'utf8');
  assert.ok(leftOut.includes(missing) && leftOut.includes(corrupt), leftOut);
  const database = new DatabaseSync(join(cli.dataDirectory, 'pixcrawler.db'));
  database.exec(`UPDATE counters SET count = count + 1 WHERE facet = 'label';
                 DELETE FROM counters WHERE facet = 'total'`);
  database.close();
  const found = await cli.json('doctor', '--all');
  const states = Object.fromEntries(found.lines.slice(0, -1).map(({ name, state }) => [name, state]));
  assert.equal(found.code, 3);
  assert.deepEqual([states.store, states.orphans, states.counts], ['error', 'warning', 'warning']);
  const store = found.lines.find(({ name }) => name === 'store');
  assert.match(String(store?.message), /1 missing, 1 with wrong bytes/);
  const affected = store?.affected as { sha256: string; datasets: { dataset: string }[]; name: string }[];
  assert.deepEqual(affected.map(({ sha256 }) => sha256).sort(), [missing, corrupt].sort());
  for (const { sha256, datasets, name } of affected) {
    assert.ok(files.get(sha256)?.endsWith(name), name);
    const places = datasets.map(({ dataset }) => dataset);
    assert.deepEqual(places, ['packed-0', 'packed-1', 'pets']);
  }
  const told = await cli.run('doctor', '--all');
  assert.match(told.stderr, /: pixcrawler doctor --all --repair$/m);
  const mended = await cli.run('doctor', '--all', '--repair');
  for (const sha256 of [missing, corrupt]) assert.equal(mended.stdout.split(sha256).length, 2, mended.stdout);
  assert.match(mended.stdout, / Default\/packed-0, Default\/packed-1, Default\/pets /);
  const alone = await cli.run('doctor', '--all');
  for (const { code, stdout, stderr } of [mended, alone]) {
    assert.equal(code, 3);
    assert.doesNotMatch(stdout + stderr, /--repair|Repair /);
  }
  const again = await cli.json('doctor', '--all');
  const after = Object.fromEntries(again.lines.slice(0, -1).map(({ name, state }) => [name, state]));
  assert.deepEqual([after.orphans, after.counts], ['ok', 'ok']);
  assert.equal(after.store, 'error', 'bytes that are gone stay gone');
  const [stats] = (await cli.json('stats', 'pets')).lines as unknown as [Record<string, Record<string, number>>];
  assert.deepEqual(stats.byStatus, { accepted: 5, quarantined: 1, rejected: 0 });
  assert.deepEqual(stats.byLabel, { cat: 3, dog: 3 });
  // What it says to do is what helps.
  assert.match(String(again.lines.find(({ name }) => name === 'store')?.remedy), /^Import the files again/);
  await cli.job('import', 'pets', folder);
  assert.equal((await cli.json('doctor', '--all')).code, 0);
  const whole = await cli.job('export', 'pets', '--format', 'csv', '--out', join(cli.root, 'whole'));
  assert.deepEqual([whole.code, whole.counts.failed], [0, 0]);
});
