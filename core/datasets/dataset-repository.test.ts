import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import fc from 'fast-check';
import { NO_COUNTS } from '../../shared/contract/jobs.ts';
import type { Inspection } from '../../shared/inspection.ts';
import { RequestRepository } from '../crawl/request-repository.ts';
import { Database } from '../db/database.ts';
import type { Inspected } from '../ingest/arrival.ts';
import { IngestWriter } from '../ingest/ingest-writer.ts';
import { JobRepository } from '../jobs/job-repository.ts';
import { JobTally } from '../jobs/job-tally.ts';
import { RuleSetRepository } from '../judge/rule-set-repository.ts';
import { ProjectRepository } from '../projects/project-repository.ts';
import { JudgementRepository } from '../samples/judgement-repository.ts';
import { SampleRepository } from '../samples/sample-repository.ts';
import { CounterRepository } from './counter-repository.ts';
import { DatasetRepository } from './dataset-repository.ts';
import { findDataset } from './find-dataset.ts';
import { LabelRepository } from './label-repository.ts';

const OWNER = 'local';
const REASONS = ['flat', 'blurred', 'near-duplicate'] as const;
let folder: string;
let database: Database;
let datasets: DatasetRepository;
let samples: SampleRepository;
let requests: RequestRepository;
let projectId: number;
let number = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-datasets-'));
  database = await Database.open({ path: join(folder, 'test.db'), backupDirectory: join(folder, 'backups') });
  // Not about power cuts: without waiting for the disk.
  database.pragma('synchronous = OFF');
  datasets = new DatasetRepository(database, OWNER);
  samples = new SampleRepository(database, OWNER);
  requests = new RequestRepository(database, OWNER);
  projectId = (await new ProjectRepository(database, OWNER).insert('project')).id;
});

