/** A large library: pages, counts, the way to the first page, and what one more image costs. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { DatasetRepository } from '../../core/datasets/dataset-repository.ts';
import { configureConnection, Database } from '../../core/db/database.ts';
import { DatabaseReader } from '../../core/db/reader.ts';
import { BrowseRepository } from '../../core/samples/browse-repository.ts';
import { FacetRepository } from '../../core/samples/facet-repository.ts';
import { SampleRepository } from '../../core/samples/sample-repository.ts';
import type { SampleFilter } from '../../shared/contract/samples.ts';
import type { BenchContext } from '../harness/context.ts';
import { writeCopies } from '../harness/pictures.ts';
import { compare, median } from '../harness/rounds.ts';
import { startCore } from './collecting.ts';
import { comparisonLine, type Line, type Row } from './row.ts';

const LARGE = 1_000_000;
const GROWN = 200_000;
const SMALL = 10_000;
const PAGE = 200;
const PAGES = 300;
const LOOKS = 300;
const SCANS = 5;
const STARTS = 7;
const ADDED_IMAGES = 1000;
const OWNER = 'local';
const DATASET = 1;

/** What `SampleRepository.page` selects, as one would write it by hand. */
const RAW_PAGE = `
  SELECT s.id, s.dataset_id, lower(hex(i.sha256)) AS sha256, l.name AS label, s.split, s.status, s.decided_by, s.reasons,
    s.keeper_distance,
    (SELECT lower(hex(ki.sha256)) FROM samples k JOIN images ki ON ki.id = k.image_id WHERE k.id = s.keeper_id) AS keeper,
    i.width, i.height, i.format, i.size_bytes, s.caption, s.name, s.created_at
  FROM samples s JOIN images i ON i.id = s.image_id LEFT JOIN labels l ON l.id = s.label_id
  WHERE s.dataset_id = ? AND s.id > ? ORDER BY s.id LIMIT ?`;

const RAW_SORTED_PAGE = `
  SELECT s.id, s.dataset_id, lower(hex(i.sha256)) AS sha256, l.name AS label, s.split, s.status, s.decided_by, s.reasons,
    s.keeper_distance,
    (SELECT lower(hex(ki.sha256)) FROM samples k JOIN images ki ON ki.id = k.image_id WHERE k.id = s.keeper_id) AS keeper,
    i.width, i.height, i.format, i.size_bytes, i.dominant_colour, s.caption, s.tags, s.name, s.created_at
  FROM samples s JOIN images i ON i.id = s.image_id LEFT JOIN labels l ON l.id = s.label_id
  WHERE s.dataset_id = ? AND (s.sharpness, s.id) < (?, ?) ORDER BY s.sharpness DESC, s.id DESC LIMIT ?`;

const RAW_FACETS = `
  SELECT status, reasons, label_id, split, format, source, licence, count(*) FROM samples INDEXED BY samples_facets
  WHERE dataset_id = ? AND short_side >= 400 GROUP BY 1, 2, 3, 4, 5, 6, 7`;

function openDatabase(dataDirectory: string): Promise<Database> {
  return Database.open({ path: join(dataDirectory, 'pixcrawler.db'), backupDirectory: join(dataDirectory, 'backups') });
}

/** Median milliseconds of a call, over many. */
async function medianOf(calls: number, work: (index: number) => unknown): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < calls; index++) {
    const startedMs = performance.now();
    await work(index);
    times.push(performance.now() - startedMs);
  }
  return median(times);
}

async function measurePage(context: BenchContext): Promise<Line[]> {
  const directory = await context.library(LARGE);
  const database = await openDatabase(directory);
  const samples = new SampleRepository(database, OWNER);
  const connection = new SqliteDatabase(join(directory, 'pixcrawler.db'), { readonly: true });
  configureConnection(connection, true);
  const statement = connection.prepare(RAW_PAGE);
  // Places all over the library, the same for both sides.
  const place = (index: number): number => Math.floor(((index * 0.618033988749895) % 1) * (LARGE - PAGE));
  const isWhole = (page: readonly unknown[]): void => {
    if (page.length !== PAGE) throw new Error(`Expected a page of ${PAGE}, but it holds ${page.length}.`);
  };
  try {
    const outcome = await compare({
      ours: {
        name: 'repository',
        run: async () => ({
          units: PAGES,
          elapsedMs:
            PAGES *
            (await medianOf(PAGES, (index) => isWhole(samples.page({ datasetId: DATASET }, place(index), PAGE)))),
        }),
      },
      limit: {
        name: 'statement',
        run: async () => ({
          units: PAGES,
          elapsedMs: PAGES * (await medianOf(PAGES, (index) => isWhole(statement.all(DATASET, place(index), PAGE)))),
        }),
      },
      rounds: context.rounds,
      onRound: (text) => context.say(text),
    });
    return [
      comparisonLine(
        {
          what: 'page of 200, 1,000,000 samples (p50)',
          against: 'a raw prepared statement',
          goal: { better: 'lower', floor: 1.5, aim: 1.2 },
          unitName: 'page',
          show: 'time',
        },
        outcome,
      ),
    ];
  } finally {
    connection.close();
    await database.close();
  }
}

