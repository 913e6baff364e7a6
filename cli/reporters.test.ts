import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JobMeter } from './meter.ts';
import { Output } from './output.ts';
import { JsonReporter, PlainReporter } from './reporters.ts';
import { makeJob } from './testing/fake-core.ts';
import { TestStream } from './testing/host.ts';

function output() {
  const stream = new TestStream();
  return { stream, out: new Output(stream, {}, () => {}) };
}

test('JSON progress comes at once, then once a second, then at the end', () => {
  const { stream, out } = output();
  const reporter = new JsonReporter(out);
  const meter = new JobMeter(makeJob(), 0);
  for (let nowMs = 0; nowMs <= 2500; nowMs += 100) {
    meter.update(makeJob({ progress: nowMs / 100 }), nowMs);
    reporter.update(meter, nowMs);
  }
  meter.update(makeJob({ state: 'completed', progress: 100 }), 2550);
  reporter.update(meter, 2550);
  reporter.tick(9000);
  const lines = stream.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { progress: number; type: string });
  assert.deepEqual(
    lines.map(({ progress }) => progress),
    [0, 10, 20, 100],
  );
  assert.ok(lines.every(({ type }) => type === 'progress'));
});

test('what changed between two lines is told when the time has come', () => {
  const { stream, out } = output();
  const reporter = new PlainReporter(out);
  const meter = new JobMeter(makeJob(), 0);
  reporter.update(meter, 0);
  meter.update(
    makeJob({
      progress: 40,
      remainingMs: 10_000,
      counts: { discovered: 2000, accepted: 700, failed: 100, pagesDiscovered: 9, pagesDone: 4 },
    }),
    3000,
  );
  reporter.update(meter, 3000);
  reporter.tick(4999);
  assert.equal(stream.text, 'crawl 1 birds: 0 %\n');
  reporter.tick(5000);
  reporter.tick(10_000);
  assert.equal(
    stream.text.split('\n')[1],
    'crawl 1 birds: 40 %, images 800/2,000 (160/s), pages 4/9, accepted 700, failed 100, about 10 s left',
  );
  assert.equal(stream.text.split('\n').length, 3);
});

test('a line says what an export is at', () => {
  const { stream, out } = output();
  new PlainReporter(out).update(new JobMeter(makeJob({ kind: 'export', phase: 'reading' }), 0), 0);
  assert.equal(stream.text, 'export 1 birds: 0 %, reading the dataset\n');
});

test('a line says until when a site rests', () => {
  const { stream, out } = output();
  const reporter = new PlainReporter(out);
  const meter = new JobMeter(makeJob({ progress: 40 }), 0);
  const untilMs = new Date(2026, 2, 1, 14, 5, 9).getTime();
  const resting = { waiting: 3, inFlight: 0, delayMs: 0, failures: 1, medianResponseMs: 10, nextDueAt: untilMs };
  meter.noteSites([
    { ...resting, site: 'example.org', trouble: 'resting' },
    { ...resting, site: 'example.net', trouble: 'resting' },
  ]);
  reporter.update(meter, 5000);
  assert.equal(stream.text, 'crawl 1 birds: 40 %, example.org rests until 14:05:09, and 1 more site until later\n');
});
