import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aloneOf, attemptOf, BREAK_SUSPICION, hasBroken, isSetAside, pointsOfDeath } from './suspicion.ts';

/** What happens to a file: a core dies while it is open, or while it is seen open alone, or it breaks a worker process. */
const history = fc.array(fc.constantFrom('death', 'death alone', 'break'), { maxLength: 14 });

function suspicionAfter(events: readonly string[]): number {
  let points = 0;
  for (const event of events) {
    if (event === 'break') points += BREAK_SUSPICION;
    else {
      const left = event === 'death' ? [attemptOf(7)] : [attemptOf(7), aloneOf(7)];
      points += pointsOfDeath(left).get(7) ?? 0;
    }
  }
  return points;
}

test('a file is set aside at the second death that found it open alone, or at the tenth at all, and not before', () => {
  fc.assert(
    fc.property(history, (events) => {
      let suspicion = 0;
      let seen: string[] = [];
      for (const event of events) {
        // It would not have been opened any more.
        if (isSetAside(suspicion)) break;
        seen = [...seen, event];
        suspicion = suspicionAfter(seen);
      }
      const alone = seen.filter((event) => event === 'death alone').length;
      const deaths = seen.filter((event) => event !== 'break').length;
      assert.equal(isSetAside(suspicion), alone >= 2 || deaths >= 10);
      assert.equal(hasBroken(suspicion), seen.includes('break'));
    }),
    { numRuns: 1_000 },
  );
});

test('each file gets its own points, and what is no attempt gets none', () => {
  const points = pointsOfDeath([attemptOf(1), attemptOf(2), aloneOf(2), '', 'x!']);
  assert.deepEqual(
    [...points],
    [
      [1, 1],
      [2, 101],
    ],
  );
});
