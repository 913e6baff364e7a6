import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { RequestOutcome } from './site.ts';
import { createSiteSchedule, type SiteSchedule } from './site-schedule.ts';

const OK: RequestOutcome = { kind: 'success', durationMs: 50 };
const BROKEN: RequestOutcome = { kind: 'transient', durationMs: 50 };
const SITE = 'https://example.com';

/** Takes one item at its due time, ends it as told, and gives the time of its start. */
function step(schedule: SiteSchedule<number>, nowMs: number, outcome: RequestOutcome = OK): number {
  const startMs = Math.max(nowMs, schedule.nextDueAt() ?? Number.NaN);
  assert.ok(Number.isFinite(startMs), 'nothing is due');
  const taken = schedule.take(startMs);
  assert.ok(taken !== null);
  schedule.finished(taken.site, outcome, startMs + outcome.durationMs);
  return startMs;
}

function offerMany(schedule: SiteSchedule<number>, count: number, site = SITE): void {
  for (let item = 0; item < count; item += 1) schedule.offer(site, item);
}

test('one request at a time, a second apart, by default', () => {
  const schedule = createSiteSchedule<number>();
  offerMany(schedule, 3);
  assert.equal(schedule.take(10_000)?.item, 0);
  assert.equal(schedule.take(20_000), null);
  assert.equal(schedule.nextDueAt(), null);
  schedule.finished(SITE, OK, 10_500);
  assert.equal(schedule.nextDueAt(), 11_000);
  assert.equal(schedule.take(10_999), null);
  assert.equal(schedule.take(11_000)?.item, 1);
  assert.deepEqual([schedule.queued, schedule.inFlight], [1, 1]);
});

test('lanes go in order, first in first out within each', () => {
  const schedule = createSiteSchedule<number>({ delayMs: 0 });
  for (const [item, lane] of [
    [1, 2],
    [2, 1],
    [3, 0],
    [4, 1],
    [5, 2],
    [6, 0],
  ] as const)
    schedule.offer(SITE, item, lane);
  const order: number[] = [];
  for (let count = 0; count < 6; count += 1) {
    order.push(schedule.take(0)?.item as number);
    schedule.finished(SITE, OK, 0);
  }
  assert.deepEqual(order, [3, 6, 2, 4, 1, 5]);
});

test('a Crawl-delay longer than ours holds, a shorter one does not', () => {
  const schedule = createSiteSchedule<number>({ delayMs: 1_000 });
  offerMany(schedule, 4);
  step(schedule, 0);
  schedule.setCrawlDelay(SITE, 5_000);
  assert.equal(schedule.nextDueAt(), 5_000);
  step(schedule, 0);
  schedule.setCrawlDelay(SITE, 10);
  assert.equal(schedule.nextDueAt(), 6_000);
});

test('requests outside the queue book their start', () => {
  const schedule = createSiteSchedule<number>();
  schedule.offer(SITE, 1);
  assert.equal(schedule.reserve(SITE, 500), 500);
  assert.equal(schedule.reserve(SITE, 600), 1_500);
  assert.equal(schedule.nextDueAt(), 2_500);
});

test('Retry-After keeps the whole site waiting and nobody else', () => {
  const schedule = createSiteSchedule<number>({ delayMs: 0, perHost: 4 });
  offerMany(schedule, 3);
  schedule.take(0);
  schedule.take(0);
  assert.equal(schedule.finished(SITE, { kind: 'throttled', durationMs: 5, retryAfterMs: 120_000 }, 1_000), 'waiting');
  schedule.finished(SITE, OK, 2_000);
  schedule.offer('https://other.example', 9);
  assert.equal(schedule.take(2_000)?.item, 9);
  assert.equal(schedule.take(120_999), null);
  assert.equal(schedule.take(121_000)?.item, 2);
});

