import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Step, StepHistory } from './step-history.ts';

/** A step that adds to a list, and takes away what it had added. */
function adding(list: number[], value: number): Step {
  return {
    title: `gave ${value}`,
    undo: async () => {
      list.splice(list.indexOf(value), 1);
      return `took ${value}`;
    },
    redo: async () => {
      list.push(value);
      return `gave ${value}`;
    },
  };
}

test('undo and redo follow what a list of states says, whatever the order', async () => {
  const action = fc.constantFrom('do', 'undo', 'redo');
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const history = new StepHistory();
      const list: number[] = [];
      let states: number[][] = [[]];
      let at = 0;
      for (const [value, each] of actions.entries()) {
        if (each === 'do') {
          list.push(value);
          history.add(adding(list, value));
          states = [...states.slice(0, at + 1), [...list]];
          at++;
        } else if (each === 'undo') {
          assert.equal((await history.undo()) === null, at === 0);
          at = Math.max(0, at - 1);
        } else {
          assert.equal((await history.redo()) === null, at === states.length - 1);
          at = Math.min(states.length - 1, at + 1);
        }
        assert.deepEqual(list, states[at]);
        assert.equal(history.next.undo?.title, at === 0 ? undefined : `gave ${states[at]?.at(-1)}`);
        assert.equal(history.next.redo?.title, at === states.length - 1 ? undefined : `gave ${states[at + 1]?.at(-1)}`);
      }
    }),
    { numRuns: 200 },
  );
});

test('a step is taken back once, also out of turn, and what cannot be taken back is in the way of nothing', async () => {
  const history = new StepHistory();
  const list = [1, 2];
  const [first, second] = [adding(list, 1), adding(list, 2)];
  history.add(first);
  history.add(second);
  assert.equal((await history.undo(first))?.text, 'took 1');
  assert.equal(await history.undo(first), null);
  assert.equal((await history.redo())?.step, first);
  history.add({ title: 'gone', undo: () => Promise.reject(new Error('it is gone')), redo: async () => '' });
  await assert.rejects(history.undo(), /it is gone/);
  assert.equal((await history.undo())?.step, first);
  assert.equal((await history.undo())?.text, 'took 2');
  assert.deepEqual(list, []);
});