after(async () => {
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

/** An image that came in: its content, where from, and what the rules will say. */
interface Came {
  readonly content: number;
  readonly label: number | null;
  readonly licence: 'by' | null;
  readonly reasons: readonly string[];
}

function inspection(content: number): Inspection {
  const measurements = Object.fromEntries(
    `brightnessP1 brightnessP5 brightnessP50 brightnessP95 brightnessP99 brightness contrast entropy colourfulness
     sharpness sharpnessHalf dominantColour dHashHigh dHashLow pHashHigh pHashLow`
      .split(/\s+/)
      .map((name) => [name, 1]),
  ) as unknown as NonNullable<Inspection['measurements']>;
  const facts = { orientation: 1, frames: 1, channels: 3, bitDepth: 8, colourSpace: 'srgb', hasAlpha: false } as const;
  const size = { sizeBytes: 1_000 + content, width: 100, height: 100 } as const;
  return {
    ...facts,
    ...size,
    integrity: 'ok',
    reason: null,
    detail: null,
    format: content % 2 === 0 ? 'jpeg' : 'png',
    hasIccProfile: false,
    exif: null,
    measurements,
  };
}

async function ingest(datasetId: number, batch: readonly Came[], tally: JobTally): Promise<void> {
  const job = await new JobRepository(database, OWNER).insert('crawl', datasetId, {});
  const rules = await new RuleSetRepository(database, OWNER).standard();
  const found = batch.map(({ label, licence }) => ({
    kind: 'image' as const,
    url: `http://a/${number++}`,
    site: 'http://a:80',
    lane: 1,
    depth: 0,
    meta: { source: licence === null ? 'web' : 'openverse', ...(label === null ? {} : { label: `label ${label}` }) },
  }));
  await database.write(() => {
    requests.insertMany(job.id, found);
    const rows = requests.waiting(job.id, requests.siteId('http://a:80'), 1, 0, batch.length);
    for (const [index, came] of batch.entries()) {
      const request = rows[index];
      assert.ok(request !== undefined);
      const target = {
        jobId: job.id,
        datasetId,
        ruleSetId: rules.id,
        tally,
        judge: () =>
          ({ status: came.reasons.length === 0 ? 'accepted' : 'quarantined', reasons: came.reasons }) as const,
      };
      const writer = new IngestWriter(database, OWNER, requests, new LabelRepository(database, OWNER), target);
      const origin = { pageUrl: null, creator: null, attribution: null, consent: '{"verdict":"allowed","signals":[]}' };
      const sha256 = createHash('sha256').update(`${came.content}`).digest('hex');
      const inspected: Inspected = {
        sha256,
        knownImageId: null,
        answer: { inspection: inspection(came.content), thumbnail: null },
        arrival: {
          request,
          path: '',
          stagedPath: '',
          sha256,
          origin: {
            ...origin,
            source: request.meta.source,
            imageUrl: request.url,
            licence: came.licence,
            httpStatus: 200,
            fetchedAt: 1,
          },
        },
      };
      writer.commit([inspected]);
      writer.commit([inspected]);
    }
  });
}

function drift(id: number): number {
  const { sql, parameters } = new CounterRepository(database, OWNER).driftQuery(id);
  return (database.prepare(sql).get(...parameters) as { wrong: number }).wrong;
}

const came: fc.Arbitrary<Came> = fc.record({
  content: fc.nat(12),
  label: fc.option(fc.nat(2)),
  licence: fc.constantFrom('by' as const, null),
  reasons: fc.subarray([...REASONS]),
});
const step = fc.oneof(
  fc.record({ do: fc.constant('ingest' as const), batch: fc.array(came, { minLength: 1, maxLength: 6 }) }),
  fc.record({ do: fc.constant('judge' as const), at: fc.nat(12), reasons: fc.subarray([...REASONS]) }),
);

test('counters are what a count of the rows gives, after any history', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      const { id } = await datasets.insert(projectId, `set ${number++}`, []);
      const tally = new JobTally(NO_COUNTS, {}, 0);
      let arrived = 0;
      for (const each of steps) {
        if (each.do === 'ingest') {
          arrived += each.batch.length;
          await ingest(id, each.batch, tally);
          continue;
        }
        const sample = samples.page({ datasetId: id }, 0, 100)[each.at];
        if (sample === undefined) continue;
        const row = {
          id: sample.id,
          jobId: null,
          status: sample.status,
          reasons: sample.reasons,
          keeperId: null,
          keeperDistance: null,
        };
        const judgement = { sample: row, reasons: each.reasons, keeperId: null, keeperDistance: null };
        await database.write(() => new JudgementRepository(database, OWNER).apply(id, 1, [judgement], null));
      }
      assert.equal(drift(id), 0);
      assert.equal(tally.settled, arrived, 'each is counted once, though it was committed twice');
      const all = samples.page({ datasetId: id }, 0, 100);
      const stats = await datasets.stats(id);
      assert.equal(stats.dataset.sampleCount, all.length);
      for (const reason of REASONS) {
        const with_ = all.filter(({ reasons }) => reasons.includes(reason)).map((sample) => sample.id);
        assert.deepEqual(
          samples.page({ datasetId: id, reason }, 0, 100).map((sample) => sample.id),
          with_,
        );
        assert.equal(stats.byReason[reason] ?? 0, with_.length);
      }
      for (const label of ['label 0', 'label 1', 'label 2']) {
        const wanted = all
          .filter((sample) => sample.label === label && sample.status === 'accepted')
          .map((sample) => sample.id);
        const filter = { datasetId: id, label, status: 'accepted' } as const;
        const paged: number[] = [];
        for (
          let after = 0, page = samples.page(filter, after, 2);
          page.length > 0;
          page = samples.page(filter, after, 2)
        ) {
          paged.push(...page.map((sample) => sample.id));
          after = page.at(-1)?.id ?? after;
        }
        assert.deepEqual(paged, wanted);
      }
      await database.write(() =>
        database.prepare(`UPDATE counters SET count = count + 7 WHERE dataset_id = ? AND facet <> 'reason'`).run(id),
      );
      assert.equal(drift(id) > 0, all.length > 0);
      await new CounterRepository(database, OWNER).recount([id]);
      assert.equal(drift(id), 0);
    }),
    { numRuns: 100 },
  );
});