test('without the header a throttled site waits 2 s, doubling to 60 s, with jitter that only lengthens', () => {
  for (const jitter of [0, 0.999]) {
    const schedule = createSiteSchedule<number>({ delayMs: 0, random: () => jitter });
    offerMany(schedule, 9);
    const waits: number[] = [];
    let nowMs = 0;
    for (let count = 0; count < 8; count += 1) {
      nowMs = step(schedule, nowMs, { kind: 'throttled', durationMs: 0 });
      waits.push((schedule.nextDueAt() as number) - nowMs);
    }
    [2, 4, 8, 16, 32, 60, 60, 60].forEach((seconds, index) => {
      const wait = waits[index] as number;
      assert.ok(wait >= seconds * 1_000 && wait <= seconds * 1_250, `${wait} after ${index + 1}`);
    });
  }
});

test('five failures in a row park a site; one trial opens it or parks it for twice as long', () => {
  const schedule = createSiteSchedule<number>({ delayMs: 0, probeDelayMs: 10_000 });
  offerMany(schedule, 20);
  for (let count = 0; count < 4; count += 1) step(schedule, 0, BROKEN);
  assert.equal(schedule.state(SITE, 1_000), 'open');
  step(schedule, 0, BROKEN);
  assert.equal(schedule.state(SITE, 1_000), 'parked');
  assert.equal(schedule.nextDueAt(), 10_050);
  step(schedule, 0, BROKEN);
  assert.equal(schedule.nextDueAt(), 10_050 + 50 + 20_000);
  step(schedule, 0, OK);
  assert.equal(schedule.state(SITE, 40_000), 'open');
  assert.equal(schedule.queued, 13);
});

test('an answer that counts, even a 404, ends a run of failures', () => {
  const schedule = createSiteSchedule<number>({ delayMs: 0 });
  offerMany(schedule, 30);
  for (let count = 0; count < 20; count += 1) {
    step(schedule, 0, count % 5 === 4 ? { kind: 'permanent', durationMs: 1 } : BROKEN);
  }
  assert.equal(schedule.state(SITE, 0), 'open');
});

test('a parked site lets one trial through at a time', () => {
  const schedule = createSiteSchedule<number>({ delayMs: 0, perHost: 8, maxFailures: 1, probeDelayMs: 1_000 });
  offerMany(schedule, 10);
  schedule.take(0);
  schedule.take(0);
  schedule.finished(SITE, BROKEN, 0);
  assert.equal(schedule.take(5_000), null, 'one from before is still in flight');
  schedule.finished(SITE, BROKEN, 5_000);
  assert.ok(schedule.take(5_000) !== null);
  assert.equal(schedule.take(5_000), null);
  schedule.finished(SITE, OK, 5_000);
  assert.ok(schedule.take(5_000) !== null);
  assert.ok(schedule.take(5_000) !== null);
});

test('a site whose trials fail is exhausted and keeps its items until they are drained', () => {
  const schedule = createSiteSchedule<number>({ delayMs: 0, maxFailures: 2, probeDelayMs: 100, maxProbes: 2 });
  offerMany(schedule, 8);
  for (let count = 0; count < 5; count += 1) step(schedule, 0, BROKEN);
  assert.equal(schedule.state(SITE, 99_999), 'exhausted');
  assert.deepEqual([schedule.nextDueAt(), schedule.take(1e9)], [null, null]);
  assert.deepEqual(schedule.drain(SITE), [5, 6, 7]);
  assert.equal(schedule.queued, 0);
});

test('15 minutes without an answer that counts park a site that is only ever throttled', () => {
  const schedule = createSiteSchedule<number>({ delayMs: 0, random: () => 0 });
  offerMany(schedule, 100);
  let nowMs = 0;
  while (schedule.state(SITE, nowMs) !== 'parked') {
    assert.ok(nowMs < 16 * 60_000);
    nowMs = step(schedule, nowMs, { kind: 'throttled', durationMs: 0 });
  }
  assert.ok(nowMs >= 15 * 60_000);
});

