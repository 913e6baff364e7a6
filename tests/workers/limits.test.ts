/** Time, memory and silence: what goes over is killed in time, and the rest goes on. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fakePool, isRunning, onLinux, pageOf, pids, requestsOf, rssOf, until, verdicts } from './pools.ts';

const MIB = 1024 * 1024;

test('G7.4 hanging files are each killed in time, and other files go on beside them', async (t) => {
  const pool = fakePool(t, { hangingAfterMs: 200 });
  await pool.inspect(requestsOf(['warm', 'up']));
  const deadlineMs = 3000;
  const hanging = new Set([5, 105]);
  const commands = Array.from({ length: 200 }, (_, at) => (hanging.has(at) ? 'hang' : `slow:${at % 3}`));
  const call = pool.inspect(requestsOf(commands), {
    deadlineMs,
    onBroken: (index, why) => assert.deepEqual([hanging.has(index), why], [true, 'deadline']),
  });
  // A second call comes while a file hangs in either process; it must not have to wait until they are killed.
  await sleep(300);
  const startMs = performance.now();
  const others = Array.from({ length: 100 }, (_, at) => `other ${at}`);
  const answers = await pool.inspect(requestsOf(others), { deadlineMs });
  const tookMs = performance.now() - startMs;
  assert.deepEqual(
    verdicts(answers),
    others.map((each) => `ok:${each}`),
  );
  assert.ok(tookMs < deadlineMs - 400, `100 instant files took ${tookMs} ms beside files that hang`);
  assert.deepEqual(
    verdicts(await call),
    commands.map((each, at) => (hanging.has(at) ? 'unreadable:deadline' : `ok:${each}`)),
  );
});

test('G7.4 the limit counts for each file and not for the batch', async (t) => {
  const pool = fakePool(t, { processes: 1, extraProcesses: 0 });
  const commands = Array.from({ length: 8 }, () => 'slow:150');
  const answers = await pool.inspect(requestsOf(commands), { deadlineMs: 600 });
  assert.ok(verdicts(answers).every((verdict) => verdict === 'ok:slow:150'));
  assert.equal(pool.status().restarts, 0);
});

for (const command of ['spin', 'hang']) {
  test(`G7.4 a page that says "${command}" is killed within half a second of its limit`, async (t) => {
    const pool = fakePool(t);
    await pool.run('extract-page', pageOf('warm up'));
    const deadlineMs = 700;
    const [pid] = pids(pool) as [number];
    const startMs = performance.now();
    const call = pool.run('extract-page', pageOf(command), { deadlineMs });
    call.catch(() => undefined);
    await until('the process is gone', () => !isRunning(pid));
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs >= deadlineMs && tookMs <= deadlineMs + 500, `killed after ${tookMs} ms`);
    await assert.rejects(call, { code: 'internal' });
  });
}

test('G7.5 a process over its memory budget is killed within 500 ms', { skip: !onLinux }, async (t) => {
  const budget = 300 * MIB;
  const pool = fakePool(t, { processes: 1, extraProcesses: 0, memoryBudgetBytes: budget });
  await pool.inspect(requestsOf(['warm up']));
  const [pid] = pids(pool) as [number];
  const call = pool.inspect(requestsOf(['a', 'allocate:1200', 'b']));
  await until('the process is over its budget', () => rssOf(pid) > budget || !isRunning(pid));
  const overMs = performance.now();
  await until('the process is gone', () => !isRunning(pid));
  assert.ok(performance.now() - overMs <= 500, `killed ${performance.now() - overMs} ms after`);
  assert.deepEqual(verdicts(await call), ['ok:a', 'unreadable:poisoned', 'ok:b']);
});

test('G7.5 a process is replaced between tasks after its count of images, and no image notices', async (t) => {
  const pool = fakePool(t, { processes: 1, extraProcesses: 0, recycleImages: 100 });
  await pool.inspect(requestsOf(['warm up']));
  const [before] = pids(pool);
  const commands = Array.from({ length: 400 }, (_, at) => `slow:${at % 2}`);
  const attempts: string[] = [];
  const answers = await pool.inspect(requestsOf(commands), { beforeAttempt: (_, kind) => void attempts.push(kind) });
  assert.deepEqual(
    verdicts(answers),
    commands.map((each) => `ok:${each}`),
  );
  await until('another process has taken over', () => pids(pool).every((pid) => pid !== before));
  assert.equal(pool.status().restarts, 0, 'nothing was broken');
  assert.equal(attempts.length, 20, 'nothing ran twice');
});

test('G7.5 a process that has grown is replaced between tasks, and no image notices', { skip: !onLinux }, async (t) => {
  const pool = fakePool(t, { processes: 1, extraProcesses: 0, recycleRssBytes: 250 * MIB });
  const many = Array.from({ length: 240 }, (_, at) => `${at}`);
  const looked = async (commands: readonly string[]) =>
    assert.deepEqual(
      verdicts(await pool.inspect(requestsOf(commands))),
      commands.map((each) => `ok:${each}`),
    );
  await looked(['grow:250', '1', '2']);
  const [young] = pids(pool) as [number];
  assert.ok(rssOf(young) > 250 * MIB);
  await looked(many.slice(0, 100));
  assert.deepEqual(pids(pool), [young], 'after so few images its size is their own');
  await looked(many);
  await looked(many);
  await until('another process has taken over', () => !isRunning(young));
  const [small] = pids(pool) as [number];
  await looked(many);
  assert.deepEqual(pids(pool), [small], 'one that stays small stays');
  assert.equal(pool.status().restarts, 0, 'nothing was broken');
});

test('a process that falls silent is killed and its work is done elsewhere', { skip: !onLinux }, async (t) => {
  const pool = fakePool(t, { processes: 1, extraProcesses: 0, silenceLimitMs: 800 });
  await pool.inspect(requestsOf(['warm up']));
  const [pid] = pids(pool) as [number];
  process.kill(pid, 'SIGSTOP');
  const startMs = performance.now();
  assert.deepEqual(verdicts(await pool.inspect(requestsOf(['a', 'b']))), ['ok:a', 'ok:b']);
  assert.ok(!isRunning(pid));
  assert.ok(performance.now() - startMs >= 700, 'not before the limit');
});

test('G7.2 a killed process is replaced within a second', async (t) => {
  const pool = fakePool(t, { processes: 1, extraProcesses: 0 });
  await pool.inspect(requestsOf(['warm up']));
  const tookMs: number[] = [];
  for (let run = 0; run < 3; run += 1) {
    const [pid] = pids(pool) as [number];
    const call = pool.inspect(requestsOf(['slow:100', 'a']));
    await sleep(20);
    process.kill(pid, 'SIGKILL');
    const startMs = performance.now();
    await until('a new process is ready', () => pids(pool).some((other) => other !== pid));
    tookMs.push(performance.now() - startMs);
    await call;
  }
  assert.ok(Math.min(...tookMs) <= 1000, `ready after ${tookMs.map(Math.round).join(', ')} ms`);
});
