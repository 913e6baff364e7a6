import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { ContentLock } from './content-lock.ts';

test('who is alone is alone, whoever shares does so together, and failures let the next in', async () => {
  const works = fc.array(fc.record({ alone: fc.boolean(), turns: fc.nat(4), fails: fc.boolean(), gap: fc.nat(2) }), {
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(works, async (list) => {
      const lock = new ContentLock();
      let sharing = 0;
      let alone = 0;
      const ended: Promise<unknown>[] = [];
      for (const each of list) {
        const work = async () => {
          if (each.alone) alone++;
          else sharing++;
          for (let count = 0; count < each.turns; count++) {
            assert.ok(alone === 0 || (alone === 1 && sharing === 0), `${alone} alone beside ${sharing}`);
            await turn();
          }
          if (each.alone) alone--;
          else sharing--;
          if (each.fails) throw new Error('a failure');
          return each;
        };
        const run = each.alone ? lock.exclude(work) : lock.share(work);
        ended.push(each.fails ? assert.rejects(run, /a failure/) : run.then((got) => assert.equal(got, each)));
        for (let count = 0; count < each.gap; count++) await turn();
      }
      await Promise.all(ended);
    }),
    { numRuns: 100 },
  );
});

test('two who share run at the same time', async () => {
  const lock = new ContentLock();
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  await Promise.all([lock.share(() => gate), lock.share(async () => open())]);
});