test('when the median response time triples the rate halves within ten requests, and comes back', () => {
  for (const delayMs of [0, 1_000]) {
    const schedule = createSiteSchedule<number>({ delayMs });
    offerMany(schedule, 400);
    let nowMs = 0;
    const run = (requests: number, durationMs: number): number[] => {
      const starts: number[] = [];
      for (let count = 0; count < requests; count += 1) {
        starts.push(step(schedule, nowMs, { kind: 'success', durationMs }));
        nowMs = (starts.at(-1) as number) + durationMs;
      }
      return starts;
    };
    const gap = (starts: number[]) => (starts.at(-1) as number) - (starts.at(-2) as number);
    const well = gap(run(30, 200));
    assert.ok(gap(run(10, 600)) >= 2 * well, `delay ${delayMs}`);
    assert.ok(gap(run(10, 200)) <= well, `delay ${delayMs}`);
    // Slow for good is not strain for good.
    run(150, 600);
    assert.ok(gap(run(2, 600)) <= Math.max(600, delayMs));
  }
});

test('a saved state keeps its promises in another schedule', () => {
  const first = createSiteSchedule<number>();
  offerMany(first, 2);
  first.setCrawlDelay(SITE, 7_000);
  step(first, 100_000, { kind: 'throttled', durationMs: 0, retryAfterMs: 300_000 });
  const saved = JSON.parse(JSON.stringify(first.save(SITE)));
  const second = createSiteSchedule<number>();
  offerMany(second, 2);
  second.restore(SITE, saved);
  assert.equal(second.nextDueAt(), 400_000);
  step(second, 400_000);
  assert.equal(second.nextDueAt(), 407_000);
});

test('a site given up gets one more trial after a restart', () => {
  const options = { delayMs: 0, maxFailures: 1, probeDelayMs: 10, maxProbes: 1 };
  const first = createSiteSchedule<number>(options);
  offerMany(first, 5);
  for (let count = 0; count < 3; count += 1) step(first, 0, BROKEN);
  assert.equal(first.state(SITE, 0), 'exhausted');
  const second = createSiteSchedule<number>(options);
  second.restore(SITE, first.save(SITE));
  offerMany(second, 5);
  step(second, 0, OK);
  assert.equal(second.state(SITE, 1e6), 'open');
});

test('no more sites are active than asked for, and none starves', () => {
  const schedule = createSiteSchedule<number>({ delayMs: 0, perHost: 2, maxActiveSites: 2 });
  for (let site = 0; site < 5; site += 1) offerMany(schedule, 400, `s${site}`);
  const flying: { site: string; endMs: number }[] = [];
  const lastStart = new Map<string, number>();
  for (let nowMs = 0; schedule.queued > 0; nowMs += 100) {
    for (const done of flying.filter(({ endMs }) => endMs <= nowMs)) {
      flying.splice(flying.indexOf(done), 1);
      schedule.finished(done.site, OK, nowMs);
    }
    for (let taken = schedule.take(nowMs); taken !== null; taken = schedule.take(nowMs)) {
      flying.push({ site: taken.site, endMs: nowMs + (flying.length % 2 === 0 ? 300 : 500) });
      lastStart.set(taken.site, nowMs);
    }
    assert.ok(new Set(flying.map(({ site }) => site)).size <= 2);
    if (nowMs === 20_000) for (let site = 0; site < 5; site += 1) assert.ok((lastStart.get(`s${site}`) ?? 0) > 10_000);
    assert.ok(nowMs < 10_000_000);
  }
});

