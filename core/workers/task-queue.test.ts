import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LANES, type Lane, TaskQueue } from './task-queue.ts';

interface Task {
  readonly lane: Lane;
  readonly name: number;
}

const lane = fc.constantFrom(...LANES);

function takeAll(queue: TaskQueue<Task>): Task[] {
  const taken: Task[] = [];
  for (let task = queue.peek(); task !== undefined; task = queue.peek()) {
    queue.remove(task);
    taken.push(task);
  }
  return taken;
}

test('tasks leave by lane, returned ones first, else in the order they came', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ lane, back: fc.boolean() }), { maxLength: 60 }), (steps) => {
      const queue = new TaskQueue<Task>(1000);
      const tasks = steps.map((step, name) => ({ ...step, name }));
      for (const task of tasks)
        if (task.back) queue.giveBack(task);
        else queue.add(task);
      assert.equal(queue.size, tasks.length);
      const expected = LANES.flatMap((each) => {
        const own = tasks.filter((task) => task.lane === each);
        return [...own.filter((task) => task.back), ...own.filter((task) => !task.back)];
      });
      assert.deepEqual(takeAll(queue), expected);
      assert.equal(queue.size, 0);
    }),
    { numRuns: 200 },
  );
});

test('whenSpace waits while the queue is full, and an aborted waiter gives its turn away', async () => {
  const queue = new TaskQueue<Task>(1);
  const first: Task = { lane: 'bulk', name: 1 };
  queue.add(first);
  const aborter = new AbortController();
  const order: string[] = [];
  const waits = [
    queue.whenSpace(aborter.signal).then(() => order.push('aborted')),
    queue.whenSpace().then(() => order.push('patient')),
  ];
  await Promise.resolve();
  assert.deepEqual(order, []);
  queue.remove(first);
  aborter.abort();
  await Promise.all(waits);
  assert.deepEqual(order.sort(), ['aborted', 'patient']);
});