test('a removed dataset leaves the images that another one holds', async () => {
  const tally = new JobTally(NO_COUNTS, {}, 0);
  const [one, two] = [await datasets.insert(projectId, 'one', ['a']), await datasets.insert(projectId, 'two', [])];
  const image = (content: number): Came => ({ content, label: null, licence: null, reasons: [] });
  const own = Array.from({ length: 1_100 }, (_, index) => image(10_000 + index));
  await ingest(one.id, [...own, image(1), image(2)], tally);
  await ingest(two.id, [image(1), image(2), image(3)], tally);
  const gone: string[] = [];
  let calls = 0;
  await datasets.remove(one.id, async (images) => {
    calls++;
    gone.push(...images.map(({ sha256 }) => sha256));
  });
  assert.equal(new Set(gone).size, own.length);
  assert.ok(calls >= 3, 'in chunks');
  assert.equal(samples.page({ datasetId: two.id }, 0, 10).length, 3);
  assert.equal(drift(two.id), 0);
  assert.equal(await database.integrityCheck(), 'ok');
  await assert.rejects(datasets.get(one.id), { code: 'not-found' });
});

test('the jobs, ledgers and labels of a removed dataset go in chunks, by their indices', async () => {
  const labels = Array.from({ length: 600 }, (_, index) => `label ${index}`);
  const { id } = await datasets.insert(projectId, 'large', labels);
  const job = await new JobRepository(database, OWNER).insert('crawl', id, {});
  await database.write(() => {
    const found = Array.from({ length: 1_200 }, (_, index) => ({
      kind: 'image' as const,
      url: `http://large/${index}`,
      site: 'http://large:80',
      lane: 1,
      depth: 0,
      meta: { source: 'web' },
    }));
    requests.insertMany(job.id, found);
    const event = database.prepare(`INSERT INTO job_events (job_id, at, level, message) VALUES (?, 1, 'info', 'x')`);
    for (let count = 0; count < 700; count++) event.run(job.id);
  });
  const changes = () => (database.prepare('SELECT total_changes() AS count').get() as { count: number }).count;
  const largest: number[] = [];
  const statements = new Set<string>();
  const prepare = database.prepare.bind(database);
  const write = database.write.bind(database);
  const writes = mock.method(database, 'write', (work: () => unknown) =>
    write(() => {
      const before = changes();
      const result = work();
      largest.push(changes() - before);
      return result;
    }),
  );
  const prepared = mock.method(database, 'prepare', (sql: string) => {
    if (sql.startsWith('DELETE')) statements.add(sql);
    return prepare(sql);
  });
  await datasets.remove(id, async () => undefined);
  writes.mock.restore();
  prepared.mock.restore();
  assert.ok(Math.max(...largest) <= 500, `${Math.max(...largest)} rows in one write`);
  for (const table of ['requests', 'job_events'])
    assert.deepEqual(database.prepare(`SELECT id FROM ${table} WHERE job_id = ?`).all(job.id), []);
  assert.deepEqual(database.prepare('SELECT id FROM labels WHERE dataset_id = ?').all(id), []);
  assert.ok(statements.size >= 6);
  for (const sql of statements) {
    const parameters = Array.from(sql.matchAll(/\?/g), () => 1);
    for (const { detail } of database
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...parameters))
      assert.doesNotMatch(detail, /^SCAN/, sql);
  }
  // What the foreign key of samples asks for each label that goes.
  const asked = database
    .prepare<unknown[], { detail: string }>('EXPLAIN QUERY PLAN SELECT 1 FROM samples WHERE label_id = ?')
    .all(1);
  assert.match(asked[0]?.detail ?? '', /samples_of_label/);
});

test('a dataset is found by its name, its project or its number, and a wrong name names those there are', async () => {
  const other = await new ProjectRepository(database, OWNER).insert('Zoo');
  const made = await datasets.insert(other.id, 'Birds', ['robin', 'wren', 'robin']);
  assert.deepEqual(
    made.labels.map(({ name }) => name),
    ['robin', 'wren'],
  );
  for (const words of ['birds', 'zoo/birds', `#${made.id}`])
    assert.equal((await findDataset(datasets, words)).id, made.id);
  await assert.rejects(findDataset(datasets, 'bords'), { code: 'not-found', message: /Birds/ });
  const twin = await datasets.insert(projectId, 'birds', []);
  await assert.rejects(findDataset(datasets, 'birds'), { code: 'conflict', message: /Zoo\/Birds/ });
  assert.equal((await findDataset(datasets, 'project/birds')).id, twin.id);
  await assert.rejects(datasets.insert(projectId, 'BIRDS', []), { code: 'conflict' });
  await assert.rejects(datasets.rename(twin.id, 'two'), { code: 'conflict' });
  assert.equal((await datasets.rename(twin.id, 'owls')).name, 'owls');
});
