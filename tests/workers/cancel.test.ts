/** An aborted call stops for good and soon, and costs nobody else anything. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMs, fakePool, isRunning, onLinux, pids, requestsOf, until, verdicts } from './pools.ts';

test('G7.6 a cancelled call of 10,000 images ends within a second and leaves the CPU quiet', async (t) => {
  const pool = fakePool(t);
  await pool.inspect(requestsOf(['warm', 'up']));
  const aborter = new AbortController();
  const commands = Array.from({ length: 10_000 }, () => 'busy:5');
  const call = pool.inspect(requestsOf(commands), { signal: aborter.signal, lane: 'bulk' });
  const ended = assert.rejects(call, { code: 'cancelled' });
  await sleep(200);
  const startMs = performance.now();
  aborter.abort();
  await ended;
  assert.ok(performance.now() - startMs <= 1000, `ended after ${performance.now() - startMs} ms`);
  assert.deepEqual(pool.status().queued, { screen: 0, arrivals: 0, bulk: 0 });
  assert.ok(pool.status().processes.every(({ tasks }) => tasks === 0));
  if (onLinux) {
    const quiet = pids(pool);
    const beforeMs = quiet.map(cpuMs);
    await sleep(300);
    for (const [place, pid] of quiet.entries()) {
      assert.ok(cpuMs(pid) - (beforeMs[place] as number) <= 100, 'the process goes on computing');
    }
  }
  assert.deepEqual(verdicts(await pool.inspect(requestsOf(['a', 'b']))), ['ok:a', 'ok:b'], 'the rest can be resumed');
});

test('G7.6 work that does not end by itself is killed, and its neighbours run again unharmed', async (t) => {
  const pool = fakePool(t, { processes: 1, extraProcesses: 0, hangingAfterMs: 60_000 });
  await pool.inspect(requestsOf(['warm up']));
  const [pid] = pids(pool) as [number];
  const aborter = new AbortController();
  const spinning = pool.inspect(requestsOf(['spin']), { signal: aborter.signal });
  const ended = assert.rejects(spinning, { code: 'cancelled' });
  const broken: number[] = [];
  const neighbour = pool.inspect(requestsOf(['a', 'b', 'c']), { onBroken: (index) => broken.push(index) });
  await sleep(100);
  const startMs = performance.now();
  aborter.abort();
  await ended;
  assert.ok(performance.now() - startMs <= 1000, `ended after ${performance.now() - startMs} ms`);
  await until('the spinning process is gone', () => !isRunning(pid), 1000);
  assert.deepEqual(verdicts(await neighbour), ['ok:a', 'ok:b', 'ok:c']);
  assert.deepEqual(broken, [], 'a cancelled neighbour is nobody else’s fault');
  assert.equal(pool.status().restarts, 0);
});

test('a call that is aborted before it starts runs nothing', async (t) => {
  const pool = fakePool(t);
  const attempts: unknown[] = [];
  await assert.rejects(
    pool.inspect(requestsOf(['a']), { signal: AbortSignal.abort(), beforeAttempt: (i) => void attempts.push(i) }),
    { code: 'cancelled' },
  );
  assert.deepEqual(attempts, []);
  assert.deepEqual(pool.status().processes, []);
});

test('what is on screen overtakes bulk work', async (t) => {
  const pool = fakePool(t, { processes: 1, extraProcesses: 0 });
  await pool.inspect(requestsOf(['warm up']));
  const order: string[] = [];
  const bulk = pool
    .inspect(requestsOf(Array.from({ length: 400 }, () => 'busy:2')), { lane: 'bulk' })
    .then(() => order.push('bulk'));
  await sleep(20);
  const screen = pool.inspect(requestsOf(['a', 'b']), { lane: 'screen' }).then(() => order.push('screen'));
  await Promise.all([bulk, screen]);
  assert.deepEqual(order, ['screen', 'bulk']);
});
