import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atMostEvery } from './at-most-every.ts';

test('it is done at once, and then no more often than it may be, but never forgotten', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let done = 0;
  const { ask, stop } = atMostEvery(500, () => done++);
  for (let asked = 0; asked < 10; asked++) ask();
  assert.equal(done, 1);
  context.mock.timers.tick(499);
  assert.equal(done, 1);
  context.mock.timers.tick(1);
  assert.equal(done, 2);
  context.mock.timers.tick(5_000);
  assert.equal(done, 2, 'nobody has asked since');
  ask();
  assert.equal(done, 3);
  ask();
  stop();
  context.mock.timers.tick(5_000);
  assert.equal(done, 3);
});
