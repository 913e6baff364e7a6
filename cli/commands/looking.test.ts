import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDataset, makeJob, makeSample } from '../testing/fake-core.ts';
import { cli, startCli } from '../testing/host.ts';

const TIME = '2026-03-01T14:05:00.000Z';

test('projects are made, listed, shown, renamed and removed', async () => {
  const made = await cli(['project', 'create', 'zoo']);
  assert.equal(made.stdout, 'Created project zoo (#2).\n');
  const listed = await cli(['--json', 'project', 'list']);
  assert.deepEqual(listed.objects, [{ id: 1, name: 'Default', datasetCount: 2, createdAt: TIME, updatedAt: TIME }]);
  const shown = await cli(['--json', 'project', 'show', '#1']);
  assert.equal((shown.objects[0]!.datasets as { name: string }[])[0]?.name, 'birds');
  const renamed = await cli(['project', 'rename', 'Default', 'Main']);
  assert.equal(renamed.stdout, 'Renamed project Default to Main.\n');
  assert.deepEqual(renamed.run.core.inputs('projects.rename'), [{ id: 1, name: 'Main' }]);
  const removed = await cli(['project', 'remove', 'Default', '--yes']);
  assert.equal(
    removed.stdout,
    'Moved project Default with 2 datasets to the trash, where it stays for a week. To have it back: pixcrawler project restore "#1"\n',
  );
  assert.deepEqual(removed.run.core.inputs('projects.trash'), [{ id: 1 }]);
  const table = await cli(['project', 'list']);
  assert.match(table.stdout, /^ID {2}PROJECT {2}DATASETS {2}CHANGED\n 1 {2}Default +2 {2}2026-03-01 /);
});

test('datasets are made with labels and a project', async () => {
  const argv = [
    'dataset',
    'create',
    'owls',
    '--label',
    'barn',
    '--labels',
    'eagle, barn ,snowy',
    '--project',
    'Default',
  ];
  const { stdout, run } = await cli(argv);
  assert.equal(stdout, 'Created dataset owls (#2) in Default.\n');
  assert.deepEqual(run.core.inputs('datasets.create'), [
    { name: 'owls', projectId: 1, labels: ['barn', 'eagle', 'snowy'] },
  ]);
  const { objects } = await cli(['--json', 'dataset', 'create', 'owls']);
  assert.equal(objects[0]?.name, 'owls');
  assert.equal(objects[0]?.createdAt, TIME);
});

