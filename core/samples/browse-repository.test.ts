import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import {
  SAMPLE_FACETS,
  SAMPLE_MEASURES,
  SAMPLE_SORTS,
  type SampleFacet,
  type SampleFilter,
  type SampleMeasure,
  type SampleSort,
  type SampleSummary,
} from '../../shared/contract/samples.ts';
import { IMAGE_FORMATS, SAMPLE_STATUSES, SPLITS } from '../../shared/vocabulary.ts';
import { DuplicateRepository } from '../duplicates/duplicate-repository.ts';
import {
  addSamples,
  decide,
  fakeWorkers,
  makeLibrary,
  type Picture,
  type TestLibrary,
} from '../testing/test-library.ts';
import { BrowseRepository } from './browse-repository.ts';
import { FacetRepository } from './facet-repository.ts';

/** A sample as the tests know it without asking the library how it filters. */
interface Known extends Omit<SampleSummary, 'keeper'> {
  readonly source: string;
  readonly licence: string;
  readonly measures: Readonly<Record<SampleMeasure, number>>;
  readonly words: readonly string[];
  readonly jobId: number;
  readonly keeperId: number | null;
}

const LABELS = ['cat', 'dog', 'wood owl'];
const SOURCES = ['web', 'folder', 'openverse'];
const LICENCES = ['', 'CC BY 4.0', 'CC0 1.0'];
const WORDS = ['heron', 'Éclair', 'IMG_0042.JPG', 'zoo'];

let library: TestLibrary;
let browse: BrowseRepository;
let facets: FacetRepository;
let datasetId: number;
let known: Known[];
const keepers = new Map<number, number>();

function picture(number: number): Picture {
  const pick = <T>(values: readonly T[], step: number): T => values[Math.floor(number / step) % values.length] as T;
  const word = pick([...WORDS, ''], 2);
  return {
    name: `picture ${number}`,
    width: [50, 120, 300, 301, 900][number % 5] as number,
    height: [60, 120, 800][number % 3] as number,
    sizeBytes: 900 + (number % 7) * 1_000,
    format: pick(IMAGE_FORMATS, 3),
    measurements: {
      sharpness: (number % 6) * 100,
      brightness: 40 + (number % 9) * 10,
      contrast: 20,
      entropy: number % 5,
    },
    meta: {
      ...(number % 4 === 0 ? {} : { label: pick(LABELS, 1) }),
      ...(number % 3 === 0 ? {} : { split: pick(SPLITS, 2) }),
      ...(number % 5 === 0 ? {} : { name: `${word} ${number % 4 === 1 ? 'b' : 'B'}${number % 10}` }),
    },
    origin: {
      source: pick(SOURCES, 4),
      licence: pick(LICENCES, 5) || null,
      pageUrl: number % 2 === 0 ? `https://site.example/caf%C3%A9/${word}-${number % 3}` : null,
    },
  };
}

before(async () => {
  library = await makeLibrary(fakeWorkers());
  const { database, ownerId, reader, samples } = library.services;
  browse = new BrowseRepository(database, ownerId, reader, samples);
  facets = new FacetRepository(database, ownerId, reader, samples);
  datasetId = await library.newDataset();
  await addSamples(library.services, await library.newDataset(), [picture(1), picture(2)]);
  const jobs = new Map<number, number>();
  for (const part of [0, 1, 2]) {
    const pictures = Array.from({ length: 60 }, (_each, index) => picture(part * 60 + index));
    const { ids, jobId } = await addSamples(library.services, datasetId, pictures);
    for (const id of ids) jobs.set(id, jobId);
  }
  const ids = [...jobs.keys()];
  for (const [index, id] of ids.entries())
    if (index % 17 === 3) await decide(library.services, datasetId, id, 'rejected');
  // Each of some keepers, older or younger than what it is kept for, has up to three.
  for (const [index, id] of ids.entries()) {
    const keeper = ids[Math.floor(index / 20) * 20 + 10];
    if (index % 20 !== 10 && index % 7 === 0 && keeper !== undefined) keepers.set(id, keeper);
  }
  const setAside = database.prepare('UPDATE samples SET keeper_id = ?, keeper_distance = 2 WHERE id = ?');
  for (const [id, keeper] of keepers) setAside.run(keeper, id);
  known = ids.map((id, index) => knownSample(id, index, jobs.get(id) ?? 0));
});

