import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SourcePage } from '../../workers/documents/search/types.ts';
import { FetchProblem } from '../fetch/fetch-problem.ts';
import { ServiceCounts } from './service-counts.ts';

const GAP_MS = 3_000;
const page = (totalFound: number): SourcePage => ({ totalFound, images: [], next: null }) as unknown as SourcePage;

test('a service is asked at its pace whatever is asked for, and everything has its turn', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ afterMs: fc.nat(5_000), query: fc.nat(30) }), { minLength: 1, maxLength: 200 }),
      async (wishes) => {
        let now = 1_000_000;
        const askedAt: number[] = [];
        const counts = new ServiceCounts({ gapMs: () => GAP_MS, now: () => now });
        for (const { afterMs, query } of wishes) {
          now += afterMs;
          const found = await counts.get('openverse', `https://x/?q=${query}`, async () => {
            askedAt.push(now);
            return page(query);
          });
          assert.ok(found === null || found.totalFound === query);
        }
        // In any stretch of time there is a burst at most, and one more for every gap of it.
        for (const [from, start] of askedAt.entries()) {
          for (let to = from; to < askedAt.length; to++) {
            const most = 3 + Math.floor((askedAt[to]! - start) / GAP_MS);
            assert.ok(to - from + 1 <= most, `${to - from + 1} requests within ${askedAt[to]! - start} ms`);
          }
        }
        now += 3 * GAP_MS;
        assert.notEqual(await counts.get('openverse', 'https://x/?q=last', async () => page(1)), null);
      },
    ),
    { numRuns: 200 },
  );
});

test('what was asked lately is not asked again, nor twice at once', async () => {
  let now = 0;
  let asked = 0;
  const counts = new ServiceCounts({ gapMs: () => GAP_MS, now: () => now });
  const ask = async () => {
    asked++;
    return page(7);
  };
  await Promise.all([counts.get('wikimedia', 'https://w/', ask), counts.get('wikimedia', 'https://w/', ask)]);
  now += 9 * 60_000;
  assert.equal((await counts.get('wikimedia', 'https://w/', ask))?.totalFound, 7);
  assert.equal(asked, 1);
  now += 2 * 60_000;
  await counts.get('wikimedia', 'https://w/', ask);
  assert.equal(asked, 2);
});

test('a service that pushes back is left alone for as long as it says', async () => {
  let now = 0;
  let asked = 0;
  const counts = new ServiceCounts({ gapMs: () => 0, now: () => now });
  const refuse = async (): Promise<SourcePage> => {
    asked++;
    throw new FetchProblem('transient', 'http-429', { status: 429, retryAfterMs: 60_000 });
  };
  await assert.rejects(counts.get('openverse', 'https://o/?q=1', refuse), FetchProblem);
  now += 59_000;
  await assert.rejects(counts.get('openverse', 'https://o/?q=2', refuse), FetchProblem);
  assert.equal(asked, 1);
  assert.equal((await counts.get('wikimedia', 'https://w/', async () => page(1)))?.totalFound, 1, 'others are not');
  now += 2_000;
  assert.equal((await counts.get('openverse', 'https://o/?q=2', async () => page(5)))?.totalFound, 5);
});
