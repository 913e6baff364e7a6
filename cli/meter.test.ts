import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JobMeter, rankedReasons, SlidingRate } from './meter.ts';
import { makeJob } from './testing/fake-core.ts';

test('a rate is that of the window, and a stall counts', () => {
  const rate = new SlidingRate(10_000);
  rate.add(0, 0);
  assert.equal(rate.perSecond(500), null);
  for (let second = 1; second <= 20; second += 1)
    rate.add(second * (second <= 10 ? 100 : 0) + (second > 10 ? 1000 : 0), second * 1000);
  assert.equal(rate.perSecond(20_000), 0);
  rate.add(1500, 25_000);
  assert.equal(Math.round(rate.perSecond(25_000)!), 50);
  const before = rate.perSecond(26_000)!;
  assert.ok(rate.perSecond(32_000)! < before);
});

test('a count that is put back does not give a negative rate', () => {
  const rate = new SlidingRate(10_000);
  rate.add(100, 0);
  rate.add(40, 5000);
  assert.equal(rate.perSecond(5000), 0);
});

test('the pace is that of what settled, and time is counted from where the following began', () => {
  const meter = new JobMeter(makeJob(), 0);
  meter.update(makeJob({ counts: { accepted: 30, failed: 10 } }), 10_000);
  assert.equal(meter.imagesPerSecond(10_000), 4);
  assert.equal(meter.elapsedMs(10_000), 10_000);
});

test('reasons are ranked by how often they occur, then by name', () => {
  assert.deepEqual(rankedReasons({ flat: 2, blurred: 2, 'http-404': 9 }), [
    ['http-404', 9],
    ['blurred', 2],
    ['flat', 2],
  ]);
});

test('a job that does nothing tells which site it waits for first, until it goes on', () => {
  const site = (name: string, trouble: 'resting' | 'parked' | 'slowed', nextDueAt: number) => ({
    site: name,
    waiting: 3,
    inFlight: 0,
    delayMs: 0,
    trouble,
    failures: 1,
    medianResponseMs: 10,
    nextDueAt,
  });
  const meter = new JobMeter(makeJob(), 0);
  meter.noteSites([
    site('later', 'resting', 90_000),
    site('first', 'parked', 60_000),
    site('slow', 'slowed', 50_000),
    site('over', 'resting', 4_000),
  ]);
  assert.equal(meter.resting(1_000), null, 'it may go on any moment');
  assert.deepEqual(meter.resting(5_000), { site: 'first', untilMs: 60_000, others: 1 });
  meter.update(makeJob({ counts: { accepted: 1 } }), 6_000);
  assert.equal(meter.resting(6_500), null);
  meter.update(makeJob({ state: 'paused', counts: { accepted: 1 } }), 7_000);
  assert.equal(meter.resting(20_000), null);
});
