import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  dateSegments,
  duplicateSegments,
  type FacetCounts,
  facetSegments,
  MORE_GROUPS,
  sectionsOf,
} from './segments.ts';

const NO_FACETS: FacetCounts = { status: [], label: [], split: [], reason: [], source: [], licence: [], format: [] };

describe('sections', () => {
  it('puts labels in the order of their names, and what has none last', () => {
    const label = ['dog', '', 'cat 10', 'cat 9', 'empty'].map((value, at) => ({
      value,
      count: value === 'empty' ? 0 : at + 1,
    }));
    const segments = facetSegments({ datasetId: 1 }, 'label', { ...NO_FACETS, label });
    assert.deepEqual(
      segments.map((segment) => segment.key),
      ['cat 9', 'cat 10', 'dog', ''],
    );
    assert.deepEqual(segments[2]?.filter, { datasetId: 1, labels: ['dog'] });
  });

  it('shows no section that the filter does not choose', () => {
    const status = [
      { value: 'rejected', count: 1 },
      { value: 'accepted', count: 5 },
    ];
    const filter = { datasetId: 1, statuses: ['rejected' as const] };
    const segments = facetSegments(filter, 'status', { ...NO_FACETS, status });
    assert.deepEqual(
      segments.map((segment) => segment.key),
      ['rejected'],
    );
  });

  it('covers every moment of the filter once, in the order of the sort', () => {
    const bound = fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 10 }), bound, bound, (counts, min, max) => {
        const bins = counts.map((count, at) => ({ from: at * 100, to: (at + 1) * 100, count }));
        const filter = {
          datasetId: 1,
          ranges: { createdAt: { ...(min !== undefined && { min }), ...(max !== undefined && { max }) } },
        };
        const segments = dateSegments(filter, { by: 'added', direction: 'ascending' }, bins);
        for (let at = 0; at < counts.length * 100; at += 7) {
          const inside = at >= (min ?? 0) && at <= (max ?? 1_000_000) && counts[Math.floor(at / 100)]! > 0;
          const holding = segments.filter(
            ({ filter: { ranges } }) => at >= ranges!.createdAt!.min! && at <= ranges!.createdAt!.max!,
          );
          assert.equal(holding.length, inside ? 1 : 0);
        }
        assert.deepEqual(dateSegments(filter, { by: 'added', direction: 'descending' }, bins), segments.toReversed());
      }),
    );
  });

  it('has as many samples in the sections as in the list, also where groups came or went since', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 }),
        fc.nat(200),
        fc.nat(9),
        (counts, now, rest) => {
          const total = counts.reduce((sum, count) => sum + count, 0);
          const segments = duplicateSegments({ datasetId: 1 }, { counts, total });
          assert.equal(segments.length, total === 0 ? 1 : 2);
          const listed = segments.map((segment) => ({ segment, count: segment.parts ? now : rest }));
          const sections = sectionsOf(listed);
          assert.equal(
            sections.reduce((sum, { count }) => sum + count, 0),
            listed.reduce((sum, { count }) => sum + count, 0),
          );
          assert.equal(new Set(sections.map(({ key }) => key)).size, sections.length);
          assert.equal(
            sections.some(({ key }) => key === MORE_GROUPS),
            total > 0 && now > total,
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});
