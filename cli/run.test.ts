import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../shared/errors.ts';
import { cli, startCli } from './testing/host.ts';

test('every command has help with a usage line and examples, and none opens the core', async () => {
  const commands = {
    '': /^Usage: pixcrawler \[--data-dir DIR\] \[--json\] \[--quiet\] COMMAND$/m,
    project: /^Usage: pixcrawler project /m,
    'project create': /^Usage: pixcrawler project create .*<name>$/m,
    'project list': /^Usage: pixcrawler project list/m,
    'project show': /^Usage: pixcrawler project show .*<project>$/m,
    'project rename': /^Usage: pixcrawler project rename .*<project> <name>$/m,
    'project remove': /^Usage: pixcrawler project remove .*<project>$/m,
    'project restore': /^Usage: pixcrawler project restore .*<project>$/m,
    dataset: /^Usage: pixcrawler dataset /m,
    'dataset create': /^Usage: pixcrawler dataset create .*<name>$/m,
    'dataset list': /^Usage: pixcrawler dataset list/m,
    'dataset show': /^Usage: pixcrawler dataset show .*<dataset>$/m,
    'dataset rename': /^Usage: pixcrawler dataset rename .*<dataset> <name>$/m,
    'dataset label': /^Usage: pixcrawler dataset label .*<dataset> <names\.\.\.>$/m,
    'dataset remove': /^Usage: pixcrawler dataset remove .*<dataset>$/m,
    'dataset restore': /^Usage: pixcrawler dataset restore .*<dataset>$/m,
    crawl: /^Usage: pixcrawler crawl DATASET --from SOURCE\.\.\. \[options\]$/m,
    import: /^Usage: pixcrawler import DATASET FOLDER\|ARCHIVE\.\.\. \[options\]$/m,
    validate: /^Usage: pixcrawler validate DATASET/m,
    samples: /^Usage: pixcrawler samples DATASET/m,
    stats: /^Usage: pixcrawler stats DATASET$/m,
    export: /^Usage: pixcrawler export DATASET --format FORMAT --out PATH/m,
    serve: /^Usage: pixcrawler serve \[options\]$/m,
    jobs: /^Usage: pixcrawler jobs /m,
    'jobs list': /^Usage: pixcrawler jobs list/m,
    'jobs show': /^Usage: pixcrawler jobs show .*<id>$/m,
    'jobs pause': /^Usage: pixcrawler jobs pause .*<ids\.\.\.>$/m,
    'jobs resume': /^Usage: pixcrawler jobs resume .*\[ids\.\.\.\]$/m,
    'jobs cancel': /^Usage: pixcrawler jobs cancel .*<ids\.\.\.>$/m,
    'jobs retry': /^Usage: pixcrawler jobs retry .*<id>$/m,
    doctor: /^Usage: pixcrawler doctor/m,
    config: /^Usage: pixcrawler config /m,
    'config list': /^Usage: pixcrawler config list/m,
    'config get': /^Usage: pixcrawler config get .*<name>$/m,
    'config set': /^Usage: pixcrawler config set .*<name> <value>$/m,
    'config unset': /^Usage: pixcrawler config unset .*<name>$/m,
  };
  for (const [command, usage] of Object.entries(commands)) {
    const { code, stdout, run } = await cli([...command.split(' ').filter(Boolean), '--help']);
    assert.equal(code, 0, command);
    assert.match(stdout, usage);
    assert.match(stdout, /^Examples:\n {2}# .+\n {2}pixcrawler /m, command);
    assert.match(stdout, /--data-dir <dir>/, command);
    assert.equal(run.opened.length, 0, command);
  }
});

test('the flags of the issue are all there', async () => {
  const { stdout } = await cli(['crawl', '--help']);
  for (const flag of [
    '--from',
    '--label',
    '--max-images',
    '--max-pages',
    '--depth',
    '--per-host',
    '--delay-ms',
    '--include',
    '--exclude',
    '--allow-host',
    '--timeout-s',
  ]) {
    assert.match(stdout, new RegExp(`^ {2}${flag}[ ,]`, 'm'));
  }
});

test('--version prints the version alone', async () => {
  assert.deepEqual([(await cli(['--version'])).stdout, (await cli(['-V'])).code], ['1.2.3\n', 0]);
});

test('a wrong command line is told with what was expected, and ends with 2', async () => {
  const cases: [argv: string[], expected: RegExp][] = [
    [['crowl', 'birds'], /error: unknown command 'crowl'\n\(Did you mean crawl\?\)/],
    [['crawl', 'birds', '--frm', 'x'], /error: unknown option '--frm'\n\(Did you mean --from\?\)/],
    [['crawl', 'birds'], /Expected --from with at least one source/],
    [['crawl', '--from', 'x'], /missing required argument 'dataset'/],
    [['crawl', 'b', '--from', 'x', '--depth', '1.5'], /'1\.5' is invalid\. Expected a whole number, 0 or more/],
    [['crawl', 'b', '--from', 'x', '--depth', '-1'], /'-1' is invalid\. Expected a whole number, 0 or more/],
    [['jobs', 'show', 'abc'], /^error: value 'abc' is invalid for argument 'id'\. Expected the number of a job/m],
    [['crawl', 'b', '--from', 'x', '--max-images', '0'], /'0' is invalid\. Expected a whole number, 1 or more/],
    [['crawl', 'b', '--from', 'x', '--per-host', '9'], /--per-host: expected at most 8, got 9/],
    [['crawl', 'b', '--from', 'x', '--timeout-s', '0.5'], /--timeout-s: expected at least 1, got 0\.5/],
    [['crawl', 'b', '--from', 'x', '--timeout-s', 'soon'], /'soon' is invalid\. Expected a number of seconds/],
    [
      ['crawl', 'b', '--from', 'x', '--allow-host', 'http://a/'],
      /--allow-host: expected HOST or HOST:PORT.*got "http:\/\/a\/"/,
    ],
    [['crawl', 'b', '--from', ' '], /Expected a value, got nothing/],
    [['import', 'b'], /missing required argument 'paths'/],
    [['import', 'b', 'x', '--labels-from', 'files'], /Expected one of folders, none/],
    [['import', 'b', 'x', '--link', '--copy'], /'--link' cannot be used with option '--copy'/],
    [['validate', 'b', '--level', 'hard'], /Expected one of fast, medium, slow/],
    [['samples', 'b', '--status', 'good'], /Expected one of accepted, quarantined, rejected/],
    [['export', 'b', '--out', 'x'], /Expected --format with one of imagefolder, csv, jsonl/],
    [['export', 'b', '--format', 'csv'], /Expected --out with the path to write/],
    [['export', 'b', '--format', 'png', '--out', 'x'], /'png' is invalid\. Expected one of imagefolder, csv, jsonl/],
    [['jobs', 'show', 'twelve'], /Expected the number of a job/],
    [['jobs', 'show', '0'], /Expected the number of a job/],
    [['config', 'set', 'a'], /missing required argument 'value'/],
    [['stats', 'a', 'b'], /too many arguments/],
    [['--data-dir', '', 'doctor'], /Expected a value, got nothing/],
    [['import', 'b', 'photos', ''], /Expected a value, got nothing/],
  ];
  for (const [argv, expected] of cases) {
    const { code, stdout, stderr, run } = await cli(argv);
    assert.equal(code, 2, argv.join(' '));
    assert.match(stderr, expected);
    assert.match(stderr, /^error: /m);
    assert.equal(stdout, '');
    assert.equal(run.opened.length, 0, argv.join(' '));
  }
});

test('no command at all shows the help on stderr', async () => {
  for (const argv of [[], ['dataset'], ['jobs']]) {
    const { code, stdout, stderr } = await cli(argv);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^Usage: /);
  }
});

