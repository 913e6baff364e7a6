import assert from 'node:assert/strict';
import { totalmem } from 'node:os';
import { test } from 'node:test';
import { workerEnvironment } from '../../shared/worker-environment.ts';
import { poolSettings, processesThatFit } from './pool-options.ts';

const GIB = 1024 ** 3;

test('G7.5 processes of 1 GiB and the core together stay within 60% of the memory', () => {
  for (const gib of [4, 8, 16, 24, 64]) {
    const processes = processesThatFit(gib * GIB, GIB);
    assert.ok((processes + 0.5) * GIB <= 0.6 * gib * GIB, `${processes} processes on ${gib} GiB`);
    assert.ok((processes + 1.5) * GIB > 0.6 * gib * GIB, 'and no fewer than fit');
  }
  assert.equal(processesThatFit(1 * GIB, GIB), 1, 'one process whatever happens');
});

test('G7.5 further processes are started only where they fit beside the others', () => {
  // Three fit on this machine, whatever it has.
  const memoryBudgetBytes = Math.floor((totalmem() * 0.6 - GIB / 2) / 3);
  const further = [1, 2, 3, 4].map((processes) => poolSettings({ processes, memoryBudgetBytes }).extraProcesses);
  assert.deepEqual(further, [2, 1, 0, 0]);
  assert.equal(poolSettings({ memoryBudgetBytes, processes: 3, extraProcesses: 2 }).extraProcesses, 2, 'unless told');
});

test('numbers that make no sense are refused by name', () => {
  assert.throws(() => poolSettings({ processes: 0 }), /processes.*at least 1, got 0/);
  assert.throws(() => poolSettings({ queueCapacity: Number.NaN }), /queueCapacity/);
});

test('a worker gets its memory settings and none of our secrets', () => {
  const environment = workerEnvironment({ PATH: '/bin', HOME: '/root', AWS_SECRET_ACCESS_KEY: 'x', TZ: undefined });
  assert.deepEqual(Object.keys(environment).sort(), [
    'MALLOC_ARENA_MAX',
    'MALLOC_MMAP_THRESHOLD_',
    'MALLOC_TRIM_THRESHOLD_',
    'PATH',
    'VIPS_BLOCK_UNTRUSTED',
  ]);
});
