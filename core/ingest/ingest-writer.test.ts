import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NO_COUNTS } from '../../shared/contract/jobs.ts';
import type { LedgerRequest } from '../crawl/ledger-request.ts';
import { JobTally } from '../jobs/job-tally.ts';
import {
  addRequests,
  arrivalOf,
  fakeWorkers,
  inspectionOf,
  makeLibrary,
  sha256Of,
  type TestLibrary,
} from '../testing/test-library.ts';
import { IngestWriter } from './ingest-writer.ts';

let library: TestLibrary;
before(async () => {
  library = await makeLibrary(fakeWorkers());
});
after(() => library?.remove());

test('a request that was settled meanwhile leaves neither image nor sample', async () => {
  const { services } = library;
  const { database, jobs, labels, ownerId, requests } = services;
  const datasetId = await library.newDataset();
  const job = await jobs.insert('crawl', datasetId, {});
  const rules = await services.ruleSets.standard();
  const tally = new JobTally(NO_COUNTS, {}, 0);
  const target = { jobId: job.id, datasetId, ruleSetId: rules.id, judge: rules.judge, tally };
  const writer = new IngestWriter(database, ownerId, requests, labels, target);
  const names = ['given up', 'wanted'];
  const waiting = await addRequests(services, job.id, names);
  await database.write(() => requests.settle((waiting[0] as LedgerRequest).id, { state: 'failed' }));
  const batch = names.map((name, index) => {
    const sha256 = sha256Of(name);
    const arrival = arrivalOf(waiting[index] as LedgerRequest, sha256, '');
    const answer = { inspection: inspectionOf({ name }), thumbnail: new Uint8Array([1]) };
    return { arrival, sha256, knownImageId: null, answer };
  });
  const committed = await database.write(() => writer.commit(batch));
  assert.deepEqual(
    names.map((name) => writer.findImageId(sha256Of(name)) !== undefined),
    [false, true],
  );
  assert.deepEqual([committed.samplesAdded, committed.thumbnails.length, tally.counts.fetched], [1, 1, 1]);
});
