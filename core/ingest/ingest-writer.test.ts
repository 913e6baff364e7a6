import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NO_COUNTS } from '../../shared/contract/jobs.ts';
import type { RequestMeta } from '../crawl/request-repository.ts';
import { JobTally } from '../jobs/job-tally.ts';
import {
  addRequests,
  arrivalOf,
  counterDrift,
  fakeWorkers,
  inspectionOf,
  makeLibrary,
  sampleRows,
  sha256Of,
  type TestLibrary,
} from '../testing/test-library.ts';
import type { Inspected, OriginFacts } from './arrival.ts';
import { IngestWriter } from './ingest-writer.ts';

let library: TestLibrary;

before(async () => {
  library = await makeLibrary(fakeWorkers());
});

after(() => library?.remove());

interface Came {
  readonly name: string;
  readonly meta?: Partial<RequestMeta>;
  readonly origin?: Partial<OriginFacts>;
}

async function newJob(datasetId: number) {
  const { database, datasets, jobs, ownerId, requests, ruleSets } = library.services;
  const { id: jobId } = await jobs.insert('crawl', datasetId, {});
  const rules = await ruleSets.standard();
  const tally = new JobTally(NO_COUNTS, {}, 0);
  const target = { jobId, datasetId, ruleSetId: rules.id, judge: rules.judge, tally };
  const writer = new IngestWriter(database, ownerId, requests, datasets, target);
  const arrive = async (...came: readonly Came[]): Promise<Inspected[]> => {
    const rows = await addRequests(
      library.services,
      jobId,
      came.map(({ name }) => name),
    );
    return rows.map((row, index) => {
      const { name = '', meta, origin } = came[index] ?? {};
      const sha256 = sha256Of(name);
      const arrival = arrivalOf({ ...row, meta: { ...row.meta, ...meta } }, sha256, '');
      return {
        arrival: { ...arrival, origin: { ...arrival.origin, ...origin } },
        sha256,
        knownImageId: null,
        answer: { inspection: inspectionOf({ name }), thumbnail: null },
      };
    });
  };
  return { tally, arrive, commit: (batch: readonly Inspected[]) => database.write(() => writer.commit(batch)) };
}

test('a request that was settled before is passed over: nothing is counted or written twice', async () => {
  const datasetId = await library.newDataset();
  const job = await newJob(datasetId);
  const batch = await job.arrive({ name: 'once' }, { name: 'once' });
  assert.equal((await job.commit(batch)).samplesAdded, 1);
  const { counts } = job.tally;
  const before = { ...counts };
  const stats = await library.services.datasets.stats(datasetId);
  assert.equal((await job.commit(batch)).samplesAdded, 0);
  assert.deepEqual([counts, await library.services.datasets.stats(datasetId)], [before, stats]);
  assert.deepEqual([counts.fetched, counts.accepted, counts.duplicates], [2, 1, 1]);
});

test('an origin that a later crawl meets again is not written again, another place is', async () => {
  const datasetId = await library.newDataset();
  const place = { imageUrl: 'http://a/1.jpg', pageUrl: 'http://a/' };
  const licensed = { ...place, pageUrl: 'http://a/b', licence: 'by' };
  for (const origins of [[place], [place, { ...place, pageUrl: null }], [licensed, place]]) {
    const job = await newJob(datasetId);
    await job.commit(await job.arrive(...origins.map((origin) => ({ name: 'met again', origin }))));
  }
  const { byLicence, bySource, dataset } = await library.services.datasets.stats(datasetId);
  assert.deepEqual([dataset.sampleCount, bySource, byLicence], [1, { web: 3 }, { by: 1, unknown: 2 }]);
  assert.equal(await counterDrift(library.services, datasetId), 0);
});

test('a sample has the label, split, caption and name that its source gave it', async () => {
  const datasetId = await library.newDataset();
  const job = await newJob(datasetId);
  const given = { label: 'cat', split: 'test', caption: 'A cat.', name: 'cat.jpg' } as const;
  await job.commit(
    await job.arrive({ name: 'a cat', meta: given }, { name: 'plain' }, { name: 'cat 2', meta: { label: 'cat' } }),
  );
  const rows = library.services.database
    .prepare<[number], Record<string, unknown>>(
      `SELECT l.name AS label, s.split, s.caption, s.name FROM samples s LEFT JOIN labels l ON l.id = s.label_id
       WHERE s.dataset_id = ? ORDER BY s.id`,
    )
    .all(datasetId);
  const none = { label: null, split: null, caption: null, name: null };
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [given, none, { ...none, label: 'cat' }],
  );
  const { byLabel, bySplit } = await library.services.datasets.stats(datasetId);
  assert.deepEqual([byLabel, bySplit], [{ cat: 2 }, { test: 1 }]);
});

test('a batch that cannot be written leaves nothing of itself', async () => {
  const datasetId = await library.newDataset();
  const job = await newJob(datasetId);
  const [good, hashless] = await job.arrive({ name: 'undone' }, { name: 'hashless' });
  await assert.rejects(job.commit([good as Inspected, { ...(hashless as Inspected), sha256: null }]), /no hash/);
  assert.deepEqual(sampleRows(library.services, datasetId), []);
  assert.equal((await library.services.datasets.stats(datasetId)).sizeBytes, 0);
  await job.commit([good as Inspected]);
  assert.equal(sampleRows(library.services, datasetId).length, 1);
  assert.equal(await counterDrift(library.services, datasetId), 0);
});