after(() => library?.remove());

function knownSample(id: number, number: number, jobId: number): Known {
  const { keeper: _keeper, origins, ...summary } = library.services.samples.get(id);
  const { measurements, width = 0, height = 0, sizeBytes = 0, meta, origin } = picture(number);
  const [first] = origins;
  const text = [meta?.name ?? '', decodeURIComponent(origin?.pageUrl?.slice('https://'.length) ?? '')].join(' ');
  return {
    ...summary,
    jobId,
    keeperId: keepers.get(id) ?? null,
    source: first?.source ?? '',
    licence: first?.licence ?? '',
    measures: {
      shortSide: Math.min(width, height),
      sizeBytes,
      aspectRatio: Math.max(width, height) / Math.min(width, height),
      sharpness: measurements?.sharpness ?? 0,
      brightness: measurements?.brightness ?? 0,
      contrast: measurements?.contrast ?? 0,
      entropy: measurements?.entropy ?? 0,
      createdAt: summary.createdAt,
    },
    words: folded(text),
  };
}

function folded(text: string): string[] {
  return text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

const VALUES: Readonly<Record<SampleFacet, (sample: Known) => readonly string[]>> = {
  status: (sample) => [sample.status],
  label: (sample) => [sample.label ?? ''],
  split: (sample) => [sample.split ?? ''],
  reason: (sample) => sample.reasons,
  source: (sample) => [sample.source],
  licence: (sample) => [sample.licence],
  format: (sample) => [sample.format],
};
const CHOICE: Readonly<Record<SampleFacet, keyof SampleFilter>> = {
  status: 'statuses',
  label: 'labels',
  split: 'splits',
  reason: 'reasons',
  source: 'sources',
  licence: 'licences',
  format: 'formats',
};

/** Whether a sample passes a filter, in words of the contract. @param without a facet or measure that is left out */
function passes(sample: Known, filter: SampleFilter, without?: SampleFacet | SampleMeasure): boolean {
  for (const facet of SAMPLE_FACETS) {
    const chosen = (filter[CHOICE[facet]] ?? []) as readonly string[];
    if (facet === without || chosen.length === 0) continue;
    if (!VALUES[facet](sample).some((value) => chosen.includes(value))) return false;
  }
  for (const [measure, range] of Object.entries(filter.ranges ?? {}) as [
    SampleMeasure,
    { min?: number; max?: number },
  ][]) {
    const value = sample.measures[measure];
    if (measure !== without && (value < (range.min ?? -Infinity) || value > (range.max ?? Infinity))) return false;
  }
  const words = folded(filter.text ?? '');
  const last = words.pop();
  if (words.some((word) => !sample.words.includes(word))) return false;
  if (last !== undefined && !sample.words.some((word) => word.startsWith(last))) return false;
  const isGrouped = sample.keeperId !== null || [...keepers.values()].includes(sample.id);
  if (filter.duplicates !== undefined && isGrouped !== (filter.duplicates === 'grouped')) return false;
  return filter.jobId === undefined || filter.jobId === sample.jobId;
}

function sortKey(sample: Known, by: SampleSort['by']): string | number {
  if (by === 'added') return sample.id;
  // The keeper comes before those that are set aside for it.
  if (by === 'duplicates') return (sample.keeperId ?? sample.id) + (sample.keeperId === null ? 0 : 0.5);
  return by === 'name' ? (sample.name ?? '').toLowerCase() : sample.measures[by];
}

function expected(filter: SampleFilter, sort: SampleSort): number[] {
  const sign = sort.direction === 'ascending' ? 1 : -1;
  return known
    .filter((sample) => passes(sample, filter))
    .sort((a, b) => {
      const [left, right] = [sortKey(a, sort.by), sortKey(b, sort.by)];
      return sign * (left < right ? -1 : left > right ? 1 : a.id - b.id);
    })
    .map((sample) => sample.id);
}

const subset = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 });
const numberRange = (measure: SampleMeasure) =>
  fc.record(
    {
      min: fc.constantFrom(...new Set(known.map((sample) => sample.measures[measure]))),
      max: fc.integer({ max: 5_000 }),
    },
    { requiredKeys: [] },
  );
