import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SAMPLE_MEASURES, SAMPLE_SORTS, sampleFilter } from '../../../shared/contract/samples.ts';
import { IMAGE_FORMATS, SAMPLE_STATUSES, SPLITS } from '../../../shared/vocabulary.ts';
import {
  type BrowseFilter,
  type BrowseView,
  DEFAULT_VIEW,
  formatView,
  isFiltered,
  LIST_FACETS,
  parseView,
  toggledFacet,
  withFacetChoice,
  withRange,
  withText,
} from './browse-view.ts';
import { GROUPINGS } from './segments.ts';

const someOf = (values: readonly string[]) => fc.uniqueArray(fc.constantFrom(...values), { maxLength: 3 });
const words = fc.uniqueArray(fc.string({ maxLength: 60, unit: 'grapheme' }), { maxLength: 4 });
const bound = fc.option(
  fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  ),
  {
    nil: undefined,
  },
);
const anyFilter: fc.Arbitrary<BrowseFilter> = fc
  .record({
    status: someOf(SAMPLE_STATUSES),
    label: words,
    split: someOf([...SPLITS, '']),
    reason: words,
    source: words,
    licence: words,
    format: someOf(IMAGE_FORMATS),
    ranges: fc.array(fc.tuple(fc.constantFrom(...SAMPLE_MEASURES), bound, bound), { maxLength: 4 }),
    text: fc.string({ maxLength: 150, unit: 'grapheme' }),
    jobId: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
  })
  .map(({ ranges, text, jobId, ...lists }) => {
    let filter: BrowseFilter = {};
    for (const facet of LIST_FACETS) filter = withFacetChoice(filter, facet, lists[facet]);
    for (const [measure, min, max] of ranges) {
      filter = withRange(filter, measure, { ...(min !== undefined && { min }), ...(max !== undefined && { max }) });
    }
    filter = withText(filter, text);
    return jobId === undefined ? filter : { ...filter, jobId };
  });
const anyView: fc.Arbitrary<BrowseView> = fc.record(
  {
    filter: anyFilter,
    sort: fc.record(
      { by: fc.constantFrom(...SAMPLE_SORTS), direction: fc.constantFrom('ascending', 'descending') },
      { noNullPrototype: true },
    ),
    grouping: fc.constantFrom(...GROUPINGS),
  },
  { noNullPrototype: true },
);

describe('the address of Browse', () => {
  it('gives every view back', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        // Addresses are sent as UTF-8, in which half a surrogate pair cannot be written.
        fc.pre(JSON.stringify(view).isWellFormed() && !/\\ud[89a-f]/i.test(JSON.stringify(view)));
        assert.deepEqual(parseView(formatView(view)), view);
      }),
      { numRuns: 500 },
    );
  });

  it('opens whatever was typed, with a filter that the core takes', () => {
    const anySearch = fc.oneof(
      fc.string(),
      fc
        .array(fc.tuple(fc.constantFrom(...LIST_FACETS, ...SAMPLE_MEASURES, 'q', 'job', 'sort', 'group'), fc.string()))
        .map((pairs) => new URLSearchParams(pairs).toString()),
    );
    fc.assert(
      fc.property(anySearch, (search) => {
        const view = parseView(search);
        assert.ok(sampleFilter.safeParse({ datasetId: 1, ...view.filter }).success);
      }),
      { numRuns: 500 },
    );
  });

  it('is empty by default', () => {
    assert.equal(formatView(DEFAULT_VIEW), '');
    assert.deepEqual(parseView(''), DEFAULT_VIEW);
    assert.equal(isFiltered(DEFAULT_VIEW.filter), false);
  });

  it('can be read by a person', () => {
    const filter = withRange({ statuses: ['quarantined'], labels: ['cat', ''] }, 'shortSide', { min: 256 });
    assert.equal(
      formatView({ filter, sort: { by: 'sharpness', direction: 'descending' }, grouping: 'label' }),
      'status=quarantined&label=cat&label=&shortSide=256..&sort=-sharpness&group=label',
    );
  });

  it('takes a facet away with its last value', () => {
    assert.deepEqual(toggledFacet(toggledFacet({}, 'label', 'cat'), 'label', 'cat'), {});
  });
});
