import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../shared/errors.ts';
import { type JobChange, makeJob } from './testing/fake-core.ts';
import { type CliRun, cli, startCli } from './testing/host.ts';

const CRAWL = ['crawl', 'birds', '--from', 'https://example.org/'];

const COUNTS = {
  discovered: 100,
  fetched: 95,
  accepted: 80,
  quarantined: 9,
  duplicates: 4,
  nearDuplicates: 5,
  refused: 2,
  failed: 5,
  pagesDiscovered: 7,
  pagesDone: 7,
  bytes: 3_400_000,
};
const WITH_ERRORS: JobChange[] = [
  { progress: 50, counts: { discovered: 100, accepted: 40, pagesDiscovered: 7, pagesDone: 3 } },
  {
    state: 'completed-with-errors',
    progress: 100,
    counts: COUNTS,
    reasons: { blurred: 4, 'near-duplicate': 5, 'http-404': 6, excluded: 2 },
    durationMs: 83_000,
  },
];
/** A job that goes on until it is told to stop. */
const ENDLESS: JobChange[] = Array.from({ length: 2000 }, (_, index) => ({
  progress: index / 100,
  counts: { discovered: 2000, accepted: index },
}));

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, 'waited for 5 s');
    await sleep(1);
  }
}

function called(run: CliRun, path: string): boolean {
  return run.core.inputs(path).length > 0;
}

test('with --json the last line is the result, in exactly this shape, and every line is an object', async () => {
  const { code, objects, stderr } = await cli(['--json', ...CRAWL], { course: WITH_ERRORS });
  assert.equal(code, 3);
  assert.equal(stderr, '');
  const result = objects.pop()!;
  assert.deepEqual(result, {
    type: 'result',
    jobId: 1,
    status: 'completed-with-errors',
    counts: {
      discovered: 100,
      fetched: 95,
      accepted: 80,
      quarantined: 9,
      duplicates: 4,
      nearDuplicates: 5,
      refused: 2,
      failed: 5,
    },
    reasons: { blurred: 4, 'near-duplicate': 5, 'http-404': 6, excluded: 2 },
    durationMs: 83_000,
  });
  assert.deepEqual(Object.keys(result), ['type', 'jobId', 'status', 'counts', 'reasons', 'durationMs']);
  assert.ok(objects.length >= 2);
  for (const object of objects) assert.equal(object.type, 'progress');
  assert.equal(objects.at(-1)?.progress, 100);
});

test('with --json --quiet there is the result alone', async () => {
  const { objects } = await cli(['--json', '--quiet', ...CRAWL], { course: WITH_ERRORS });
  assert.deepEqual(
    objects.map(({ type }) => type),
    ['result'],
  );
});

test('a person gets lines on the way and a table at the end', async () => {
  const { code, stdout, stderr } = await cli(CRAWL, { course: WITH_ERRORS });
  assert.equal(code, 3);
  assert.match(stderr, /^Started crawl 1 of birds\.\n/);
  assert.match(stderr, /^crawl 1 birds: 0 %/m);
  assert.equal(
    stdout,
    `
Crawl 1 of birds: completed with errors in 1 min 23 s
  discovered            100
  fetched                95
  accepted               80
  quarantined             9
    near-duplicates       5
  duplicates              4
  refused                 2
  failed                  5
  pages                 6/7
    not read              1
  bytes              3.4 MB
Reasons
  http-404        6
  near-duplicate  5
  blurred         4
  excluded        2
To see what was set aside: pixcrawler samples birds --status quarantined
To try again what failed: pixcrawler jobs retry 1
`,
  );
});

test('a refused private address comes with the option that allows it', async () => {
  const refused = { state: 'completed-with-errors' as const, progress: 100, reasons: { 'address-refused': 1 } };
  const { stdout } = await cli(CRAWL, { course: [refused] });
  assert.match(stdout, /To ask a private host of yours as well, crawl again with: --allow-host HOST:PORT\n/);
  const { stdout: other } = await cli(CRAWL, { course: WITH_ERRORS });
  assert.doesNotMatch(other, /--allow-host/);
});

test('--quiet leaves one line', async () => {
  const { stdout, stderr } = await cli(['--quiet', ...CRAWL], { course: WITH_ERRORS });
  assert.equal(
    stdout,
    'crawl 1: completed-with-errors, 80 accepted, 9 quarantined, 4 duplicates, 2 refused, 5 failed, 1 min 23 s\n',
  );
  assert.equal(stderr, '');
});

test('each end of a job has its exit code', async () => {
  const ends: [JobChange, number][] = [
    [{ state: 'completed' }, 0],
    [{ state: 'completed-with-errors' }, 3],
    [{ state: 'failed', error: { code: 'unavailable', message: 'Every request failed.' } }, 1],
    [{ state: 'cancelled' }, 130],
    [{ state: 'paused' }, 3],
  ];
  for (const [end, expected] of ends) {
    const { code, objects } = await cli(['--json', ...CRAWL], { course: [end] });
    assert.equal(code, expected, end.state);
    assert.equal(objects.at(-1)?.type, 'result');
    assert.equal(objects.at(-1)?.status, end.state);
  }
});