const sorts = fc.record({
  by: fc.constantFrom(...SAMPLE_SORTS),
  direction: fc.constantFrom('ascending' as const, 'descending' as const),
});

/** At most three narrowings, so that something is left. */
function filters(): fc.Arbitrary<SampleFilter> {
  const all = fc.record({
    statuses: subset(SAMPLE_STATUSES),
    labels: subset([...LABELS, '', 'unknown label']),
    splits: subset([...SPLITS, '' as const]),
    reasons: subset(['short-side', 'too-few-bytes', 'flat', 'near-duplicate']),
    sources: subset(SOURCES),
    licences: subset(LICENCES),
    formats: subset(IMAGE_FORMATS),
    ranges: fc.record(
      { shortSide: numberRange('shortSide'), sharpness: numberRange('sharpness'), entropy: numberRange('entropy') },
      { requiredKeys: [] },
    ),
    text: fc.constantFrom('', 'her', 'heron', 'ECLAIR b', 'img_0042.jpg', 'café z', 'site example', 'nowhere', '!?'),
    jobId: fc.constantFrom(...new Set(known.map((sample) => sample.jobId))),
    duplicates: fc.constantFrom('grouped' as const, 'single' as const),
  });
  const names = [
    'statuses',
    'labels',
    'splits',
    'reasons',
    'sources',
    'licences',
    'formats',
    'ranges',
    'text',
    'jobId',
    'duplicates',
  ];
  return fc.tuple(all, fc.subarray(names, { maxLength: 3 })).map(([whole, chosen]) => {
    const narrowings = Object.entries(whole).filter(([name]) => chosen.includes(name));
    return { ...Object.fromEntries(narrowings), datasetId } as SampleFilter;
  });
}

test('pages, places and ids of any filter and sort are what the samples say', async () => {
  const { database, ownerId, reader, samples } = library.services;
  const limits = fc.integer({ min: 1, max: 70 });
  await fc.assert(
    fc.asyncProperty(filters(), sorts, limits, fc.constantFrom(5, 4_000), async (filter, sort, limit, probed) => {
      const browse = new BrowseRepository(database, ownerId, reader, samples, probed);
      const wanted = expected(filter, sort);
      const paged: number[] = [];
      for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
        const page: Awaited<ReturnType<typeof browse.page>> = await browse.page(filter, sort, cursor, limit);
        assert.ok(page.items.length <= limit);
        paged.push(...page.items.map((item) => item.id));
        cursor = page.next;
      }
      assert.deepEqual(paged, wanted);
      const { count, anchors } = await browse.index(filter, sort, limit);
      assert.equal(count, wanted.length);
      assert.equal(anchors.length, Math.ceil(wanted.length / limit));
      const place = Math.floor(anchors.length / 2);
      if (anchors.length > 0) {
        const { items } = await browse.page(filter, sort, anchors[place] ?? null, limit);
        assert.deepEqual(
          items.map((item) => item.id),
          wanted.slice(place * limit, (place + 1) * limit),
        );
      }
      assert.deepEqual(await browse.ids(filter, sort, 3, limit), wanted.slice(3, 3 + limit));
    }),
    { numRuns: 150 },
  );
});

