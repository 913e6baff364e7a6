import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Decision, SampleChange } from '../../../shared/contract/decisions.ts';
import type { SampleSummary } from '../../../shared/contract/samples.ts';
import type { AppError } from '../../../shared/errors.ts';
import { changed, DecisionQueue, type PendingDecision } from './decision-queue.ts';

function sample(id: number): SampleSummary {
  return {
    id,
    datasetId: 1,
    sha256: '0'.repeat(64),
    label: null,
    split: null,
    status: 'quarantined',
    decidedBy: 'rules',
    reasons: ['blurred'],
    keeper: null,
    width: 10,
    height: 10,
    format: 'jpeg',
    bytes: 100,
    dominantColour: 0,
    caption: null,
    tags: ['old'],
    name: null,
    createdAt: 0,
  };
}

const anyChange: fc.Arbitrary<SampleChange> = fc
  .record(
    {
      status: fc.constantFrom('accepted' as const, 'quarantined' as const, 'rejected' as const),
      label: fc.constantFrom('cat', 'dog', null),
      split: fc.constantFrom('train' as const, 'test' as const, null),
      caption: fc.constantFrom('a cat', null),
      addTags: fc.subarray(['a', 'b', 'old']),
      removeTags: fc.subarray(['a', 'b', 'old']),
    },
    { requiredKeys: [] },
  )
  .filter((change) => Object.keys(change).length > 0);
const anyDecision = fc.record({
  change: anyChange,
  ids: fc.subarray([1, 2, 3, 4], { minLength: 1 }),
  everythingBut: fc.boolean(),
  fails: fc.boolean(),
});

function tables() {
  return new Map([1, 2, 3, 4].map((id) => [id, sample(id)]));
}

const hits = ({ target }: PendingDecision, id: number) =>
  target.kind === 'ids' ? target.ids.includes(id) : !target.exceptIds.includes(id);

describe('the decision queue', () => {
  it('shows at every moment what the core says with what is under way, and ends with what the core has', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyDecision, { minLength: 1, maxLength: 8 }), async (decisions) => {
        const core = tables();
        const screen = tables();
        const failing = new Set<SampleChange>();
        const underWay: PendingDecision[] = [];
        const failed: unknown[] = [];
        const check = () => {
          for (const [id, row] of screen) {
            const expected = underWay.reduce(
              (shown, each) => (hits(each, id) ? changed(shown, each.change) : shown),
              row,
            );
            assert.deepEqual(queue.shown(row), expected);
          }
        };
        const queue = new DecisionQueue({
          apply: async (decision) => {
            await new Promise((resolve) => setImmediate(resolve));
            check();
            if (failing.has(decision.change)) throw new Error('no');
            for (const [id, row] of core) if (hits(decision, id)) core.set(id, changed(row, decision.change));
            return { id: 1 } as Decision;
          },
          onDone: (_, change) => {
            underWay.shift();
            for (const [id, row] of screen) screen.set(id, change(row));
          },
          onFailed: (error) => {
            underWay.shift();
            failed.push(error);
          },
          onChange: () => undefined,
        });
        for (const { change, ids, everythingBut, fails } of decisions) {
          const target = everythingBut
            ? ({ kind: 'matching', filter: {}, exceptIds: ids } as const)
            : ({ kind: 'ids', ids } as const);
          const own = { ...change };
          if (fails) failing.add(own);
          underWay.push({ target, change: own });
          queue.decide(target, own);
          check();
        }
        while (queue.pendingCount > 0) await new Promise((resolve) => setImmediate(resolve));
        assert.deepEqual(screen, core);
        assert.equal(failed.length, failing.size);
      }),
    );
  });

  it('shows and sends nothing while the core is away, and the same decision once it is back', async () => {
    let isAway = true;
    const refused: PendingDecision[] = [];
    const applied: PendingDecision[] = [];
    const queue = new DecisionQueue({
      isAway: () => isAway,
      apply: async (decision) => {
        applied.push(decision);
        return { id: 1 } as Decision;
      },
      onDone: () => undefined,
      onFailed: (error, decision) => {
        assert.equal((error as AppError).code, 'unavailable');
        refused.push(decision);
      },
      onChange: () => undefined,
    });
    const decision: PendingDecision = { target: { kind: 'ids', ids: [1] }, change: { status: 'rejected' } };
    assert.equal(queue.decide(decision.target, decision.change), false);
    assert.equal(queue.shown(sample(1)).status, 'quarantined');
    assert.deepEqual([refused, applied, queue.pendingCount], [[decision], [], 0]);
    isAway = false;
    assert.equal(queue.decide(decision.target, decision.change), true);
    assert.equal(queue.shown(sample(1)).status, 'rejected');
    while (queue.pendingCount > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([refused, applied], [[decision], [decision]]);
  });

  it('leaves a sample alone that is as it should be', () => {
    const row = sample(1);
    assert.equal(changed(row, { addTags: ['old'] }), row);
    assert.equal(changed(row, { label: null }), row);
  });

  it('says that a person decided about a status', () => {
    assert.equal(changed(sample(1), { status: 'quarantined' }).decidedBy, 'user');
    assert.equal(changed(sample(1), { label: 'cat' }).decidedBy, 'rules');
  });
});
