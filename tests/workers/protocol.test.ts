/** Whatever a task does to its process, each request gets exactly one answer and its neighbours get theirs. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AppError } from '../../shared/errors.ts';
import { fakePool, pageOf, requestsOf, verdicts } from './pools.ts';

const RUNS = 2;
const quick = { hangingAfterMs: 200, silenceLimitMs: 1000 };

/** A command, and the verdict its file must end with. */
const TABLE: readonly (readonly [string, string])[] = [
  ['answers', 'ok:answers'],
  ['slow:50', 'ok:slow:50'],
  ['throw', 'unreadable:unreadable'],
  ['exit:0', 'unreadable:poisoned'],
  ['exit:1', 'unreadable:poisoned'],
  ['kill:SIGABRT', 'unreadable:poisoned'],
  ['kill:SIGSEGV', 'unreadable:poisoned'],
  ['kill:SIGKILL', 'unreadable:poisoned'],
  ['kill:SIGTERM', 'unreadable:poisoned'],
  ['spin', 'unreadable:deadline'],
  ['hang', 'unreadable:deadline'],
  ['allocate:400', 'unreadable:poisoned'],
  ['uncloneable', 'unreadable:poisoned'],
  ['misshapen', 'unreadable:unreadable'],
];

for (const [command, verdict] of TABLE) {
  test(`G7.2 a file that says "${command}" ends as ${verdict} and harms no other`, async (t) => {
    const pool = fakePool(t, { ...quick, memoryBudgetBytes: 300 * 1024 * 1024 });
    for (let run = 0; run < RUNS; run += 1) {
      const commands = ['a', 'b', 'c', command, 'd', 'e', 'f', 'g'];
      const deadlineMs = verdict.endsWith('deadline') ? 300 : 10_000;
      const answers = await pool.inspect(requestsOf(commands), { deadlineMs });
      assert.deepEqual(
        verdicts(answers),
        commands.map((each) => (each === command ? verdict : `ok:${each}`)),
      );
    }
  });
}

for (const command of ['garbage', 'forged']) {
  test(`G7.2 a process that writes ${command} to its channel is killed, and every request is answered`, async (t) => {
    const pool = fakePool(t, quick);
    const commands = ['a', 'b', command, 'c', 'd'];
    const answers = await pool.inspect(requestsOf(commands));
    assert.equal(answers.length, commands.length);
    assert.ok(answers.every((answer) => answer !== undefined));
    assert.deepEqual(verdicts(await pool.inspect(requestsOf(['x', 'y']))), ['ok:x', 'ok:y']);
    assert.ok(pool.status().restarts > 0);
  });
}

test('G7.2 a thread that runs out of heap is one broken file', async (t) => {
  const pool = fakePool(t, quick);
  const answers = await pool.inspect(requestsOf(['a', 'heap', 'b']), { deadlineMs: 20_000 });
  assert.deepEqual(verdicts(answers), ['ok:a', 'unreadable:poisoned', 'ok:b']);
});

test('G7.2 a rejection after the answer does not take the answer back', async (t) => {
  const pool = fakePool(t, quick);
  const answers = await pool.inspect(requestsOf(['rejects-later', 'slow:30', 'b']));
  assert.deepEqual(verdicts(answers).slice(2), ['ok:b']);
  assert.equal(answers.length, 3);
});

test('G7.2 a file that crashed once by bad luck is inspected, and its half-written copy is no obstacle', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'workers-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const pool = fakePool(t);
  const commands = ['a', `kill-once:${join(folder, 'flag')}`, 'b'];
  const requests = commands.map((path, index) => ({ path, copyTo: join(folder, `copy-${index}`) }));
  assert.deepEqual(
    verdicts(await pool.inspect(requests)),
    commands.map((each) => `ok:${each}`),
  );
});

test('answers keep their order and own their thumbnails', async (t) => {
  const pool = fakePool(t);
  const commands = Array.from({ length: 333 }, (_, at) => `picture ${at}`);
  const answers = await pool.inspect(requestsOf(commands), { lane: 'bulk' });
  assert.deepEqual(
    verdicts(answers),
    commands.map((each) => `ok:${each}`),
  );
  for (const { thumbnail } of answers) {
    assert.ok(thumbnail instanceof Uint8Array);
    assert.equal(thumbnail.buffer.byteLength, 8192);
    assert.equal(thumbnail[8191], 7);
  }
});

test('other tasks answer, throw as an AppError, or are given up after two broken processes', async (t) => {
  const pool = fakePool(t, quick);
  assert.equal((await pool.run('extract-page', pageOf('page'))).title, 'page');
  await assert.rejects(pool.run('extract-page', pageOf('throw')), (error: AppError) => {
    assert.ok(error instanceof AppError);
    return error.code === 'internal' && /thrown on command/.test(error.message);
  });
  const reasonOf = (path: string, deadlineMs: number): Promise<unknown> =>
    pool.run('extract-page', pageOf(path), { deadlineMs }).then(
      () => 'no error',
      (error: AppError) => error.details.reason,
    );
  assert.deepEqual(await Promise.all([reasonOf('kill:SIGSEGV', 5000), reasonOf('spin', 300)]), [
    'poisoned',
    'deadline',
  ]);
});

test('a task without code, and workers that cannot start, are said to be unavailable', async (t) => {
  const unbound = fakePool(t);
  const hashes = new Uint32Array(2);
  await assert.rejects(
    unbound.run('group-near-duplicates', {
      pHashes: hashes,
      dHashes: hashes,
      maxDistance: 1,
      maxConfirmDistance: 64,
      areasPx: new Float64Array(1),
      sizesBytes: new Float64Array(1),
      sha256s: new Uint8Array(32),
      isProtected: new Uint8Array(1),
    }),
    { code: 'unavailable' },
  );
  const broken = fakePool(t, { entry: join(tmpdir(), 'no-such-worker.js') });
  await assert.rejects(broken.inspect(requestsOf(['a', 'b'])), (error: AppError) => {
    return error.code === 'unavailable' && /no-such-worker/.test(error.message);
  });
});

test('a worker sees none of the secrets in our environment', async (t) => {
  process.env.PIXCRAWLER_TEST_SECRET = 'secret';
  t.after(() => delete process.env.PIXCRAWLER_TEST_SECRET);
  const [answer] = await fakePool(t).inspect(requestsOf(['environment']));
  const names = JSON.parse(answer?.inspection.detail ?? '[]') as string[];
  assert.ok(names.includes('MALLOC_ARENA_MAX'));
  assert.ok(!names.includes('PIXCRAWLER_TEST_SECRET') && !names.includes('HOME'));
});

test('a closed pool waits for its calls, leaves no process, and takes no more', async (t) => {
  const pool = fakePool(t);
  const call = pool.inspect(requestsOf(['slow:100', 'a']));
  await pool.close();
  assert.deepEqual(verdicts(await call), ['ok:slow:100', 'ok:a']);
  assert.deepEqual(pool.status().processes, []);
  await assert.rejects(pool.inspect(requestsOf(['a'])), { code: 'unavailable' });
});
