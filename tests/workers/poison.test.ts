/** Files that break processes are set aside, by name, and nobody else pays. */

import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fakePool, requestsOf, verdicts } from './pools.ts';

test('G7.3 5 poisonous files among 1,000: 995 done, 5 named, each after breaking its process twice alone', async (t) => {
  const pool = fakePool(t);
  const poisonous = new Set([3, 250, 251, 600, 999]);
  const commands = Array.from({ length: 1000 }, (_, at) => (poisonous.has(at) ? 'kill:SIGSEGV' : `file ${at}`));
  const broken: number[] = [];
  const answers = await pool.inspect(requestsOf(commands), { onBroken: (index) => broken.push(index) });
  assert.deepEqual(
    verdicts(answers),
    commands.map((each, at) => (poisonous.has(at) ? 'unreadable:poisoned' : `ok:${each}`)),
  );
  assert.deepEqual(new Set(broken), poisonous);
});

test('G7.3 attempts are written down before the bytes are opened, and hold after a restart', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'workers-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const log = join(folder, 'attempts');
  const flag = join(folder, 'flag');
  const pool = fakePool(t);
  // The copies are made when the bytes are opened: at that time the attempt must be on record.
  const beforeAttempt = async (indices: readonly number[], kind: string): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const index of indices) appendFileSync(log, `${kind} ${index}\n`);
  };
  const commands = ['a', `kill-once:${flag}`, 'b'];
  await pool.inspect(requestsOf(commands), { beforeAttempt });
  const attempts = readFileSync(log, 'utf8').trim().split('\n');
  assert.ok(attempts.includes('batch 1') || attempts.includes('alone 1'));
  assert.equal(attempts.at(-1)?.startsWith('alone') || attempts.includes('alone 1'), true);

  // A later run of the core knows of one break and of two.
  const seen: string[] = [];
  const earlier = [0, 1, 2, 1];
  const later = await pool.inspect(requestsOf(['c', 'd', 'never opened', 'kill:SIGSEGV']), {
    earlierBreaks: (index) => earlier[index] ?? 0,
    beforeAttempt: (indices, kind) => void seen.push(`${kind} ${indices.join()}`),
  });
  assert.deepEqual(verdicts(later), ['ok:c', 'ok:d', 'unreadable:poisoned', 'unreadable:poisoned']);
  assert.deepEqual(seen.sort(), ['alone 1', 'alone 3', 'batch 0']);
});

test('G7.3 an attempt that cannot be written down is not made', async (t) => {
  const pool = fakePool(t);
  const beforeAttempt = (): Promise<void> => Promise.reject(new Error('the ledger is full'));
  await assert.rejects(pool.inspect(requestsOf(['a', 'b']), { beforeAttempt }), /ledger is full/);
  assert.deepEqual(pool.status().processes, []);
});