test('every promise holds in any run, and everything offered is taken once', () => {
  const outcome = fc.record({
    kind: fc.constantFrom('success', 'success', 'permanent', 'transient', 'throttled'),
    durationMs: fc.integer({ min: 0, max: 4_000 }),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 20_000 })),
    /** Until its connection is open and it is written. */
    lateMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 500 })),
  }) as fc.Arbitrary<RequestOutcome & { readonly lateMs: number }>;
  const plan = fc.record({
    perHost: fc.integer({ min: 1, max: 4 }),
    delayMs: fc.constantFrom(0, 50, 1_000),
    crawlDelays: fc.array(fc.constantFrom(0, 300, 2_500), { minLength: 4, maxLength: 4 }),
    items: fc.array(fc.record({ site: fc.nat(3), lane: fc.nat(2), atMs: fc.nat(5_000) }), { maxLength: 60 }),
    outcomes: fc.array(outcome, { minLength: 1, maxLength: 20 }),
  });
  fc.assert(
    fc.property(plan, ({ perHost, delayMs, crawlDelays, items, outcomes }) => {
      const schedule = createSiteSchedule<number>({ perHost, delayMs, maxProbes: 1_000, random: () => 0.5 });
      crawlDelays.forEach((crawlDelayMs, site) => {
        schedule.setCrawlDelay(`s${site}`, crawlDelayMs);
      });
      const waiting = items.map((item, id) => ({ ...item, id })).sort((a, b) => a.atMs - b.atMs);
      const flying: { site: string; sentMs: number; isSent: boolean; endMs: number; outcome: RequestOutcome }[] = [];
      const lastSent = new Map<string, number>();
      const lastStart = new Map<string, number>();
      const notBefore = new Map<string, number>();
      const taken: number[] = [];
      let nowMs = 0;
      for (let turns = 0; taken.length < items.length; turns += 1) {
        assert.ok(turns < 10_000, 'stuck');
        while (waiting[0] !== undefined && waiting[0].atMs <= nowMs) {
          const { site, lane, id } = waiting.shift() as (typeof waiting)[number];
          schedule.offer(`s${site}`, id, lane);
        }
        for (const written of flying.filter(({ isSent, sentMs }) => !isSent && sentMs <= nowMs)) {
          written.isSent = true;
          schedule.left(written.site, nowMs);
          const gapMs = Math.max(delayMs, crawlDelays[Number(written.site.slice(1))] as number);
          assert.ok(nowMs - (lastSent.get(written.site) ?? Number.NEGATIVE_INFINITY) >= gapMs, 'written too early');
          lastSent.set(written.site, nowMs);
        }
        for (const done of flying.filter(({ endMs }) => endMs <= nowMs)) {
          flying.splice(flying.indexOf(done), 1);
          schedule.finished(done.site, done.outcome, nowMs);
          const until = nowMs + (done.outcome.retryAfterMs ?? 0);
          notBefore.set(done.site, Math.max(notBefore.get(done.site) ?? 0, until));
        }
        for (let next = schedule.take(nowMs); next !== null; next = schedule.take(nowMs)) {
          const gapMs = Math.max(delayMs, crawlDelays[Number(next.site.slice(1))] as number);
          assert.ok(nowMs - (lastStart.get(next.site) ?? Number.NEGATIVE_INFINITY) >= gapMs, 'gap too short');
          assert.ok(nowMs >= (notBefore.get(next.site) ?? 0), 'before Retry-After');
          assert.ok(flying.filter(({ site }) => site === next.site).length < perHost, 'too many in flight');
          lastStart.set(next.site, nowMs);
          const result = outcomes[taken.length % outcomes.length] as (typeof outcomes)[number];
          const sentMs = nowMs + result.lateMs;
          const endMs = sentMs + result.durationMs;
          flying.push({ site: next.site, sentMs, isSent: false, endMs, outcome: result });
          taken.push(next.item);
        }
        const ends = flying.map(({ endMs, isSent, sentMs }) => (isSent ? endMs : sentMs));
        const wakeUps = [waiting[0]?.atMs, schedule.nextDueAt(), ...ends];
        const later = wakeUps.filter((atMs) => atMs != null && atMs > nowMs) as number[];
        const zero = ends.some((endMs) => endMs <= nowMs);
        if (!zero) nowMs = later.length === 0 ? nowMs + 1 : Math.min(...later);
      }
      assert.deepEqual(
        taken.toSorted((a, b) => a - b),
        [...items.keys()],
      );
      assert.equal(schedule.queued, 0);
      assert.equal(schedule.inFlight, flying.length);
    }),
    { numRuns: 300 },
  );
});

