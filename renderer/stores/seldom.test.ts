import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seldom } from './seldom.ts';

const SOON_MS = 150;
const EVERY_MS = 1_000;
/** Time passes in such steps: within one the mocked clock already shows its end. */
const STEP_MS = 50;

test('whoever asks after a pause is answered soon, and however many ask, it runs no more often than it may', (context) => {
  fc.assert(
    fc.property(fc.array(fc.nat(60), { minLength: 1, maxLength: 20 }), (pauses) => {
      context.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
      const runs: number[] = [];
      const { ask } = seldom(() => runs.push(Date.now()), { soonMs: SOON_MS, everyMs: EVERY_MS });
      const asked: number[] = [];
      for (const steps of pauses) {
        for (let step = 0; step < steps; step++) context.mock.timers.tick(STEP_MS);
        asked.push(Date.now());
        ask();
      }
      for (let ms = 0; ms < EVERY_MS; ms += STEP_MS) context.mock.timers.tick(STEP_MS);
      context.mock.timers.reset();
      assert.equal(runs[0], asked[0]! + SOON_MS);
      for (const [at, ranAt] of runs.entries()) assert.ok(at === 0 || ranAt - runs[at - 1]! >= EVERY_MS);
      for (const askedAt of asked) {
        const answeredAt = runs.find((ranAt) => ranAt >= askedAt);
        assert.ok(answeredAt !== undefined && answeredAt - askedAt <= EVERY_MS);
        const before = runs.findLast((ranAt) => ranAt < askedAt);
        if (before === undefined || before + EVERY_MS <= askedAt) assert.ok(answeredAt - askedAt <= SOON_MS);
      }
    }),
  );
});

test('what is cancelled does not run', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  let runs = 0;
  const { ask, cancel } = seldom(() => runs++, { soonMs: SOON_MS, everyMs: EVERY_MS });
  ask();
  cancel();
  context.mock.timers.tick(EVERY_MS);
  assert.equal(runs, 0);
});
