/** A whole library in a temporary folder for tests: real database, reader, store and journals, workers as the test wants. */

import { hash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_COUNTS } from '../../shared/contract/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import type { Inspection, Measurements } from '../../shared/inspection.ts';
import type { ImageFormat } from '../../shared/vocabulary.ts';
import { startCore } from '../core.ts';
import type { CoreServices } from '../core-services.ts';
import type { LedgerRequest } from '../crawl/ledger-request.ts';
import { DecisionMaker } from '../decisions/decision-maker.ts';
import type { Arrival, OriginFacts } from '../ingest/arrival.ts';
import { IngestWriter } from '../ingest/ingest-writer.ts';
import { JobTally } from '../jobs/job-tally.ts';
import { openLibrary } from '../library.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';

export interface TestLibrary {
  readonly services: CoreServices;
  /** A dataset of its own. */
  newDataset(): Promise<number>;
  remove(): Promise<void>;
}

export async function makeLibrary(workers: WorkerPool): Promise<TestLibrary> {
  const folder = await mkdtemp(join(tmpdir(), 'pixcrawler-library-'));
  const library = await openLibrary(join(folder, 'data'));
  // None of these tests is about power cuts: their transactions need not wait for the disk.
  library.database.pragma('synchronous = OFF');
  const core = await startCore(library, { environment: {}, version: '0.0.0' });
  const project = await core.services.projects.insert('project');
  let datasets = 0;
  return {
    services: { ...core.services, workers: () => workers },
    newDataset: async () => (await core.services.datasets.insert(project.id, `set ${++datasets}`, [])).id,
    remove: async () => {
      await core.close();
      await library.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Workers that do what the test says, in this thread; what it says nothing about is `unavailable`. */
export function fakeWorkers(does: Partial<WorkerPool> = {}): WorkerPool {
  const missing = async (): Promise<never> => {
    throw new AppError('unavailable', 'These workers do not do that.');
  };
  return {
    processCount: 1,
    run: missing,
    inspect: missing,
    close: async () => undefined,
    status: () => ({ processes: [], restarts: 0, queued: { screen: 0, arrivals: 0, bulk: 0 }, suspects: 0 }),
    ...does,
  };
}

export function sha256Of(content: string | Uint8Array): string {
  return hash('sha256', content);
}

/** What a test says about a picture; the rest is that of a photograph that every rule accepts. */
export interface Picture {
  /** Its bytes are its name. */
  readonly name: string;
  readonly width?: number;
  readonly height?: number;
  /** Default 5,000. */
  readonly sizeBytes?: number;
  readonly integrity?: 'ok' | 'damaged';
  /** Default jpeg. */
  readonly format?: ImageFormat;
  /** What was known where it was found, and its origin; default nothing but the source web. */
  readonly meta?: Partial<LedgerRequest['meta']>;
  readonly origin?: Partial<OriginFacts>;
  /** Hashes default to what follows from the name: pictures of two names are nothing alike. */
  readonly measurements?: Partial<Measurements>;
}

export function inspectionOf(picture: Picture): Inspection {
  const {
    name,
    width = 200,
    height = 200,
    sizeBytes = 5_000,
    integrity = 'ok',
    format = 'jpeg',
    measurements,
  } = picture;
  const bits = hash('sha256', `${name} looks`, 'buffer');
  return {
    integrity,
    reason: null,
    detail: null,
    format,
    sizeBytes,
    width,
    height,
    orientation: 1,
    frames: 1,
    channels: 3,
    bitDepth: 8,
    colourSpace: 'srgb',
    hasAlpha: false,
    hasIccProfile: false,
    exif: null,
    measurements: {
      brightnessP1: 10,
      brightnessP5: 20,
      brightnessP50: 120,
      brightnessP95: 220,
      brightnessP99: 240,
      brightness: 120,
      contrast: 50,
      entropy: 7,
      colourfulness: 30,
      sharpness: 500,
      sharpnessHalf: 2_000,
      dominantColour: 0x808080,
      dHashHigh: bits.readUInt32LE(0),
      dHashLow: bits.readUInt32LE(4),
      pHashHigh: bits.readUInt32LE(8),
      pHashLow: bits.readUInt32LE(12),
      ...measurements,
    },
  };
}

/**
 * A picture that looks like others.
 * @param bits by how many of its 64 pHash bits it differs from the one with 0
 * @param looks pictures of other looks are nothing alike; default the name
 */
export function like(name: string, bits: number, picture: Omit<Picture, 'name'> = {}, looks = name): Picture {
  const hashes = inspectionOf({ name: looks }).measurements as Measurements;
  const { dHashHigh, dHashLow, pHashHigh, pHashLow } = hashes;
  const measurements = { dHashHigh, dHashLow, pHashHigh, pHashLow: (pHashLow ^ (2 ** bits - 1)) >>> 0 };
  return { ...picture, name: `${name} by ${bits}`, measurements: { ...measurements, ...picture.measurements } };
}

/** Ledger rows of a job for images of these names, each at an address of its own. */
export async function addRequests(
  services: CoreServices,
  jobId: number,
  names: readonly string[],
): Promise<LedgerRequest[]> {
  const { database, requests } = services;
  return database.write(() => {
    const last = database.prepare<[], { id: number }>('SELECT coalesce(max(id), 0) AS id FROM requests').get()?.id ?? 0;
    const found = names.map((name, index) => ({
      kind: 'image' as const,
      url: `http://a/${last + index}/${encodeURIComponent(name)}`,
      site: 'http://a:80',
      lane: 1,
      depth: 0,
      meta: { source: 'web' },
    }));
    requests.insertMany(jobId, found);
    return requests.waiting(jobId, requests.siteId('http://a:80'), 1, last, names.length);
  });
}

/** Bytes of a request that have been fetched. */
export function arrivalOf(request: LedgerRequest, sha256: string | null, path: string, stagedPath = path): Arrival {
  const unknown = { licence: null, creator: null, attribution: null, pageUrl: null };
  const consent = '{"verdict":"allowed","signals":[]}';
  const origin = { ...unknown, source: 'web', imageUrl: request.url, consent, httpStatus: 200, fetchedAt: 1 };
  return { request, path, stagedPath, sha256, origin };
}

/** Samples as a crawl would have added them, judged by the standard rules. @returns their ids, in order, and their job */
export async function addSamples(
  services: CoreServices,
  datasetId: number,
  pictures: readonly Picture[],
): Promise<{ readonly jobId: number; readonly ids: readonly number[]; readonly tally: JobTally }> {
  const { database, jobs, labels, ownerId, requests } = services;
  const job = await jobs.insert('crawl', datasetId, {});
  await jobs.setState(job.id, 'completed');
  const rules = await services.ruleSets.standard();
  const tally = new JobTally(NO_COUNTS, {}, 0);
  const target = { jobId: job.id, datasetId, ruleSetId: rules.id, judge: rules.judge, tally };
  const writer = new IngestWriter(database, ownerId, requests, labels, target);
  const waiting = await addRequests(
    services,
    job.id,
    pictures.map(({ name }) => name),
  );
  const ids = await database.write(() => {
    writer.commit(
      pictures.map((picture, index) => {
        const sha256 = sha256Of(picture.name);
        const request = waiting[index] as LedgerRequest;
        const plain = arrivalOf({ ...request, meta: { ...request.meta, ...picture.meta } }, sha256, '');
        const arrival = { ...plain, origin: { ...plain.origin, ...picture.origin } };
        return { arrival, sha256, knownImageId: null, answer: { inspection: inspectionOf(picture), thumbnail: null } };
      }),
    );
    return pictures.map(
      ({ name }) =>
        database
          .prepare<[number, Buffer], { id: number }>(
            'SELECT s.id FROM samples s JOIN images i ON i.id = s.image_id WHERE s.dataset_id = ? AND i.sha256 = ?',
          )
          .get(datasetId, Buffer.from(sha256Of(name), 'hex'))?.id ?? 0,
    );
  });
  return { jobId: job.id, ids, tally };
}

/** Puts bytes into the store. @returns their hash */
export async function storeBlob(services: CoreServices, content: string): Promise<string> {
  const stagingPath = services.blobStore.stagingPath();
  await writeFile(stagingPath, content);
  const sha256 = sha256Of(content);
  await services.blobStore.adoptMany([{ stagingPath, sha256, sizeBytes: Buffer.byteLength(content) }]);
  return sha256;
}

export interface SampleRow {
  readonly id: number;
  readonly jobId: number | null;
  readonly status: 'accepted' | 'quarantined' | 'rejected';
  readonly decidedBy: 'rules' | 'user';
  readonly reasons: string;
  readonly keeperId: number | null;
  readonly keeperDistance: number | null;
}

/** The samples of a dataset as their rows say, by id. */
export function sampleRows(services: CoreServices, datasetId: number): SampleRow[] {
  return services.database
    .prepare<[number], SampleRow>(
      `SELECT id, job_id AS jobId, status, decided_by AS decidedBy, reasons, keeper_id AS keeperId,
         keeper_distance AS keeperDistance FROM samples WHERE dataset_id = ? ORDER BY id`,
    )
    .all(datasetId);
}

/** How many counters of a dataset are not what its rows say. */
export async function counterDrift(services: CoreServices, datasetId: number): Promise<number> {
  await services.database.flushed();
  const { sql, parameters } = services.counters.driftQuery(datasetId);
  return (await services.reader.all<{ wrong: number }>(sql, parameters))[0]?.wrong ?? 0;
}

/** What a person decides. */
export async function decide(
  services: CoreServices,
  datasetId: number,
  sampleId: number,
  status: SampleRow['status'],
): Promise<void> {
  await new DecisionMaker(services).apply(datasetId, { kind: 'ids', ids: [sampleId] }, { status });
}