test('a site in trouble does not slow the others down', () => {
  const schedule = createSiteSchedule<number>({ delayMs: 100 });
  for (let site = 0; site < 20; site += 1) offerMany(schedule, 100, `s${site}`);
  let served = 0;
  for (let nowMs = 0; nowMs < 9_950; nowMs += 50) {
    for (let taken = schedule.take(nowMs); taken !== null; taken = schedule.take(nowMs)) {
      const sick = Number(taken.site.slice(1)) % 2 === 0;
      schedule.finished(taken.site, sick ? { kind: 'throttled', durationMs: 1, retryAfterMs: 60_000 } : OK, nowMs);
      if (!sick) served += 1;
    }
  }
  assert.equal(served, 10 * 100);
});

/** Bytes of the heap that something still refers to. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

/** A schedule of so many sites with so many items. */
function crowded(sites: number, items: number): SiteSchedule<number> {
  const schedule = createSiteSchedule<number>({ delayMs: 1_000, maxActiveSites: 1_000 });
  for (let item = 0; item < items; item += 1) schedule.offer(`https://s${item % sites}.example`, item, item % 3);
  return schedule;
}

/** Takes 20,000 items as they fall due. @returns the time of the processor that it took, in ms: no other program adds to it */
function cpuMsOfTaking(schedule: SiteSchedule<number>): number {
  const start = process.threadCpuUsage();
  let count = 0;
  for (let nowMs = 0; count < 20_000; nowMs += 1_000) {
    for (let taken = schedule.take(nowMs); taken !== null; taken = schedule.take(nowMs)) {
      schedule.finished(taken.site, OK, nowMs + 50);
      count += 1;
    }
  }
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1_000;
}

test('200,000 queued items on 1,000 sites are held leanly', () => {
  const before = heldBytes();
  const schedule = crowded(1_000, 200_000);
  const bytesAnItem = (heldBytes() - before) / 200_000;
  assert.equal(schedule.queued, 200_000);
  assert.ok(bytesAnItem < 40, `${bytesAnItem.toFixed(0)} bytes an item`);
});

test('choosing among forty times the sites and ten times the items costs hardly more', () => {
  let [few, many] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < 5; round += 1) {
    few = Math.min(few, cpuMsOfTaking(crowded(100, 20_000)));
    many = Math.min(many, cpuMsOfTaking(crowded(4_000, 200_000)));
  }
  // The clock may tick in steps of 4 ms.
  assert.ok(
    many <= 3 * few + 8,
    `20,000 items took ${few.toFixed(0)} ms among 100 sites, ${many.toFixed(0)} ms among 4,000`,
  );
});

test('options and reports that cannot be are refused', () => {
  assert.throws(() => createSiteSchedule({ perHost: 9 }), /perHost between 1 and 8, got 9/);
  assert.throws(() => createSiteSchedule({ delayMs: Number.NaN }), RangeError);
  assert.throws(() => createSiteSchedule().finished(SITE, OK, 0), /in flight/);
});

test('the board shows each site as it is', () => {
  const schedule = createSiteSchedule<number>();
  offerMany(schedule, 2);
  schedule.take(5_000);
  assert.deepEqual(schedule.snapshot(5_000), [
    {
      site: SITE,
      state: 'open',
      queued: 1,
      inFlight: 1,
      nextStartAtMs: 6_000,
      gapMs: 1_000,
      isStrained: false,
      medianResponseMs: 0,
      failures: 0,
    },
  ]);
});

test('the gap counts from when a request was written, not from when it was due', () => {
  const schedule = createSiteSchedule<string>({ delayMs: 200, perHost: 2 });
  schedule.offer('http://a:80', 'one');
  schedule.offer('http://a:80', 'two');
  assert.equal(schedule.take(1_000)?.item, 'one');
  assert.deepEqual([schedule.take(9_000), schedule.nextDueAt()], [null, null], 'nobody knows yet from when it counts');
  assert.equal(schedule.left('http://a:80', 1_150), true);
  assert.equal(schedule.take(1_349), null);
  assert.equal(schedule.nextDueAt(), 1_350);
  schedule.sent('http://a:80', 1_100);
  assert.equal(schedule.take(1_350)?.item, 'two', 'an earlier time changes nothing');
});

