import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ahead, current, decide, doneAgain, goTo, remaining, reviewQueue, takeBack } from './review-queue.ts';

const anyStep = fc.oneof(
  fc.record({ kind: fc.constant('decide' as const) }),
  fc.record({ kind: fc.constant('go' as const), by: fc.integer({ min: -30, max: 30 }) }),
  fc.record({ kind: fc.constant('back' as const), id: fc.nat(25) }),
);

describe('the review queue', () => {
  it('never leaves its ends, counts what is decided once, and keeps its order', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.array(anyStep, { maxLength: 60 }), (count, steps) => {
        const ids = Array.from({ length: count }, (_, at) => at + 1);
        let queue = reviewQueue(ids);
        const decided = new Set<number>();
        for (const step of steps) {
          const front = current(queue);
          if (step.kind === 'decide') {
            queue = decide(queue, 'accepted');
            if (front !== undefined) decided.add(front);
          } else if (step.kind === 'go') queue = goTo(queue, queue.at + step.by);
          else {
            queue = takeBack(queue, [step.id]);
            if (decided.delete(step.id)) assert.equal(current(queue), step.id);
          }
          assert.ok(queue.at >= 0 && queue.at <= count);
          assert.equal(remaining(queue), count - decided.size);
          assert.deepEqual(new Set(queue.decided.keys()), decided);
          assert.equal(queue.ids, ids);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('comes to an end when everything is decided in order', () => {
    let queue = reviewQueue([7, 8, 9]);
    for (let turn = 0; turn < 3; turn += 1) queue = decide(queue, 'rejected');
    assert.equal(current(queue), undefined);
    assert.equal(remaining(queue), 0);
    assert.equal(current(decide(queue, 'rejected')), undefined);
  });

  it('follows a decision that is taken back and done again', () => {
    const decided = decide(reviewQueue([1, 2, 3]), 'rejected');
    const undone = takeBack(decided, [1]);
    assert.equal(current(undone), 1);
    assert.deepEqual(doneAgain(undone, 1, 'rejected'), decided);
    assert.equal(doneAgain(undone, 99, 'rejected'), undone);
  });

  it('skips what was decided before and has the next ones ready', () => {
    let queue = decide(goTo(reviewQueue([1, 2, 3, 4]), 1), 'accepted');
    assert.equal(current(queue), 3);
    queue = decide(goTo(queue, 0), 'accepted');
    assert.equal(current(queue), 3);
    assert.deepEqual(ahead(queue, 2), [3, 4, 2]);
  });
});