async function measureCounts(context: BenchContext): Promise<Line[]> {
  const [large, small] = [
    await openDatabase(await context.library(LARGE)),
    await openDatabase(await context.library(SMALL)),
  ];
  const side = (name: string, database: Database) => {
    const datasets = new DatasetRepository(database, OWNER);
    const samples = new SampleRepository(database, OWNER);
    const counted = samples.countQuery({ datasetId: DATASET, statuses: ['accepted'] });
    return {
      name,
      run: async () => ({
        units: LOOKS,
        elapsedMs:
          LOOKS *
          (await medianOf(LOOKS, async () => {
            await datasets.stats(DATASET);
            database.prepare(counted.sql).get(...counted.parameters);
          })),
      }),
    };
  };
  try {
    const outcome = await compare({
      ours: side('1,000,000', large),
      limit: side('10,000', small),
      rounds: context.rounds,
      onRound: (text) => context.say(text),
    });
    return [
      comparisonLine(
        {
          what: 'counts and facets, 1,000,000 samples',
          against: '10,000 samples',
          goal: { better: 'lower', floor: 1.5, aim: 1.1 },
          unitName: 'look',
          show: 'time',
        },
        outcome,
      ),
    ];
  } finally {
    await Promise.all([large.close(), small.close()]);
  }
}

/** Milliseconds until a program has written what it is expected to write first; it is then left to end by itself. */
async function firstWordMs(parameters: readonly string[], expected: number): Promise<number> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let firstMs = 0;
  let word = '';
  child.stdout.once('data', (bytes) => {
    firstMs = performance.now() - startedMs;
    word = String(bytes);
  });
  const code = await ended;
  if (code !== 0 || word !== String(expected)) {
    throw new Error(`Expected node to write ${expected}, but it wrote "${word}" and ended with code ${code}.`);
  }
  return firstMs;
}

async function measureStart(context: BenchContext): Promise<Line[]> {
  const dataDirectory = await context.library(LARGE);
  const core = new URL('../../dist/core.js', import.meta.url).href;
  const script = `
    import nodeModule from 'node:module';
    import { writeSync } from 'node:fs';
    nodeModule.enableCompileCache(${JSON.stringify(context.folder)});
    const { openCore } = await import(${JSON.stringify(core)});
    const core = await openCore({ dataDirectory: ${JSON.stringify(dataDirectory)}, environment: {}, version: '0.0.0' });
    writeSync(1, String(core.page({ datasetId: ${DATASET} }, 0, ${PAGE}).length));
    await core.close();`;
  const times = async (parameters: readonly string[]) => {
    const all: number[] = [];
    for (let start = 0; start < STARTS; start++) all.push(await firstWordMs(parameters, PAGE));
    return { units: STARTS, elapsedMs: STARTS * median(all) };
  };
  const outcome = await compare({
    ours: { name: 'core', run: () => times(['--input-type=module', '-e', script]) },
    limit: { name: 'node', run: () => times(['-e', `require('fs').writeSync(1, '${PAGE}')`]) },
    rounds: context.rounds,
    onRound: (text) => context.say(text),
  });
  return [
    comparisonLine(
      {
        what: 'core start to the first page, 1,000,000 samples',
        against: 'bare node',
        goal: { better: 'lower', floor: 2, aim: 1.6 },
        unitName: 'start',
        show: 'time',
      },
      outcome,
    ),
  ];
}