test('datasets are listed, shown, renamed and labelled', async () => {
  const datasets = [makeDataset({ labels: [{ id: 1, name: 'robin', sampleCount: 7 }] })];
  const listed = await cli(['dataset', 'list', '--project', 'Default'], { datasets });
  assert.deepEqual(listed.run.core.inputs('datasets.list'), [{ projectId: 1 }]);
  assert.match(listed.stdout, /^ 1 {2}Default {2}birds +12,408 +12,000 +400 {2}robin$/m);
  const names = Array.from({ length: 258 }, (_each, index) => ({ id: index + 1, name: `l${index}`, sampleCount: 0 }));
  const many = await cli(['dataset', 'list'], { datasets: [makeDataset({ labels: names })] });
  assert.match(many.stdout, / l0, l1, l2, l3, l4, l5, and 252 more$/m);
  const shown = await cli(['dataset', 'show', '#1'], { datasets });
  assert.match(shown.stdout, /^Default\/birds \(#1\)$/m);
  assert.match(shown.stdout, /^ {2}quarantined {2}400$/m);
  assert.match(shown.stdout, /^Labels\n {2}robin {2}7$/m);
  const renamed = await cli(['dataset', 'rename', 'birds', 'Birds']);
  assert.deepEqual(renamed.run.core.inputs('datasets.rename'), [{ id: 1, name: 'Birds' }]);
  const labelled = await cli(['dataset', 'label', 'birds', 'robin', 'song thrush']);
  assert.deepEqual(labelled.run.core.inputs('datasets.addLabels'), [{ id: 1, names: ['robin', 'song thrush'] }]);
  assert.equal(labelled.stdout, 'Dataset birds has 2 labels: robin, song thrush.\n');
});

test('an empty list says how to begin, and is empty for programs', async () => {
  const plain = await cli(['dataset', 'list'], { datasets: [] });
  assert.deepEqual([plain.stdout, plain.stderr.includes('pixcrawler dataset create NAME')], ['', true]);
  const json = await cli(['--json', 'dataset', 'list'], { datasets: [] });
  assert.deepEqual([json.stdout, json.stderr], ['', '']);
});

test('nothing is removed without a yes', async () => {
  const silent = await cli(['dataset', 'remove', 'birds']);
  assert.equal(silent.code, 2);
  assert.match(silent.stderr, /Expected --yes to remove dataset birds with 12,408 samples/);
  for (const [answer, code, removed] of [
    ['yes', 0, 1],
    [' Y ', 0, 1],
    ['no', 1, 0],
    ['', 1, 0],
    [null, 1, 0],
  ] as const) {
    const asked = await cli(['dataset', 'remove', 'birds'], { answer });
    assert.deepEqual(asked.run.questions, ['Remove dataset birds with 12,408 samples? Type yes to remove: ']);
    assert.equal(asked.code, code);
    assert.equal(asked.run.core.inputs('datasets.trash').length, removed, String(answer));
  }
  const forced = await cli(['--json', 'dataset', 'remove', 'birds', '--yes'], { answer: 'no' });
  assert.deepEqual(forced.run.questions, []);
  assert.deepEqual(forced.objects, [{ type: 'removed', id: 1, name: 'birds' }]);
});

test('what is in the trash comes back by its name or its number', async () => {
  const at = Date.UTC(2026, 2, 1, 14, 5);
  const gone = (id: number, name: string, projectName: string) => {
    return { id, name, projectId: 1, projectName, sampleCount: 3, trashedAt: at };
  };
  const trashedDatasets = [gone(7, 'owls', 'zoo'), gone(8, 'cats', 'zoo'), gone(9, 'cats', 'home')];
  for (const [reference, id] of [
    ['owls', 7],
    ['zoo/owls', 7],
    ['home/cats', 9],
    ['#8', 8],
  ] as const) {
    const { code, run } = await cli(['dataset', 'restore', reference], { trashedDatasets });
    assert.deepEqual([code, run.core.inputs('datasets.restore')], [0, [{ id }]], reference);
  }
  const several = await cli(['dataset', 'restore', 'cats'], { trashedDatasets });
  assert.equal(several.code, 1);
  assert.match(several.stderr, /Several datasets named "cats" .* zoo\/cats \(#8, removed .*\), home\/cats \(#9, /);
  const none = await cli(['dataset', 'restore', 'dogs'], { trashedDatasets });
  assert.match(none.stderr, /There is no dataset "dogs" in the trash\. In it: zoo\/owls \(#7, removed /);
  const trashedProjects = [{ id: 4, name: 'zoo', datasetCount: 2, trashedAt: at }];
  const project = await cli(['project', 'restore', 'zoo'], { trashedProjects });
  assert.equal(project.stdout, 'Restored project restored with 2 datasets.\n');
  assert.deepEqual(project.run.core.inputs('projects.restore'), [{ id: 4 }]);
  assert.match((await cli(['project', 'restore', 'zoo'])).stderr, /The trash is empty\./);
});

test('samples --json prints one sample a line, the promised fields first', async () => {
  const { objects, stderr } = await cli(['--json', 'samples', 'birds'], { samples: [makeSample()] });
  assert.equal(stderr, '');
  assert.deepEqual(objects, [
    {
      sha256: 'ab'.repeat(32),
      label: 'robin',
      status: 'accepted',
      reasons: [],
      width: 640,
      height: 480,
      format: 'jpeg',
      bytes: 34_000,
      origins: [
        {
          source: 'https://example.org/',
          pageUrl: 'https://example.org/page',
          imageUrl: 'https://example.org/a.jpg',
          licence: 'CC0',
          creator: 'Ann',
          consent: { verdict: 'allowed', signals: [] },
          fetchedAt: TIME,
        },
      ],
      id: 1,
      split: null,
      caption: null,
      name: null,
      keeper: null,
    },
  ]);
  assert.equal(
    Object.keys(objects[0]!).slice(0, 9).join(),
    'sha256,label,status,reasons,width,height,format,bytes,origins',
  );
});

test('samples are read by pages, up to the limit, with the filters', async () => {
  const samples = Array.from({ length: 1201 }, (_, index) => makeSample({ id: index + 1 }));
  const all = await cli(['--json', 'samples', 'birds'], { samples });
  assert.equal(all.objects.length, 1201);
  assert.equal(new Set(all.objects.map(({ id }) => id)).size, 1201);
  const argv = [
    'samples',
    'birds',
    '--json',
    '--limit',
    '7',
    '--status',
    'quarantined',
    '--label',
    'x',
    '--reason',
    'flat',
  ];
  const some = await cli(argv, { samples });
  assert.equal(some.objects.length, 7);
  assert.deepEqual(some.run.core.inputs('samples.list'), [
    { datasetId: 1, status: 'quarantined', label: 'x', reason: 'flat', after: 0, limit: 7 },
  ]);
});

test('a terminal shows the first fifty samples and says how many there are', async () => {
  const samples = Array.from({ length: 60 }, (_, index) =>
    makeSample({
      id: index + 1,
      status: 'quarantined',
      reasons: ['near-duplicate'],
      keeper: { sha256: 'cd'.repeat(32), distance: 4 },
    }),
  );
  const { stdout, stderr } = await cli(['samples', 'birds'], {
    samples,
    stdoutColumns: 150,
    environment: { NO_COLOR: '1' },
  });
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 51);
  assert.match(lines[0]!, /^SHA-256 +STATUS +LABEL +PIXELS +FORMAT +SIZE +REASONS +FROM$/);
  assert.match(
    lines[1]!,
    /^abababababab +quarantined +robin +640x480 +jpeg +34\.0 kB +near-duplicate of cdcdcdcdcdcd +https:/,
  );
  assert.equal(stderr, '10 more; add --limit 60 to see all.\n');
  for (const stdoutColumns of [60, 100]) {
    const narrow = await cli(['samples', 'birds'], { samples, stdoutColumns, environment: { NO_COLOR: '1' } });
    assert.equal(narrow.stdout.trimEnd().split('\n').length, 51);
  }
});

test('hostile addresses and labels cannot steer the terminal', async () => {
  const [origin] = makeSample().origins;
  const samples = [makeSample({ label: 'a\u001b[2J', origins: [{ ...origin!, imageUrl: 'http://x/\u009b31m' }] })];
  const plain = await cli(['samples', 'birds'], { samples });
  assert.doesNotMatch(plain.stdout.replaceAll('\n', ''), /\p{Cc}/u);
  const json = await cli(['--json', 'samples', 'birds'], { samples });
  assert.doesNotMatch(json.stdout.replaceAll('\n', ''), /\p{Cc}/u);
  assert.equal(json.objects[0]?.label, 'a\u001b[2J');
});

test('a reader that has seen enough ends a listing without an error', async () => {
  const samples = Array.from({ length: 3000 }, (_, index) => makeSample({ id: index + 1 }));
  const run = startCli(['--json', 'samples', 'birds'], { samples });
  run.stdout.breakPipe();
  assert.equal(await run.exitCode, 0);
  assert.equal(run.stderr.text, '');
  assert.ok(run.core.inputs('samples.list').length < 6);
  assert.ok(run.core.closed());
});

test('stats ranks each facet', async () => {
  const { stdout } = await cli(['stats', 'birds']);
  assert.match(stdout, /^Default\/birds: 12,408 samples, 3\.4 MB$/m);
  assert.match(stdout, /^Reason\n {2}flat {5}30\n {2}blurred {3}3$/m);
  assert.match(stdout, /^Label\n {2}robin {3}7\n {2}\(none\) {2}2$/m);
  assert.doesNotMatch(stdout, /Licence/);
  const { objects } = await cli(['--json', 'stats', 'birds']);
  assert.deepEqual(objects[0]?.byReason, { blurred: 3, flat: 30 });
  assert.equal(objects.length, 1);
});

test('jobs are listed over all pages and filtered', async () => {
  const jobs = Array.from({ length: 450 }, (_, index) => makeJob({ id: index + 1, state: 'completed' }));
  const all = await cli(['--json', 'jobs', 'list'], { jobs });
  assert.equal(all.objects.length, 450);
  assert.equal(all.objects[0]?.createdAt, TIME);
  const some = await cli(['--json', 'jobs', 'list', '--limit', '3', '--state', 'completed', '--dataset', 'birds'], {
    jobs,
  });
  assert.equal(some.objects.length, 3);
  assert.deepEqual(some.run.core.inputs('jobs.list'), [{ datasetId: 1, states: ['completed'], after: 0, limit: 3 }]);
  const table = await cli(['jobs', 'list', '--limit', '1'], { jobs });
  assert.match(table.stdout, /^ 1 {2}crawl {2}birds +completed +0 % +0\/0 +0 +0 ms {2}2026-03-01 /m);
});

test('a job is shown with its reasons, its sites and its log', async () => {
  const jobs = [makeJob({ id: 12, reasons: { timeout: 3 }, parameters: { sources: ['https://example.org/'] } })];
  const sites = [
    {
      site: 'example.org',
      waiting: 4,
      inFlight: 1,
      delayMs: 1000,
      trouble: 'resting' as const,
      failures: 0,
      medianResponseMs: 20,
      nextDueAt: null,
    },
  ];
  const log = [{ id: 1, at: Date.parse(TIME), level: 'warning' as const, message: 'https://example.org/: timeout' }];
  const { stdout } = await cli(['jobs', 'show', '#12'], { jobs, sites, log });
  assert.match(stdout, /^crawl 12 of birds: active$/m);
  assert.match(stdout, /^ {2}sources {2}https:\/\/example\.org\/$/m);
  assert.match(stdout, /^Reasons\n {2}timeout {2}3$/m);
  assert.match(stdout, /^ {2}example\.org +4 +1 +1\.0 s {2}resting$/m);
  assert.match(stdout, /^Log\n.*https:\/\/example\.org\/: timeout$/m);
  const { objects } = await cli(['--json', 'jobs', 'show', '12'], { jobs, sites, log });
  assert.deepEqual(objects[0]!.log, [{ ...log[0], at: TIME }]);
  assert.equal((objects[0]!.sites as unknown[]).length, 1);
});

test('a job that waits says why', async () => {
  const options = { jobs: [makeJob({ id: 3, state: 'waiting' as const })], holds: ['battery', 'disk'] as const };
  const list = await cli(['jobs', 'list'], options);
  assert.match(list.stderr, /^Jobs rest: the battery is low, the disk is full\.$/m);
  assert.match(
    (await cli(['jobs', 'show', '3'], options)).stdout,
    /^ {2}rests +the battery is low, the disk is full$/m,
  );
  assert.deepEqual((await cli(['--json', 'jobs', 'show', '3'], options)).objects[0]?.holds, ['battery', 'disk']);
  assert.deepEqual((await cli(['--json', 'jobs', 'list'], { ...options, jobs: [makeJob()] })).objects[0]?.holds, []);
});

test('jobs are paused and cancelled one by one', async () => {
  const jobs = [makeJob({ id: 1 }), makeJob({ id: 2 })];
  const cancelled = await cli(['jobs', 'cancel', '1', '2', '#1'], { jobs });
  assert.equal(cancelled.code, 0);
  assert.deepEqual(cancelled.run.core.inputs('jobs.cancel'), [{ id: 1 }, { id: 2 }]);
  assert.equal(cancelled.stdout, 'crawl 1 of birds is cancelled.\ncrawl 2 of birds is cancelled.\n');
  const paused = await cli(['--json', 'jobs', 'pause', '2'], { jobs });
  assert.deepEqual(paused.run.core.inputs('jobs.pause'), [{ id: 2 }]);
  assert.equal(paused.objects[0]?.id, 2);
  assert.equal((await cli(['jobs', 'cancel', '9'], { jobs })).code, 1);
});

test('jobs resume without a number goes on with everything unfinished, one result a job', async () => {
  const jobs = [
    makeJob({ id: 1, state: 'completed' }),
    makeJob({ id: 2, state: 'paused' }),
    makeJob({ id: 3, state: 'active', kind: 'import' }),
    makeJob({ id: 4, state: 'cancelled' }),
    makeJob({ id: 5, state: 'waiting' }),
  ];
  const { code, objects, run } = await cli(['--json', '--quiet', 'jobs', 'resume'], { jobs });
  assert.equal(code, 0);
  assert.deepEqual(run.core.inputs('jobs.resume'), [{ id: 2 }, { id: 3 }, { id: 5 }]);
  assert.deepEqual(
    objects.map(({ type, jobId, status }) => [type, jobId, status]),
    [2, 3, 5].map((id) => ['result', id, 'completed']),
  );
  const some = await cli(['--quiet', 'jobs', 'resume', '5', '2', '5'], { jobs });
  assert.deepEqual(some.run.core.inputs('jobs.resume'), [{ id: 5 }, { id: 2 }]);
});

test('several jobs end with the gravest of their exit codes', async () => {
  const jobs = [makeJob({ id: 1, state: 'paused' }), makeJob({ id: 2, state: 'paused' })];
  const attention = await cli(['--quiet', 'jobs', 'resume'], { jobs, course: [{ state: 'completed-with-errors' }] });
  assert.equal(attention.code, 3);
  const failed = await cli(['--quiet', 'jobs', 'resume'], { jobs, course: [{ state: 'failed' }] });
  assert.equal(failed.code, 1);
  const none = await cli(['jobs', 'resume'], { jobs: [makeJob({ state: 'completed' })] });
  assert.deepEqual([none.code, none.stderr], [0, 'There is nothing to resume.\n']);
});

test('retry names the reason and stays until the job ends', async () => {
  const jobs = [makeJob({ id: 12, state: 'completed-with-errors' })];
  const { code, objects, run } = await cli(['--json', 'jobs', 'retry', '12', '--only', 'timeout'], { jobs });
  assert.equal(code, 0);
  assert.deepEqual(run.core.inputs('jobs.retry'), [{ id: 12, only: 'timeout' }]);
  assert.equal(objects.at(-1)?.type, 'result');
});

test('the doctor ends with 3 while something needs attention', async () => {
  const nothing = { repaired: null, repairable: false, remedy: null, affected: [] };
  const check = { name: 'store', state: 'ok' as const, message: '200 images read again', ...nothing };
  const bad = { ...check, name: 'orphans', state: 'warning' as const, message: '3 files without a row' };
  const well = await cli(['doctor'], { doctor: { ok: true, checks: [check] } });
  assert.equal(well.code, 0);
  assert.equal(well.stdout, 'ok       store: 200 images read again\nEverything is in order.\n');
  assert.deepEqual(well.run.core.inputs('doctor.run'), [{ all: false, repair: false }]);

  const ill = await cli(['doctor'], { doctor: { ok: true, checks: [check, { ...bad, repairable: true }] } });
  assert.equal(ill.code, 3);
  assert.match(ill.stdout, /^warning {2}orphans: 3 files without a row$/m);
  assert.match(ill.stderr, /: pixcrawler doctor --repair$/m);
  const read = await cli(['doctor', '--all'], { doctor: { ok: true, checks: [{ ...bad, repairable: true }] } });
  assert.match(read.stderr, /: pixcrawler doctor --all --repair$/m);
  const helpless = await cli(['doctor'], { doctor: { ok: true, checks: [bad] } });
  assert.deepEqual([helpless.code, helpless.stderr], [3, '']);
  assert.equal((await cli(['doctor'], { doctor: { ok: false, checks: [{ ...check, state: 'error' }] } })).code, 3);

  const datasets = ['birds', 'robins', 'small', 'red', 'old'].map((dataset) => ({ project: 'garden', dataset }));
  const lost = { sha256: 'ab'.repeat(32), problem: 'file-missing' as const, datasets: datasets.slice(0, 1) };
  const affected = [
    { ...lost, name: 'robin.jpg', from: '/photos/robin.jpg' },
    { ...lost, name: 'shared.jpg', from: null, datasets },
  ];
  const remedy = 'Import the files again.';
  const named = await cli(['doctor'], { doctor: { ok: false, checks: [{ ...bad, affected, remedy }] } });
  assert.match(named.stdout, /^ +(ab){32} {2}file-missing {2}garden\/birds +robin\.jpg +\/photos\/robin\.jpg$/m);
  assert.match(named.stdout, / {2}garden\/birds, garden\/robins, garden\/small, and 2 more {2}shared\.jpg/);
  assert.match(named.stdout, /^ +to do: Import the files again\.$/m);

  const mended = await cli(['--json', 'doctor', '--repair', '--all'], {
    doctor: { ok: true, checks: [{ ...bad, repaired: 'moved to the trash' }] },
  });
  assert.equal(mended.code, 0);
  assert.deepEqual(mended.run.core.inputs('doctor.run'), [{ all: true, repair: true }]);
  assert.deepEqual(mended.objects, [
    { type: 'check', ...bad, repaired: 'moved to the trash' },
    { type: 'report', ok: true },
  ]);
});

test('settings are listed, read alone, and set', async () => {
  const setting = {
    name: 'crawl.delayMs',
    value: 1000,
    defaultValue: 1000,
    from: 'default' as const,
    isSecret: false,
    environmentVariable: 'PIXCRAWLER_CRAWL_DELAY_MS',
    description: 'Least milliseconds.',
  };
  const settings = [setting];
  assert.match(
    (await cli(['config', 'list'], { settings })).stdout,
    /^crawl\.delayMs {2}1000 +default +Least milliseconds\.$/m,
  );
  assert.deepEqual((await cli(['--json', 'config', 'list'], { settings })).objects, settings);
  assert.equal((await cli(['config', 'get', 'crawl.delayMs'], { settings })).stdout, '1000\n');
  const unset = await cli(['config', 'unset', 'crawl.delayMs'], { settings });
  assert.deepEqual(unset.run.core.inputs('settings.unset'), [{ name: 'crawl.delayMs' }]);
  assert.equal(unset.stdout, 'crawl.delayMs is 1000, from the default.\n');
  const set = await cli(['config', 'set', 'crawl.delayMs', '-5'], { settings });
  assert.deepEqual(set.run.core.inputs('settings.set'), [{ name: 'crawl.delayMs', value: '-5' }]);
  assert.equal(set.stdout, 'crawl.delayMs is -5.\n');
});