test('facets count what a filter leaves, their own choice apart', async () => {
  await fc.assert(
    fc.asyncProperty(filters(), async (filter) => {
      const { count, facets: counted } = await facets.facets(filter);
      assert.equal(count, known.filter((sample) => passes(sample, filter)).length);
      for (const facet of SAMPLE_FACETS) {
        const wanted = new Map<string, number>();
        for (const sample of known.filter((each) => passes(each, filter, facet))) {
          for (const value of VALUES[facet](sample)) wanted.set(value, (wanted.get(value) ?? 0) + 1);
        }
        const told = counted[facet].filter((each) => each.count > 0);
        assert.deepEqual(Object.fromEntries(told.map((each) => [each.value, each.count])), Object.fromEntries(wanted));
        assert.deepEqual(
          told.map((each) => each.count),
          told.map((each) => each.count).sort((a, b) => b - a),
        );
      }
    }),
    { numRuns: 400 },
  );
});

test('each duplicate group is a section with what matches of it, in the order of the sort', async () => {
  const { database, ownerId, reader, samples } = library.services;
  const duplicates = new DuplicateRepository(database, ownerId, reader, samples);
  const sort = { by: 'duplicates' as const, direction: 'ascending' as const };
  await fc.assert(
    fc.asyncProperty(filters(), async (filter) => {
      const byId = new Map(known.map((sample) => [sample.id, sample]));
      const wanted = expected({ ...filter, duplicates: 'grouped' }, sort).filter((id) =>
        passes(byId.get(id) as Known, filter),
      );
      const groups = Map.groupBy(wanted, (id) => byId.get(id)?.keeperId ?? id);
      assert.deepEqual(await duplicates.sections(filter), {
        counts: [...groups.values()].map((ids) => ids.length),
        total: wanted.length,
      });
    }),
    { numRuns: 150 },
  );
});

test('a histogram has each matching sample in the bin of its value', async () => {
  await fc.assert(
    fc.asyncProperty(filters(), fc.constantFrom(...SAMPLE_MEASURES), async (filter, measure) => {
      const values = known
        .filter((sample) => passes(sample, filter, measure))
        .map((sample) => sample.measures[measure]);
      const { bins } = await facets.histogram(filter, measure);
      assert.equal(
        bins.reduce((sum, bin) => sum + bin.count, 0),
        values.length,
      );
      for (const [index, { from, to, count }] of bins.entries()) {
        assert.ok(from < to && (index === 0 || from >= (bins[index - 1]?.to ?? 0)));
        // The last bin holds the largest value that there can be.
        const isLast = index === bins.length - 1;
        assert.equal(
          values.filter((value) => value >= from && (value < to || (isLast && value === to))).length,
          count,
          `${measure} ${from} to ${to}`,
        );
      }
      if (bins.length > 0) assert.ok((bins[0]?.count ?? 0) > 0 && (bins.at(-1)?.count ?? 0) > 0);
      assert.ok(bins.length <= 130);
    }),
    { numRuns: 400 },
  );
});

test('counts without a filter come from counters and agree with a scan', async () => {
  const kept = await facets.facets({ datasetId });
  const scanned = await facets.facets({ datasetId, ranges: { shortSide: { min: 0 } } });
  assert.deepEqual(kept, scanned);
});

test('only a cursor of this dataset and sort is one', async () => {
  const sort: SampleSort = { by: 'sharpness', direction: 'ascending' };
  const { next } = await browse.page({ datasetId }, sort, null, 5);
  assert.match(next ?? '', /./);
  const other = await library.newDataset();
  const refused = { code: 'bad-request', message: /Expected after to be a cursor/ };
  await assert.rejects(browse.page({ datasetId: other }, sort, next, 5), refused);
  await assert.rejects(browse.page({ datasetId }, { by: 'name', direction: 'ascending' }, next, 5), refused);
  await assert.rejects(browse.page({ datasetId }, { ...sort, direction: 'descending' }, next, 5), refused);
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string(), fc.constantFrom('sharpness+0', 'sharpness+99999999', 'sharpness+-1')),
      async (text) => {
        fc.pre(!/^sharpness\+\d{1,3}$/.test(text) || text.endsWith('+0'));
        await assert.rejects(browse.page({ datasetId }, sort, text, 5), refused);
      },
    ),
  );
});