test('global flags are taken before and after the command', async () => {
  for (const argv of [
    ['--data-dir', 'mine', '--json', 'dataset', 'list'],
    ['dataset', '--json', 'list', '--data-dir', 'mine'],
    ['dataset', 'list', '--data-dir=mine', '--json'],
  ]) {
    const { objects, run } = await cli(argv, { environment: { A: '1' } });
    assert.equal(objects[0]?.name, 'birds');
    assert.deepEqual(run.opened, [
      { dataDirectory: '/home/ann/pictures/mine', create: 'never', environment: { A: '1' }, version: '1.2.3' },
    ]);
    assert.ok(run.core.closed());
  }
});

test('only what creates something makes a library where there is none', async () => {
  for (const [argv, create] of [
    [['dataset', 'create', 'owls'], 'if-new'],
    [['project', 'create', 'owls'], 'if-new'],
    [['config', 'list'], 'if-new'],
    [['dataset', 'list'], 'never'],
    [['stats', 'birds'], 'never'],
  ] as const) {
    const { run } = await cli([...argv], {});
    assert.equal(run.opened[0]?.create, create, argv.join(' '));
  }
});

test('an error of the core has its message on stderr, its object on stdout with --json, and a code', async () => {
  const missing = new AppError('not-found', 'There is no dataset "bird". There is: birds.', {
    details: { near: ['birds'] },
  });
  const failures = { 'datasets.resolve': missing };
  const plain = await cli(['stats', 'bird'], { failures });
  assert.deepEqual([plain.code, plain.stdout, plain.stderr], [1, '', `error: ${missing.message}\n`]);
  const json = await cli(['--json', 'stats', 'bird'], { failures });
  assert.deepEqual(json.objects, [
    { type: 'error', code: 'not-found', message: missing.message, details: { near: ['birds'] } },
  ]);
  assert.ok(json.run.core.closed());
});

