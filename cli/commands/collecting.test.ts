import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeDataset } from '../testing/fake-core.ts';
import { cli } from '../testing/host.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-cli-'));
});
after(async () => {
  await rm(folder, { recursive: true });
});

test('crawl sends every flag to the contract, with absolute paths', async () => {
  const { code, run } = await cli([
    'crawl',
    'birds',
    '--from',
    'https://example.org/',
    'urls:list.csv',
    '--label',
    'robin',
    '--from',
    'openverse:winter wren',
    '--max-images',
    '200',
    '--max-pages',
    '30',
    '--depth',
    '0',
    '--per-host',
    '2',
    '--delay-ms',
    '0',
    '--include',
    '**/a/**',
    '--include',
    '**/b/**',
    '--exclude',
    '**/c/**',
    '--allow-host',
    '127.0.0.1:8080',
    '--allow-host',
    'localhost',
    '--override-consent',
    'robots, noai',
    '--timeout-s',
    '2.5',
  ]);
  assert.equal(code, 0);
  assert.deepEqual(run.core.inputs('datasets.resolve'), [{ name: 'birds' }]);
  assert.deepEqual(run.core.inputs('crawls.start'), [
    {
      datasetId: 1,
      sources: ['https://example.org/', 'urls:/home/ann/pictures/list.csv', 'openverse:winter wren'],
      label: 'robin',
      maxImages: 200,
      maxPages: 30,
      depth: 0,
      perHost: 2,
      delayMs: 0,
      include: ['**/a/**', '**/b/**'],
      exclude: ['**/c/**'],
      allowHosts: ['127.0.0.1:8080', 'localhost'],
      overrideConsent: ['robots', 'noai'],
      timeoutMs: 2500,
    },
  ]);
});

test('flags that are not given are left to the contract', async () => {
  const { run } = await cli(['crawl', 'birds', '--from', 'folder:~/photos']);
  assert.deepEqual(run.core.inputs('crawls.start'), [
    {
      datasetId: 1,
      sources: ['folder:/home/ann/photos'],
      maxPages: 10_000,
      depth: 3,
      include: [],
      exclude: [],
      allowHosts: [],
      overrideConsent: [],
    },
  ]);
});

test('what to go past is named in words that exist, or nothing is started', async () => {
  const { code, stderr, run } = await cli([
    'crawl',
    'birds',
    '--from',
    'https://a.example/',
    '--override-consent',
    'all',
  ]);
  assert.equal(code, 2);
  assert.match(stderr, /--override-consent: expected some of robots, noai, tdm, ai-txt, got "all"/);
  assert.deepEqual(run.core.inputs('crawls.start'), []);
});

test('a missing dataset is an error that says how to make it, or is made with --create', async () => {
  const missing = await cli(['crawl', 'owls', '--from', 'https://example.org/']);
  assert.equal(missing.code, 1);
  assert.equal(
    missing.stderr,
    'error: There is no dataset "owls".\nTo make it: pixcrawler dataset create owls, or add --create to this command.\n',
  );
  assert.deepEqual(missing.run.core.inputs('crawls.start'), []);

  const made = await cli(['import', 'owls', 'photos', '--create']);
  assert.equal(made.code, 0);
  assert.deepEqual(made.run.core.inputs('datasets.create'), [{ name: 'owls', labels: [] }]);
  assert.equal((made.run.core.inputs('imports.start')[0] as { datasetId: number }).datasetId, 2);
});

test('--create makes the project of project/name too, and never a dataset from a number', async () => {
  const { run } = await cli(['import', 'zoo/owls', 'photos', '--create']);
  assert.deepEqual(run.core.inputs('projects.create'), [{ name: 'zoo' }]);
  assert.deepEqual(run.core.inputs('datasets.create'), [{ name: 'owls', projectId: 2, labels: [] }]);
  const numbered = await cli(['import', '#9', 'photos', '--create']);
  assert.equal(numbered.code, 1);
  assert.deepEqual(numbered.run.core.inputs('datasets.create'), []);
});

