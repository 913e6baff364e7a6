import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import fc from 'fast-check';
import type { SampleFilter, SampleSort } from '../../../shared/contract/samples.ts';
import { SampleList, type SampleSource } from './sample-list.ts';
import { oneSegment, type Segment } from './segments.ts';
import { Library, sample, until } from './testing/memory-library.ts';

const SORT: SampleSort = { by: 'added', direction: 'ascending' };
const FILTER: SampleFilter = { datasetId: 1 };

const open: SampleList[] = [];
afterEach(() => {
  for (const list of open.splice(0)) list.close();
});

function listOf(source: SampleSource, options: Partial<ConstructorParameters<typeof SampleList>[0]> = {}): SampleList {
  const list = new SampleList({
    source,
    sort: SORT,
    segments: oneSegment(FILTER),
    quietMs: 5,
    retryMs: 20,
    ...options,
  });
  open.push(list);
  return list;
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => sample(index + 1));

describe('the list of samples', () => {
  it('shows the first page before it knows how many there are', async () => {
    const library = new Library(numbered(1_000));
    const slow: SampleSource = {
      browse: library.browse.bind(library),
      index: async (request, signal) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return library.index(request, signal);
      },
      ids: library.ids.bind(library),
    };
    const list = listOf(slow);
    await until(() => list.at(0) !== undefined);
    assert.equal(list.counted, false);
    await until(() => list.counted);
    assert.equal(list.count, 1_000);
  });

  it('has any page at once, by its anchor', async () => {
    const library = new Library(numbered(100_000));
    const list = listOf(library);
    await until(() => list.counted);
    list.want({ first: 77_777, last: 77_800 });
    await until(() => list.at(77_777) !== undefined);
    assert.equal(list.at(77_777)?.id, 77_778);
    assert.ok(library.asked.length < 5);
  });

  it('asks only for where a dragged bar stops, and abandons what was scrolled past', async () => {
    const library = new Library(numbered(100_000));
    library.delayMs = 10;
    const list = listOf(library);
    await until(() => list.counted && list.at(0) !== undefined);
    for (let first = 0; first < 90_000; first += 300) list.want({ first, last: first + 100 });
    list.want({ first: 90_000, last: 90_100 });
    await until(() => list.at(90_000) !== undefined);
    assert.ok(library.asked.length <= 6, `${library.asked.length} pages were asked for`);
  });

  it('keeps a bounded number of pages', async () => {
    const list = listOf(new Library(numbered(20_000)), { pageSize: 100, capacityPages: 5 });
    await until(() => list.counted);
    for (let page = 0; page < 30; page += 1) {
      list.want({ first: page * 100, last: page * 100 + 99 });
      await until(() => list.at(page * 100) !== undefined);
    }
    const here = Array.from({ length: 30 }, (_, page) => list.at(page * 100)).filter((item) => item !== undefined);
    assert.ok(here.length <= 5, `${here.length} pages are kept`);
  });

  it('tries again after a failure, and says what failed until then', async () => {
    const library = new Library(numbered(300));
    library.failing = true;
    const list = listOf(library);
    await until(() => list.error !== null);
    library.failing = false;
    await until(() => list.at(0) !== undefined && list.error === null);
    assert.equal(list.count, 300);
  });

  it('gives the ids of ranges that were never loaded', async () => {
    const list = listOf(new Library(numbered(5_000)));
    await until(() => list.counted);
    const ids = await list.idsBetween(10, 4_000, AbortSignal.timeout(1_000));
    assert.deepEqual(
      ids,
      Array.from({ length: 3_991 }, (_, offset) => offset + 11),
    );
  });

  it('shows sections one after another, each by its own filter', async () => {
    const rows = Array.from({ length: 900 }, (_, index) => sample(index + 1, ['cat', 'dog', null][index % 3]!));
    const segments: Segment[] = ['cat', 'none there', 'dog', ''].map((label) => ({
      key: label,
      filter: { ...FILTER, labels: [label] },
      count: rows.filter((row) => (row.label ?? '') === label).length,
    }));
    const list = listOf(new Library(rows), { segments, pageSize: 50 });
    assert.equal(list.count, 900);
    for (const index of [0, 299, 300, 599, 600, 899]) {
      list.want({ first: index, last: index });
      await until(() => list.at(index) !== undefined);
      assert.equal(
        list.at(index)?.label,
        [...Array(300).fill('cat'), ...Array(300).fill('dog'), ...Array(300).fill(null)][index],
      );
    }
    assert.equal((await list.idsBetween(0, 899, AbortSignal.timeout(1_000))).length, 900);
  });

  it('keeps what is shown until a refresh has everything, and says how far the reference moved', async () => {
    const library = new Library(numbered(2_000));
    const list = listOf(library);
    await until(() => list.counted);
    list.want({ first: 800, last: 850 });
    await until(() => list.at(820) !== undefined);
    const reference = { id: list.at(820)!.id, index: 820 };
    library.rows = library.rows.filter((row) => row.id > 100 || row.id % 2 === 0);
    const refreshed = list.refresh(oneSegment(FILTER), reference);
    assert.equal(list.at(820)?.id, reference.id);
    assert.equal(await refreshed, -50);
    assert.equal(list.at(770)?.id, reference.id);
    assert.equal(list.count, 1_950);
  });

  it('ends where the core says it ends, whatever was counted', async () => {
    const library = new Library(numbered(500));
    const list = listOf(library, { segments: [{ key: '', filter: FILTER, count: 900 }] });
    list.want({ first: 0, last: 450 });
    await until(() => list.at(450) !== undefined);
    assert.equal(list.count, 500);
  });

  it('changes what is here and leaves the rest', async () => {
    const list = listOf(new Library(numbered(300)));
    await until(() => list.at(0) !== undefined);
    const before = list.version;
    list.patch((item) => (item.id === 5 ? { ...item, status: 'rejected' } : item));
    assert.equal(list.at(4)?.status, 'rejected');
    assert.equal(list.at(5)?.status, 'accepted');
    assert.ok(list.version > before);
  });

  it('shows at every place what the library has there, after any wandering', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1_500 }),
        fc.array(fc.nat(1_500), { minLength: 1, maxLength: 6 }),
        async (count, places) => {
          const list = listOf(new Library(numbered(count)), { pageSize: 50, capacityPages: 4, quietMs: 0 });
          await until(() => list.counted);
          assert.equal(list.count, count);
          for (const place of places) {
            const index = place % count;
            list.want({ first: Math.max(0, index - 20), last: Math.min(count - 1, index + 20) });
            await until(() => list.at(index) !== undefined);
            assert.equal(list.at(index)?.id, index + 1);
            assert.equal(list.placeOf(index + 1), index);
          }
          list.close();
        },
      ),
      { numRuns: 100 },
    );
  });
});