test('a dataset that is not there or in the trash is not found', async () => {
  const { datasets } = library.services;
  const trashed = await library.newDataset();
  const { ids } = await addSamples(library.services, trashed, [{ name: 'in the trash' }]);
  await datasets.trash(trashed, 1);
  const absent = { code: 'not-found' };
  const sort: SampleSort = { by: 'added', direction: 'ascending' };
  for (const id of [trashed, 987_654]) {
    await assert.rejects(browse.page({ datasetId: id }, sort, null, 5), absent);
    await assert.rejects(browse.index({ datasetId: id }, sort, 50), absent);
    await assert.rejects(browse.ids({ datasetId: id }, sort, 0, 5), absent);
    await assert.rejects(facets.facets({ datasetId: id }), absent);
    await assert.rejects(facets.histogram({ datasetId: id }, 'contrast'), absent);
  }
  assert.throws(() => library.services.samples.get(ids[0] ?? 0), absent);
});

test('any text can be looked for', async () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc
      .array(fc.constantFrom('AND', 'OR', 'NOT', 'NEAR(', '"', '*', '^', ':', '(', ')', '\0', 'words', '-', 'a', '+'), {
        maxLength: 12,
      })
      .map((parts) => parts.join(' ')),
    fc
      .array(fc.constantFrom('"', '*', '\0', '\ud800', 'ß', '界', '́', '٣', '\u{1f426}', 'x'), { maxLength: 12 })
      .map((parts) => parts.join('')),
  );
  await fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      const { count } = await facets.facets({ datasetId, text });
      assert.ok(count >= 0 && count <= known.length);
    }),
    { numRuns: 400 },
  );
});

test('pages that an index serves are read without a sort or a scan', async () => {
  const { database } = library.services;
  const plans: string[] = [];
  const prepare = database.prepare.bind(database);
  database.prepare = ((sql: string) => {
    plans.push(sql);
    return prepare(sql);
  }) as typeof database.prepare;
  try {
    for (const by of SAMPLE_SORTS) {
      for (const direction of ['ascending', 'descending'] as const) {
        const { next } = await browse.page({ datasetId }, { by, direction }, null, 5);
        await browse.page({ datasetId }, { by, direction }, next, 5);
      }
    }
    const sort: SampleSort = { by: 'added', direction: 'descending' };
    for (const filter of [
      { statuses: ['accepted'] },
      { labels: ['cat'] },
      { labels: [''] },
      { reasons: ['flat'] },
      { jobId: 1 },
    ] as const) {
      const whole = JSON.parse(JSON.stringify({ ...filter, datasetId })) as SampleFilter;
      const { next } = await browse.page(whole, sort, null, 1);
      if (next !== null) await browse.page(whole, sort, next, 1);
    }
  } finally {
    database.prepare = prepare;
  }
  const pages = plans.filter((sql) => sql.includes('ORDER BY') && sql.includes('LIMIT'));
  assert.ok(pages.length >= 30);
  for (const sql of pages) {
    const steps = prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...Array.from(sql.matchAll(/\?/g), () => 1))
      .map((step) => step.detail);
    assert.ok(!steps.some((step) => /TEMP B-TREE|^SCAN s\b/.test(step)), `${sql}: ${steps.join('; ')}`);
    const isSeek =
      !/coalesce|short_side|size_bytes|sharpness|brightness/.test(sql) ||
      !sql.includes('= ? AND (') ||
      /[<>]\?\)/.test(steps.join());
    assert.ok(isSeek, `${sql}: ${steps.join('; ')}`);
  }
});