test('import sends paths, labels and mode', async () => {
  const copied = await cli(['import', 'birds', 'a', '../b.zip', '/c', '--labels-from', 'folders']);
  assert.deepEqual(copied.run.core.inputs('imports.start'), [
    {
      datasetId: 1,
      paths: ['/home/ann/pictures/a', '/home/ann/b.zip', '/c'],
      labelsFrom: 'folders',
      mode: 'copy',
    },
  ]);
  const linked = await cli(['import', 'birds', 'a', '--link', '--label', 'robin']);
  assert.deepEqual(linked.run.core.inputs('imports.start'), [
    { datasetId: 1, paths: ['/home/ann/pictures/a'], labelsFrom: 'none', label: 'robin', mode: 'link' },
  ]);
});

test('validate reads its rules from a file and leaves their meaning to the core', async () => {
  await writeFile(join(folder, 'rules.json'), '\ufeff{"shortSide": 64}');
  const options = { workingDirectory: folder };
  const argv = ['validate', 'birds', '--rules', 'rules.json', '--level', 'fast', '--dry-run'];
  const { code, run } = await cli(argv, options);
  assert.equal(code, 0);
  assert.deepEqual(run.core.inputs('validations.start'), [
    { datasetId: 1, level: 'fast', rules: { shortSide: 64 }, dryRun: true },
  ]);
  const plain = await cli(['validate', 'birds']);
  assert.deepEqual(plain.run.core.inputs('validations.start'), [{ datasetId: 1, rules: {}, dryRun: false }]);
});

test('rules that cannot be read are a wrong command line', async () => {
  await writeFile(join(folder, 'broken.json'), '{"shortSide": }');
  await writeFile(join(folder, 'list.json'), '[1]');
  await writeFile(join(folder, 'null.json'), 'null');
  const cases: [file: string, expected: RegExp][] = [
    ['absent.json', /absent\.json: expected a readable JSON file, but there is no such file\./],
    ['broken.json', /broken\.json: expected JSON, but Unexpected token/],
    ['list.json', /list\.json: expected an object of thresholds, got a list\./],
    ['null.json', /null\.json: expected an object of thresholds, got null\./],
  ];
  for (const [file, expected] of cases) {
    const { code, stderr, run } = await cli(['validate', 'birds', '--rules', file], { workingDirectory: folder });
    assert.equal(code, 2, file);
    assert.match(stderr, expected);
    assert.equal(run.opened.length, 0);
  }
});

test('export sends format, archive, path and statuses', async () => {
  const { run } = await cli([
    'export',
    'birds',
    '--format',
    'imagefolder',
    '--out',
    'birds.tar',
    '--archive',
    'tar',
    '--status',
    'accepted',
    '--status',
    'quarantined',
    '--status',
    'accepted',
  ]);
  assert.deepEqual(run.core.inputs('exports.start'), [
    {
      datasetId: 1,
      format: 'imagefolder',
      archive: 'tar',
      outPath: '/home/ann/pictures/birds.tar',
      statuses: ['accepted', 'quarantined'],
    },
  ]);
  const plain = await cli(['export', 'birds', '--format', 'csv', '--out', '/out']);
  assert.deepEqual(plain.run.core.inputs('exports.start'), [{ datasetId: 1, format: 'csv', outPath: '/out' }]);
});

test('names that a shell would split are quoted in what is suggested', async () => {
  const datasets = [makeDataset({ name: "Ann's birds" })];
  const course = [{ state: 'completed' as const, counts: { quarantined: 1 } }];
  const { stdout } = await cli(['crawl', "Ann's birds", '--from', 'https://example.org/'], { datasets, course });
  assert.match(stdout, /pixcrawler samples "Ann's birds" --status quarantined/);
});