test('a job that failed says why, before its result', async () => {
  const course: JobChange[] = [{ state: 'failed', error: { code: 'unavailable', message: 'Every request failed.' } }];
  const plain = await cli(CRAWL, { course });
  assert.match(plain.stderr, /^error: crawl 1 failed: Every request failed\.$/m);
  const { objects } = await cli(['--json', ...CRAWL], { course });
  assert.deepEqual(objects.at(-2), {
    type: 'error',
    jobId: 1,
    code: 'unavailable',
    message: 'Every request failed.',
    details: {},
  });
});

test('on a terminal the bars are on stderr and the table on stdout', async () => {
  const run = startCli(CRAWL, {
    course: WITH_ERRORS,
    stdoutColumns: 80,
    stderrColumns: 80,
    environment: { NO_COLOR: '1' },
  });
  assert.equal(await run.exitCode, 3);
  assert.match(run.stderr.plain, /Started crawl 1 of birds\.\n/);
  assert.match(run.stderr.plain, /crawl 1 {2}birds {2}0:00/);
  assert.ok(run.stderr.text.endsWith('\u001b[?25h'), 'the cursor is back');
  assert.match(run.stdout.text, /^Crawl 1 of birds: completed with errors/m);
  assert.ok(!run.stdout.text.includes('\u001b'));
});

test('with --json the bars stay away from a terminal that shows the objects', async () => {
  const both = await cli(['--json', ...CRAWL], { stdoutColumns: 80, stderrColumns: 80 });
  assert.equal(both.stderr, '');
  const piped = await cli(['--json', ...CRAWL], { stderrColumns: 80 });
  assert.match(piped.stderr, /crawl 1/);
  assert.equal(piped.objects.at(-1)?.type, 'result');
});

test('Ctrl-C pauses the job, waits for it, and says how to go on', async () => {
  const run = startCli(CRAWL, { course: ENDLESS });
  await until(() => called(run, 'crawls.start'));
  await sleep(20);
  run.signal();
  assert.equal(await run.exitCode, 130);
  assert.deepEqual(run.core.inputs('jobs.pause'), [{ id: 1 }]);
  assert.match(run.stderr.text, /^Pausing… press Ctrl-C again to stop at once\.$/m);
  assert.match(run.stdout.text, /^Crawl 1 of birds: paused in /m);
  assert.match(run.stdout.text, /^To go on, run the same command again, or: pixcrawler jobs resume 1$/m);
  assert.deepEqual(run.ends, []);
  assert.ok(run.core.closed());
});

test('Ctrl-C with --json ends in a paused result', async () => {
  const run = startCli(['--json', ...CRAWL], { course: ENDLESS });
  await until(() => called(run, 'crawls.start'));
  run.signal();
  assert.equal(await run.exitCode, 130);
  const last = JSON.parse(run.stdout.text.trim().split('\n').at(-1)!) as { type: string; status: string };
  assert.deepEqual([last.type, last.status], ['result', 'paused']);
});

test('a second Ctrl-C ends at once', async () => {
  const run = startCli(CRAWL, { course: ENDLESS });
  await until(() => called(run, 'crawls.start'));
  run.signal();
  run.signal();
  assert.deepEqual(run.ends, [130]);
  assert.equal(await run.exitCode, 130);
});

test('Ctrl-C before anything has been started starts nothing', async () => {
  const run = startCli(CRAWL, { course: ENDLESS });
  run.signal();
  assert.equal(await run.exitCode, 130);
  await sleep(20);
  assert.ok(!called(run, 'crawls.start'));
});

test('a job that ends while it is being paused has ended', async () => {
  const run = startCli(['--json', ...CRAWL], {
    course: [{ progress: 50 }, { state: 'completed', progress: 100 }],
    failures: { 'jobs.pause': new AppError('conflict', 'It has ended.') },
  });
  await until(() => called(run, 'crawls.start'));
  run.signal();
  assert.equal(await run.exitCode, 0);
});

test('a pause that fails is an error', async () => {
  const run = startCli(CRAWL, { course: ENDLESS, failures: { 'jobs.pause': new AppError('disk-full', 'No space.') } });
  await until(() => called(run, 'crawls.start'));
  run.signal();
  assert.equal(await run.exitCode, 1);
  assert.match(run.stderr.text, /^error: No space\.$/m);
});

test('a reader that went away pauses the job', async () => {
  const run = startCli(['--json', ...CRAWL], { course: ENDLESS });
  run.stdout.breakPipe();
  assert.equal(await run.exitCode, 130);
  assert.deepEqual(run.core.inputs('jobs.pause'), [{ id: 1 }]);
});