test('what the core calls a bad request is a wrong command line', async () => {
  const failures = { 'settings.set': new AppError('bad-request', 'crawl.delayMs: expected a number, got "x".') };
  assert.equal((await cli(['config', 'set', 'crawl.delayMs', 'x'], { failures })).code, 2);
});

test('input that the contract refuses is told in its words', async () => {
  const { code, stderr } = await cli(['project', 'create', ' ']);
  assert.equal(code, 2);
  assert.match(stderr, /^error: name: expected a name of 1 to 100 characters/);
});

test('an unknown error says what caused it, a locked directory who holds it', async () => {
  const broken = await cli(['doctor'], { failures: { 'doctor.run': new Error('disk on fire') } });
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, /^error: Something failed inside PixCrawler/);
  assert.match(broken.stderr, /^cause: .*disk on fire$/m);
  const locked = await cli(['doctor'], { openError: new AppError('in-use', 'Process 12 uses this data directory.') });
  assert.deepEqual([locked.code, locked.stderr], [1, 'error: Process 12 uses this data directory.\n']);
});

test('a core that cannot be closed is a failure, but does not hide an earlier one', async () => {
  const closeError = new AppError('disk-full', 'The disk is full.');
  assert.match((await cli(['project', 'list'], { closeError })).stderr, /The disk is full/);
  const failures = { 'projects.list': new AppError('conflict', 'First.') };
  const { code, stderr } = await cli(['project', 'list'], { closeError, failures });
  assert.deepEqual([code, stderr], [1, 'error: First.\n']);
});

test('an error cannot steer the terminal', async () => {
  const failures = { 'projects.list': new AppError('conflict', 'one\u001b[2Jtwo\n  three\r\u0007') };
  assert.equal((await cli(['project', 'list'], { failures })).stderr, 'error: one\ufffd[2Jtwo\n  three \ufffd\n');
});

test('colours need a terminal, and follow NO_COLOR and FORCE_COLOR', async () => {
  const start = '\u001b[';
  const cases: [environment: Record<string, string>, columns: number | undefined, expected: boolean][] = [
    [{}, undefined, false],
    [{}, 80, true],
    [{ TERM: 'dumb' }, 80, false],
    [{ NO_COLOR: '1' }, 80, false],
    [{ NO_COLOR: '' }, 80, true],
    [{ FORCE_COLOR: '1' }, undefined, true],
    [{ FORCE_COLOR: '0' }, 80, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, undefined, false],
  ];
  for (const [environment, stdoutColumns, expected] of cases) {
    const options = stdoutColumns === undefined ? { environment } : { environment, stdoutColumns };
    for (const argv of [['config', 'list'], ['--help']]) {
      const { stdout } = await cli(argv, options);
      assert.equal(stdout.includes(start), expected, JSON.stringify([argv, environment, stdoutColumns]));
    }
  }
});

test('Ctrl-C ends a command that has nothing to pause, after closing the core', async () => {
  const run = startCli(['doctor']);
  run.signal();
  assert.equal(await run.exitCode, 130);
  assert.equal(run.stderr.text, 'Interrupted.\n');
  assert.deepEqual(run.ends, []);
  assert.ok(run.core.closed());
});

test('a full disk under stdout is an error, a reader that went away is not', async () => {
  const full = startCli(['--json', 'dataset', 'list']);
  full.stdout.breakPipe('ENOSPC');
  assert.equal(await full.exitCode, 1);
  assert.match(full.stderr.text, /^error: Could not write the output: write ENOSPC/m);
  const gone = startCli(['--json', 'dataset', 'list']);
  gone.stdout.breakPipe();
  assert.equal(await gone.exitCode, 0);
  assert.equal(gone.stderr.text, '');
});
