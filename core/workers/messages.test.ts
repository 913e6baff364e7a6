import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lastBegun, parseMessage } from './messages.ts';

test('what a worker says is taken when it is a message and refused when it is not', () => {
  const running = [{ id: 3, index: -1, elapsedMs: 12.5 }];
  for (const message of [
    { type: 'ready' },
    { type: 'done', id: 3, output: [1], rssBytes: 5 },
    { type: 'failed', id: 3, code: 'disk-full', message: 'no room', rssBytes: 5 },
    { type: 'dropped', id: 3 },
    { type: 'alive', rssBytes: 5, running },
    { type: 'breaking', id: null, index: -1, why: 'memory' },
  ]) {
    assert.deepEqual(parseMessage(message), message);
  }
  for (const message of [
    null,
    'ready',
    { type: 'done', id: -1, output: [], rssBytes: 5 },
    { type: 'done', id: 1.5, output: [], rssBytes: 5 },
    { type: 'done', id: 1, output: [] },
    { type: 'failed', id: 1, message: 5, rssBytes: 5 },
    { type: 'alive', rssBytes: 5, running: [{ id: 'x' }] },
    { type: 'breaking', id: 1, index: 0, why: 'boredom' },
    { type: 'toString' },
  ]) {
    assert.equal(parseMessage(message), undefined);
  }
});

test('an unknown error code never becomes one of ours', () => {
  const message = parseMessage({ type: 'failed', id: 1, code: 'constructor', message: 'm', rssBytes: 1 });
  assert.equal(message?.type === 'failed' && message.code, null);
});

test('any value at all is parsed without a throw', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => void parseMessage(value)),
    { numRuns: 500 },
  );
});

test('the item begun last is found among the lines of other tasks and noise', () => {
  const tail = '2 11   \n7 0\n7 1 \nlibrary: 7 9 warnings\n8 4\n7 12\n8 5\n7 1';
  assert.equal(lastBegun(tail, 7), 1);
  assert.equal(lastBegun(tail, 8), 5);
  assert.equal(lastBegun(tail, 1), null);
});
