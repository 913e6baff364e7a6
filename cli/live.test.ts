import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import picocolors from 'picocolors';
import { displayWidth } from './format.ts';
import { LiveReporter, renderJob } from './live.ts';
import { JobMeter } from './meter.ts';
import { Output } from './output.ts';
import { makeJob } from './testing/fake-core.ts';
import { TestStream } from './testing/host.ts';

const plain = picocolors.createColors(false);

function busyJob() {
  return makeJob({
    id: 12,
    progress: 62.4,
    remainingMs: 10_000,
    counts: {
      discovered: 2000,
      accepted: 1100,
      quarantined: 60,
      duplicates: 40,
      refused: 10,
      failed: 30,
      pagesDiscovered: 160,
      pagesDone: 120,
      bytes: 12_400_000,
    },
    reasons: { 'short-side': 40, 'http-404': 30, blurred: 20 },
  });
}

function busyMeter(): JobMeter {
  const meter = new JobMeter(makeJob({ id: 12, progress: 20 }), 0);
  meter.update(busyJob(), 10_000);
  return meter;
}

function live(columns: number, environment: Record<string, string> = {}) {
  const stream = new TestStream(columns);
  const cleanups = new Set<() => void>();
  const reporter = new LiveReporter(new Output(stream, environment, () => {}), environment, (cleanup) => {
    cleanups.add(cleanup);
    return () => cleanups.delete(cleanup);
  });
  return { stream, reporter, cleanups };
}

test('a frame says how far the job is, how fast, and why images were not kept', () => {
  assert.deepEqual(renderJob(busyMeter(), 10_000, 79, plain, true), [
    'crawl 12  birds  0:10  about 10 s left',
    `  images   ${'█'.repeat(19)}${'░'.repeat(11)}  1,240/2,000  124/s  12.4 MB`,
    `  pages    ${'█'.repeat(23)}${'░'.repeat(7)}  120/160`,
    '  1,100 accepted  60 quarantined  40 duplicates  10 refused  30 failed',
    '  short-side 40  http-404 30  blurred 20',
  ]);
});

test('no line is ever wider than the terminal', () => {
  const meter = busyMeter();
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.boolean(), (columns, blocks) => {
      for (const line of renderJob(meter, 10_000, columns, plain, blocks)) {
        assert.ok(displayWidth(line) <= columns, `${columns}: ${line}`);
      }
    }),
  );
});

test('a job without counts shows its progress', () => {
  const meter = new JobMeter(makeJob({ kind: 'export', progress: 50.9 }), 0);
  const lines = renderJob(meter, 0, 79, plain, false);
  assert.equal(lines[1], `  done     ${'#'.repeat(15)}${'-'.repeat(15)}  50/100  50 %`);
  meter.update(makeJob({ kind: 'export', progress: 0, phase: 'reading' }), 0);
  assert.match(renderJob(meter, 0, 79, plain, false)[1] ?? '', / 0\/100 {2}0 % {2}reading the dataset$/);
});

test('a frame is redrawn in place at most ten times a second', () => {
  const { stream, reporter } = live(80);
  const meter = new JobMeter(makeJob(), 0);
  reporter.update(meter, 1000);
  const drawn = stream.writes.length;
  for (let nowMs = 1001; nowMs < 1100; nowMs += 1) {
    meter.update(makeJob({ progress: nowMs - 1001 }), nowMs);
    reporter.update(meter, nowMs);
  }
  assert.equal(stream.writes.length, drawn);
  meter.update(makeJob({ counts: { discovered: 5 } }), 1100);
  reporter.tick(1100);
  assert.equal(stream.writes.length, drawn + 1);
  assert.ok(stream.writes.at(-1)!.startsWith('\u001b[2A\r'));
});

test('a frame that has wrapped on a narrower terminal is taken away whole', () => {
  const { stream, reporter } = live(80);
  const meter = busyMeter();
  reporter.update(meter, 10_000);
  const widths = renderJob(meter, 10_000, 79, plain, true).map(displayWidth);
  stream.columns = 40;
  reporter.tick(11_000);
  const rows = widths.reduce((sum, width) => sum + Math.ceil(width / 40), 0);
  assert.ok(stream.writes.at(-1)!.startsWith(`\u001b[${rows}A\r`), JSON.stringify(stream.writes.at(-1)));
});

test('a frame is never higher than the screen', () => {
  const { stream, reporter } = live(80);
  stream.rows = 4;
  reporter.update(busyMeter(), 10_000);
  assert.equal(stream.writes.at(-1)!.split('\n').length - 1, 3);
});

test('the cursor comes back, also when the process ends in the middle', () => {
  const first = live(80);
  assert.ok(first.stream.text.startsWith('\u001b[?25l'));
  first.reporter.update(busyMeter(), 10_000);
  first.reporter.close();
  assert.ok(first.stream.text.endsWith('\u001b[?25h'));
  assert.equal(first.cleanups.size, 0);
  const second = live(80);
  for (const cleanup of second.cleanups) cleanup();
  assert.ok(second.stream.text.endsWith('\u001b[?25h'));
});

test('a terminal without block characters gets signs', () => {
  const { stream, reporter } = live(80, { LC_ALL: 'C' });
  reporter.update(busyMeter(), 10_000);
  assert.match(stream.plain, /#{19}-{11}/);
  assert.doesNotMatch(stream.plain, /█/);
});
