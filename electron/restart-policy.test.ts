import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CORE_RESTARTS, PAGE_RELOADS, planRestart, type RestartRule } from './restart-policy.ts';

const rules = fc.record<RestartRule>({
  limit: fc.integer({ min: 1, max: 8 }),
  spanMs: fc.integer({ min: 1, max: 1_000_000 }),
  firstDelayMs: fc.integer({ min: 0, max: 5_000 }),
  maxDelayMs: fc.integer({ min: 0, max: 60_000 }),
});
const gaps = fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 1, maxLength: 40 });
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** What is decided at each of a row of ends, as the supervisor decides it. */
function run(rule: RestartRule, gapsMs: readonly number[], random: number) {
  let endsMs: readonly number[] = [];
  let nowMs = 0;
  return gapsMs.map((gapMs) => {
    nowMs += gapMs;
    const plan = planRestart(rule, endsMs, nowMs, random);
    endsMs = plan.endsMs;
    return { nowMs, ...plan };
  });
}

test('within any span, at most as many starts follow as the rule allows', () => {
  fc.assert(
    fc.property(rules, gaps, chance, (rule, gapsMs, random) => {
      const starts = run(rule, gapsMs, random).filter(({ delayMs }) => delayMs !== null);
      for (const { nowMs } of starts) {
        const within = starts.filter((other) => other.nowMs <= nowMs && nowMs - other.nowMs < rule.spanMs);
        assert.ok(within.length <= rule.limit);
      }
    }),
    { numRuns: 300 },
  );
});

test('it is given up only when the limit is passed within one span', () => {
  fc.assert(
    fc.property(rules, gaps, chance, (rule, gapsMs, random) => {
      for (const { nowMs, endsMs, delayMs } of run(rule, gapsMs, random)) {
        assert.ok(endsMs.every((endMs) => nowMs - endMs < rule.spanMs));
        assert.equal(delayMs === null, endsMs.length > rule.limit);
      }
    }),
    { numRuns: 300 },
  );
});

test('waits lie in the upper half of a bound that doubles up to its cap', () => {
  fc.assert(
    fc.property(rules, gaps, chance, (rule, gapsMs, random) => {
      for (const { endsMs, delayMs } of run(rule, gapsMs, random)) {
        if (delayMs === null) continue;
        const boundMs = Math.min(rule.maxDelayMs, rule.firstDelayMs * 2 ** (endsMs.length - 1));
        assert.ok(delayMs >= Math.floor(boundMs / 2) && delayMs <= boundMs);
      }
    }),
    { numRuns: 300 },
  );
});

test('the core is started five times in ten minutes, and a page reloaded three times in one', () => {
  const second = (count: number) => Array.from({ length: count }, () => 1_000);
  const decided = (rule: RestartRule, count: number) => run(rule, second(count), 0).map(({ delayMs }) => delayMs);
  assert.deepEqual(decided(CORE_RESTARTS, 6), [250, 500, 1_000, 2_000, 4_000, null]);
  assert.deepEqual(decided(PAGE_RELOADS, 4), [0, 0, 0, null]);
  const [late] = run(CORE_RESTARTS, [...second(5), 600_000], 0).slice(-1);
  assert.equal(late?.delayMs, 250);
  const [early] = run(CORE_RESTARTS, [...second(5), 595_999], 0).slice(-1);
  assert.equal(early?.delayMs, null);
});
