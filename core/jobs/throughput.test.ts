import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Throughput } from './throughput.ts';

const nothingEarlier = async () => [];

test('what is fetched is counted once, in its second, and the last ten minutes are remembered', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 3_000 }), fetched: fc.nat(50) }), { maxLength: 300 }),
      async (steps) => {
        const throughput = new Throughput(nothingEarlier);
        let now = 1_000_000;
        let fetched = 0;
        throughput.record(1, { fetched, bytes: 0 }, now);
        for (const step of steps) {
          now += step.afterMs;
          fetched += step.fetched;
          throughput.record(1, { fetched, bytes: fetched * 10 }, now);
        }
        const points = await throughput.of(1, now);
        assert.equal(
          points.reduce((sum, point) => sum + point.fetched, 0),
          fetched,
        );
        assert.equal(
          points.reduce((sum, point) => sum + point.bytes, 0),
          fetched * 10,
        );
        assert.equal(new Set(points.map((point) => point.at)).size, points.length);
        assert.ok(points.every((point) => point.at % 1000 === 0));
      },
    ),
  );
  const long = new Throughput(nothingEarlier);
  for (let second = 0; second < 1_000; second++) long.record(2, { fetched: second, bytes: 0 }, second * 1000);
  const remembered = await long.of(2, 1_000_000);
  assert.equal(remembered.length, 600);
  assert.equal(remembered.at(-1)?.at, 999_000);
  for (let job = 3; job < 40; job++) long.record(job, { fetched: 1, bytes: 1 }, 0);
  assert.deepEqual(await long.of(2, 1_000_000), []);
});

test('each second that a job ran has a point, and none that it rested', async () => {
  const throughput = new Throughput(nothingEarlier);
  for (let at = 0; at < 3_000; at += 250) throughput.record(1, { fetched: at < 1_000 ? 0 : 4, bytes: 0 }, at);
  for (let at = 600_000; at < 602_000; at += 250) throughput.record(1, { fetched: 9, bytes: 0 }, at);
  const points = await throughput.of(1, 700_000);
  assert.deepEqual(
    points.map(({ at, fetched }) => [at / 1000, fetched]),
    [
      [0, 0],
      [1, 4],
      [2, 0],
      [600, 5],
      [601, 0],
    ],
  );
});

test('in the ledger a short silence is one of work, and a long one a rest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 20 }), async (gaps) => {
      let second = 0;
      const arrivals = gaps.map((gap) => {
        second += gap;
        return { at: second * 1000, fetched: 2, bytes: 20 };
      });
      const points = await new Throughput(async () => arrivals).of(1, 2_000_000);
      const ran = gaps.slice(1).reduce((sum, gap) => sum + (gap > 30 ? 1 : gap), Math.min(1, gaps.length));
      assert.equal(points.length, Math.min(600, ran));
      assert.ok(points.every(({ at }, index) => index === 0 || at > (points[index - 1]?.at ?? 0)));
      if (ran <= 600)
        assert.deepEqual(
          points.filter(({ fetched }) => fetched > 0),
          arrivals,
        );
    }),
  );
});

test('what came before the core was started is read once, and ends where the counts begin', async () => {
  const asked: number[][] = [];
  const throughput = new Throughput(async (jobId, beforeMs, limit) => {
    asked.push([jobId, beforeMs, limit]);
    return [{ at: 4_000, fetched: 3, bytes: 30 }];
  });
  throughput.record(7, { fetched: 3, bytes: 30 }, 9_100);
  throughput.record(7, { fetched: 5, bytes: 50 }, 9_600);
  const expected = [
    { at: 4_000, fetched: 3, bytes: 30 },
    { at: 9_000, fetched: 2, bytes: 20 },
  ];
  assert.deepEqual(await throughput.of(7, 10_000), expected);
  assert.deepEqual(await throughput.of(7, 10_500), expected);
  throughput.record(7, { fetched: 6, bytes: 60 }, 11_000);
  assert.equal((await throughput.of(7, 11_000)).length, 3);
  assert.deepEqual(asked, [[7, 9_000, 600]]);
});

test('a ledger that cannot be read is read again when it is asked for again', async () => {
  let isBroken = true;
  const throughput = new Throughput(async () => {
    if (isBroken) throw new Error('The disk is away.');
    return [{ at: 1_000, fetched: 1, bytes: 1 }];
  });
  await assert.rejects(throughput.of(1, 5_000), /away/);
  isBroken = false;
  assert.equal((await throughput.of(1, 5_000)).length, 1);
});
