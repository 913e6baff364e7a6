import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_COUNTS } from '../../shared/contract/jobs.ts';
import { JobTally } from './job-tally.ts';
import { RemainingTime } from './remaining-time.ts';

const TICK_MS = 250;

interface SimulatedSite {
  readonly images: number;
  /** Milliseconds between two images. */
  readonly gapMs: number;
}

interface Told {
  readonly atMs: number;
  readonly remainingMs: number | null;
  readonly progress: number;
}

/**
 * A crawl whose pages are read first, one a gap, with all images found on the last; sites are then asked each at its own
 * pace, and images settle in batches, or after two seconds.
 */
function simulate(sites: readonly SimulatedSite[], pages: number, batch: number): { told: Told[]; endMs: number } {
  const tally = new JobTally(NO_COUNTS, {}, 0);
  const remaining = new RemainingTime();
  tally.add({ pagesDiscovered: pages });
  const left = sites.map(({ images }) => images);
  const due = sites.map(({ gapMs }) => pages * 500 + gapMs);
  const told: Told[] = [];
  let arrived = 0;
  let settledMs = 0;
  for (let nowMs = 0; ; nowMs += TICK_MS) {
    while (tally.counts.pagesDone < pages && (tally.counts.pagesDone + 1) * 500 <= nowMs) tally.add({ pagesDone: 1 });
    if (tally.counts.pagesDone === pages && tally.counts.discovered === 0) {
      tally.add({ discovered: sites.reduce((sum, { images }) => sum + images, 0) });
    }
    for (const [index, { gapMs }] of sites.entries()) {
      while ((left[index] as number) > 0 && (due[index] as number) <= nowMs) {
        left[index] = (left[index] as number) - 1;
        due[index] = (due[index] as number) + gapMs;
        arrived++;
      }
    }
    const isOver = tally.counts.pagesDone === pages && left.every((count) => count === 0);
    if (arrived >= batch || nowMs - settledMs >= 2_000 || isOver) {
      tally.add({ accepted: arrived });
      arrived = 0;
      settledMs = nowMs;
    }
    remaining.note(tally.work, nowMs);
    const ends =
      tally.counts.pagesDone < pages
        ? 0
        : Math.max(...sites.map((site, i) => nowMs + (left[i] as number) * site.gapMs));
    told.push({ atMs: nowMs, remainingMs: remaining.of(tally.work, ends, nowMs), progress: tally.progress });
    if (isOver) return { told, endMs: nowMs };
  }
}

test('once a fifth of a crawl is over, what is left is told, within a factor of two', () => {
  const site = fc.record({ images: fc.integer({ min: 1, max: 400 }), gapMs: fc.integer({ min: 100, max: 1_500 }) });
  fc.assert(
    fc.property(
      fc.array(site, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 10 }),
      (sites, pages, batch) => {
        const { told, endMs } = simulate(sites, pages, batch);
        fc.pre(endMs > 30_000);
        for (const { atMs, progress, remainingMs } of told) {
          if (progress < 20 || atMs < endMs / 5) continue;
          const trueMs = endMs - atMs;
          if (trueMs < 5_000) continue;
          assert.ok(remainingMs !== null, `nothing told at ${atMs} of ${endMs} ms`);
          assert.ok(remainingMs <= trueMs * 2 && remainingMs >= trueMs / 2, `${remainingMs} of ${trueMs} ms left`);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('two pages, one closed, and 163 images at 2.8 a second: nothing is told too early, and then what is true', () => {
  const { told, endMs } = simulate([{ images: 163, gapMs: 357 }], 2, 5);
  assert.equal(told.find(({ atMs }) => atMs === 3_000)?.remainingMs, null);
  const first = told.find(({ remainingMs }) => remainingMs !== null);
  assert.ok(first !== undefined && first.atMs < endMs / 5, `told from ${first?.atMs} ms on`);
  const trueMs = endMs - first.atMs;
  assert.ok((first.remainingMs ?? 0) > trueMs / 2 && (first.remainingMs ?? 0) < trueMs * 2);
});

test('once pages lead to no more pages, what the rest of them will bring is reckoned with', () => {
  const tally = new JobTally(NO_COUNTS, {}, 0);
  const remaining = new RemainingTime();
  tally.add({ pagesDiscovered: 1 });
  let told: number | null = null;
  for (let second = 1; second <= 40; second++) {
    // The first of 40 pages leads to the others; each has 7 images, which take a second with it.
    tally.add({ pagesDiscovered: second === 1 ? 39 : 0, pagesDone: 1, discovered: 7, accepted: 7 });
    remaining.note(tally.work, second * 1_000);
    told = remaining.of(tally.work, 0, second * 1_000);
    if (second < 20) assert.equal(told, null);
    const trueMs = (40 - second) * 1_000;
    if (second >= 20 && trueMs > 0)
      assert.ok(told !== null && told > trueMs / 2 && told < trueMs * 2, `${told} of ${trueMs}`);
  }
});

test('nothing is told while pages lead to more pages, and with a limit the images found may be enough', () => {
  const tally = new JobTally(NO_COUNTS, {}, 0);
  const unlimited = new RemainingTime();
  tally.add({ pagesDiscovered: 100 });
  for (let nowMs = 0; nowMs <= 60_000; nowMs += TICK_MS) {
    tally.add({ pagesDiscovered: 2, pagesDone: 1, discovered: 20, accepted: 1 });
    unlimited.note(tally.work, nowMs);
    assert.equal(unlimited.of(tally.work, 0, nowMs), null);
  }
  const limited = new RemainingTime();
  tally.limit({ maxImages: tally.kept + 240, maxPages: Number.MAX_SAFE_INTEGER });
  for (let nowMs = 0; nowMs <= 30_000; nowMs += TICK_MS) {
    tally.add({ pagesDiscovered: 2, pagesDone: 1, discovered: 20, accepted: 1 });
    limited.note(tally.work, nowMs);
  }
  const remainingMs = limited.of(tally.work, 0, 30_000) ?? 0;
  assert.ok(Math.abs(remainingMs - 29_750) < 2_000, `${remainingMs} ms`);
});

test('a stall makes it longer, and when all is done there is nothing to tell', () => {
  const tally = new JobTally(NO_COUNTS, {}, 0);
  const remaining = new RemainingTime();
  for (let second = 0; second <= 40; second++) {
    tally.advance(second, 80);
    remaining.note(tally.work, second * 1_000);
  }
  const before = remaining.of(tally.work, 0, 40_000) ?? 0;
  assert.ok(Math.abs(before - 40_000) < 1_500, `${before} ms`);
  assert.ok((remaining.of(tally.work, 0, 60_000) ?? 0) > before * 1.5);
  tally.advance(80, 80);
  assert.equal(remaining.of(tally.work, 0, 61_000), null);
});