async function measureGrowth(context: BenchContext): Promise<Line[]> {
  const pictures = await context.pictures();
  const folder = context.freshPath('pictures');
  const cores = [await startCore(await context.library(GROWN)), await startCore(await context.library(SMALL))] as const;
  let madeFor = -1;
  const side = (name: string, core: (typeof cores)[number]) => ({
    name,
    prepare: (round: number) => {
      if (madeFor === round) return;
      madeFor = round;
      context.remove(folder);
      writeCopies(pictures, folder, ADDED_IMAGES, context.freshNumbers(ADDED_IMAGES));
    },
    run: async () => {
      const { counts } = await core.call('import', {
        datasetId: DATASET,
        paths: [folder],
        labelsFrom: 'none',
        mode: 'copy',
      });
      return { units: counts.accepted + counts.quarantined };
    },
  });
  try {
    const outcome = await compare({
      ours: side('200,000', cores[0]),
      limit: side('10,000', cores[1]),
      rounds: context.rounds,
      onRound: (text) => context.say(text),
    });
    return [
      comparisonLine(
        {
          what: 'an image more, 200,000 in the dataset',
          against: '10,000 in the dataset',
          goal: { better: 'lower', floor: 1.5, aim: 1.2 },
          unitName: 'image',
          show: 'time',
        },
        outcome,
      ),
    ];
  } finally {
    await Promise.all(cores.map((core) => core.close()));
  }
}

/** A page of a sort from anywhere in it, and the facets of a filter, each against the statement one would write by hand. */
async function measureBrowse(context: BenchContext): Promise<Line[]> {
  const directory = await context.library(LARGE);
  const path = join(directory, 'pixcrawler.db');
  const database = await openDatabase(directory);
  const reader = new DatabaseReader(path);
  const samples = new SampleRepository(database, OWNER);
  const browse = new BrowseRepository(database, OWNER, reader, samples);
  const facets = new FacetRepository(database, OWNER, reader, samples);
  const connection = new SqliteDatabase(path, { readonly: true });
  configureConnection(connection, true);
  const sort = { by: 'sharpness', direction: 'descending' } as const;
  const filter: SampleFilter = { datasetId: DATASET, statuses: ['accepted'], ranges: { shortSide: { min: 400 } } };
  try {
    const { anchors } = await browse.index({ datasetId: DATASET }, sort, PAGE);
    const anchor = (index: number) => anchors[1 + ((index * 1_597) % (anchors.length - 2))] as string;
    const sharpness = connection.prepare<[number]>('SELECT sharpness FROM samples WHERE id = ?').pluck();
    const page = connection.prepare(RAW_SORTED_PAGE);
    const grouped = connection.prepare(RAW_FACETS);
    const pages = await compare({
      ours: {
        name: 'repository',
        run: async () => ({
          units: PAGES,
          elapsedMs:
            PAGES * (await medianOf(PAGES, (index) => browse.page({ datasetId: DATASET }, sort, anchor(index), PAGE))),
        }),
      },
      limit: {
        name: 'statement',
        run: async () => ({
          units: PAGES,
          elapsedMs:
            PAGES *
            (await medianOf(PAGES, (index) => {
              const id = Number(anchor(index).replace(/.*[+-]/, ''));
              return page.all(DATASET, sharpness.get(id), id, PAGE);
            })),
        }),
      },
      rounds: context.rounds,
      onRound: (text) => context.say(text),
    });
    const counts = await compare({
      ours: {
        name: 'repository',
        run: async () => ({ units: SCANS, elapsedMs: SCANS * (await medianOf(SCANS, () => facets.facets(filter))) }),
      },
      limit: {
        name: 'statement',
        run: async () => ({ units: SCANS, elapsedMs: SCANS * (await medianOf(SCANS, () => grouped.all(DATASET))) }),
      },
      rounds: context.rounds,
      onRound: (text) => context.say(text),
    });
    return [
      comparisonLine(
        {
          what: 'page of 200 in a sort, 1,000,000 samples (p50)',
          against: 'a raw prepared statement',
          goal: { better: 'lower', floor: 2, aim: 1.5 },
          unitName: 'page',
          show: 'time',
        },
        pages,
      ),
      comparisonLine(
        {
          what: 'facets of two filters, 1,000,000 samples',
          against: 'one grouped scan',
          goal: { better: 'lower', floor: 1.6, aim: 1.3 },
          unitName: 'look',
          show: 'time',
        },
        counts,
      ),
    ];
  } finally {
    connection.close();
    await reader.close();
    await database.close();
  }
}

export const libraryRows: readonly Row[] = [
  { name: 'page', measure: measurePage },
  { name: 'counts', measure: measureCounts },
  { name: 'browse', measure: measureBrowse },
  { name: 'start', measure: measureStart },
  { name: 'growth', measure: measureGrowth },
];