test('a request that is never written keeps no other waiting', () => {
  const schedule = createSiteSchedule<number>({ delayMs: 200, perHost: 3 });
  offerMany(schedule, 4);
  schedule.take(1_000);
  assert.equal(schedule.left(SITE, null), true);
  schedule.finished(SITE, BROKEN, 1_100);
  assert.equal(schedule.take(1_200)?.item, 1);
  schedule.release(SITE);
  assert.equal(schedule.take(1_400)?.item, 2);
  schedule.finished(SITE, BROKEN, 1_500);
  assert.equal(schedule.take(1_600)?.item, 3, 'what has ended counts as left');
});

test('without a gap requests start together, whether those before were written or not', () => {
  const schedule = createSiteSchedule<number>({ delayMs: 0, perHost: 3 });
  offerMany(schedule, 3);
  assert.deepEqual(
    [0, 0, 0].map((nowMs) => schedule.take(nowMs)?.item),
    [0, 1, 2],
  );
});

test('a place is lost to whatever is booked behind it, where there is a gap', () => {
  const schedule = createSiteSchedule<number>({ delayMs: 0, perHost: 3 });
  offerMany(schedule, 2);
  schedule.take(0);
  const first = schedule.starts(SITE);
  schedule.take(0);
  const second = schedule.starts(SITE);
  assert.deepEqual([schedule.isOvertaken(SITE, first), schedule.isOvertaken(SITE, second)], [false, false]);
  schedule.setCrawlDelay(SITE, 5_000);
  assert.deepEqual([schedule.isOvertaken(SITE, first), schedule.isOvertaken(SITE, second)], [true, false]);
  schedule.reserve(SITE, 0);
  assert.equal(schedule.isOvertaken(SITE, second), true);
});

test('a booked start moves back behind a request that is written late', () => {
  const schedule = createSiteSchedule<number>({ delayMs: 200 });
  offerMany(schedule, 1);
  schedule.take(1_000);
  const startMs = schedule.reserve(SITE, 1_050);
  assert.equal(startMs, 1_200);
  schedule.left(SITE, 1_150);
  assert.equal(schedule.reservedAt(SITE, startMs), 1_350);
});

test('a request outside the queue takes a place as one from it does', () => {
  const schedule = createSiteSchedule<number>({ perHost: 2 });
  offerMany(schedule, 3);
  assert.ok(schedule.enter(SITE, 10_000));
  schedule.left(SITE, 10_000);
  assert.equal(schedule.enter(SITE, 10_999), false, 'the gap');
  assert.equal(schedule.take(11_000)?.item, 0);
  schedule.left(SITE, 11_000);
  assert.deepEqual([schedule.enter(SITE, 20_000), schedule.take(20_000)], [false, null], 'two in flight');
  assert.equal(schedule.finished(SITE, { kind: 'throttled', durationMs: 1, retryAfterMs: 9_000 }, 20_000), 'waiting');
  assert.equal(schedule.enter(SITE, 28_999), false, 'Retry-After');
  assert.ok(schedule.enter(SITE, 29_000));
});

test('a place that is given back says nothing of the site', () => {
  const schedule = createSiteSchedule<number>({ delayMs: 0, maxFailures: 2, probeDelayMs: 100 });
  offerMany(schedule, 9);
  for (let count = 0; count < 2; count += 1) step(schedule, 0, BROKEN);
  assert.equal(schedule.state(SITE, 50), 'parked');
  assert.ok(schedule.enter(SITE, 1_000));
  assert.equal(schedule.take(1_000), null, 'one trial at a time');
  schedule.release(SITE);
  assert.equal(schedule.state(SITE, 1_000), 'parked');
  assert.ok(schedule.take(1_000) !== null);
  assert.throws(() => createSiteSchedule().release(SITE), /in flight/);
});