test('the end of a job is seen without events too', async () => {
  const refused = { failures: { 'events.watch': new AppError('unavailable', 'No events.') } };
  const runs = [{ events: 'silent' }, { events: 'broken' }, refused] as const;
  await Promise.all(
    runs.map(async (options) => {
      const { code, objects } = await cli(['--json', '--quiet', ...CRAWL], { course: WITH_ERRORS, ...options });
      assert.equal(code, 3);
      assert.equal(objects.at(-1)?.status, 'completed-with-errors');
    }),
  );
});

test('a resumed job says what was done before', async () => {
  const job = makeJob({ id: 4, state: 'paused', durationMs: 9000, counts: { discovered: 2000, accepted: 1240 } });
  const { stderr } = await cli(['jobs', 'resume', '4'], { jobs: [job] });
  assert.match(stderr, /^Resumed crawl 4 of birds: 1,240 of 2,000 images were done\.$/m);
});

test('what an export found is told before its result', async () => {
  const course: JobChange[] = [
    {
      state: 'completed',
      progress: 100,
      result: { outPath: '/out', sizeBytes: 3_400_000, files: 12, bytes: 40, bySplit: { '': 9, test: 3 }, empty: {} },
    },
  ];
  const argv = ['export', 'birds', '--format', 'csv', '--out', '/out'];
  const { objects } = await cli(['--json', ...argv], { course });
  assert.deepEqual(objects.at(-2), {
    type: 'report',
    jobId: 1,
    report: { outPath: '/out', sizeBytes: 3_400_000, files: 12, bytes: 40, bySplit: { '': 9, test: 3 }, empty: {} },
  });
  const { stdout } = await cli(argv, { course });
  assert.match(
    stdout,
    /^Report\n {2}out path {2}\/out\n {2}size {6}3\.4 MB\n {2}files {5}12\n {2}bytes {5}40 B\n {2}by split\n {4}\(none\) {2}9\n {4}test {4}3\n$/m,
  );
});

test('the report of an export names what is not in it, and sends nobody to a retry that cannot help', async () => {
  const samples = Array.from({ length: 12 }, (_, index) => ({
    sha256: index.toString(16).padStart(64, 'a'),
    label: null,
    name: index === 0 ? null : `bird-${index}.jpg`,
    reason: 'file-missing',
    from: 'https://example.org/bird.jpg',
  }));
  const course: JobChange[] = [
    {
      kind: 'export',
      state: 'completed-with-errors',
      counts: { failed: 14 },
      reasons: { 'file-missing': 14 },
      error: { code: 'not-found', message: '14 of 20 images were left out.' },
      result: { outPath: '/out', images: 6, leftOut: { images: 14, byReason: { 'file-missing': 14 }, samples } },
    },
  ];
  const command = ['export', 'birds', '--format', 'csv', '--out', '/out'];
  const people = await cli(command, { course });
  assert.equal(people.code, 3);
  assert.match(
    people.stdout,
    /Left out\n {2}Image +Why +Name\n {2}a{63}0 {2}file-missing {2}https:\/\/example\.org\/bird\.jpg\n/,
  );
  assert.equal(people.stdout.match(/bird-\d+\.jpg/g)?.length, 9);
  assert.match(people.stdout, /… and 4 more, which LEFT-OUT\.csv names/);
  assert.match(people.stderr, /14 of 20 images were left out/);
  assert.doesNotMatch(people.stdout, /jobs retry/);
  const { objects } = await cli(['--json', ...command], { course });
  const report = objects.find((line) => line.type === 'report') as { report: { leftOut: unknown } } | undefined;
  assert.deepEqual(report?.report.leftOut, course[0]!.result!.leftOut);
});

test('what is suggested after a failed export is what helps against its cause', async () => {
  const elsewhere = 'To export to another place: pixcrawler export birds --format csv --out PATH\n';
  const retry = 'pixcrawler jobs retry 1\n';
  for (const [code, steps] of [
    ['bad-request', elsewhere],
    ['forbidden', elsewhere],
    ['conflict', `${elsewhere}Once nothing is there any more: ${retry}`],
    ['in-use', `${elsewhere}Once the other export has ended: ${retry}`],
    ['disk-full', `${elsewhere}Once there is room: ${retry}`],
    ['not-found', ''],
    ['unavailable', `To try again: ${retry}`],
    ['internal', `To try again: ${retry}`],
  ] as const) {
    const course: JobChange[] = [{ state: 'failed', error: { code, message: 'It failed.' } }];
    const { code: exit, stdout } = await cli(['export', 'birds', '--format', 'csv', '--out', '/out'], { course });
    assert.equal(exit, 1);
    assert.equal(stdout.replace(/^\nExport 1 of birds: failed in .*\n/, ''), steps, code);
  }
  const words = 'export birds --format imagefolder --archive tar --status accepted --status rejected'.split(' ');
  const course: JobChange[] = [{ state: 'failed', error: { code: 'conflict', message: 'There is a file.' } }];
  const { stdout } = await cli([...words, '--out', '/out'], { course });
  assert.ok(stdout.includes(`: pixcrawler ${words.join(' ')} --out PATH\n`), stdout);
});
