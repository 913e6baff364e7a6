/** Processes die at random and often; the result is that of a calm day. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakePool, pids, requestsOf, verdicts } from './pools.ts';

/** RELIABILITY=full runs the long form. */
const [IMAGES, KILLS] = process.env.RELIABILITY === 'full' ? [20_000, 500] : [2000, 25];

for (const signal of ['SIGSEGV', 'SIGKILL'] as const) {
  test(`G7.2 ${KILLS} ${signal}s for random processes, one each 100 ms: ${IMAGES} images, none lost, none twice`, async (t) => {
    const pool = fakePool(t);
    const commands = Array.from({ length: IMAGES }, (_, at) => `slow:${at % 2}`);
    let kills = 0;
    const storm = setInterval(() => {
      const targets = pids(pool);
      const pid = targets[Math.floor(Math.random() * targets.length)];
      if (pid === undefined || kills >= KILLS) return;
      process.kill(pid, signal);
      kills += 1;
    }, 100);
    t.after(() => clearInterval(storm));
    const answers = await pool.inspect(requestsOf(commands), { lane: 'bulk' });
    clearInterval(storm);
    assert.deepEqual(
      verdicts(answers),
      commands.map((each) => `ok:${each}`),
    );
    assert.ok(kills >= KILLS / 5, `only ${kills} kills`);
    assert.ok(pool.status().restarts > 0);
  });
}
