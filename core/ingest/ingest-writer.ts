/** The hot path of the writer: images, samples, origins, ledger and counters of a batch, in one transaction. */

import type { Inspection, Measurements } from '../../shared/inspection.ts';
import type { RequestRepository } from '../crawl/request-repository.ts';
import { CounterRepository } from '../datasets/counter-repository.ts';
import { CounterChanges } from '../datasets/counters.ts';
import type { LabelRepository } from '../datasets/label-repository.ts';
import type { Database } from '../db/database.ts';
import { ImageRepository } from '../images/image-repository.ts';
import type { JobTally } from '../jobs/job-tally.ts';
import type { JudgedFacts } from '../judge/judge.ts';
import type { Inspected } from './arrival.ts';
import { IngestRepository } from './ingest-repository.ts';

/** Judges an image from what is stored about it. */
type JudgeImage = (image: JudgedFacts) => {
  readonly status: 'accepted' | 'quarantined';
  readonly reasons: readonly string[];
};

export interface IngestTarget {
  readonly jobId: number;
  readonly datasetId: number;
  readonly ruleSetId: number;
  readonly judge: JudgeImage;
  readonly tally: JobTally;
}

/** Content that a dataset may keep: it decoded, at least in part. */
export function isDecoded(
  inspection: Inspection,
): inspection is Inspection & { integrity: 'ok' | 'damaged'; measurements: Measurements } {
  return (inspection.integrity === 'ok' || inspection.integrity === 'damaged') && inspection.measurements !== null;
}

export interface Committed {
  /** Ids and thumbnails of images that are new in the library. */
  readonly thumbnails: { readonly imageId: number; readonly bytes: Uint8Array }[];
  samplesAdded: number;
}

export class IngestWriter {
  readonly #images: ImageRepository;
  readonly #samples: IngestRepository;
  readonly #requests: RequestRepository;
  readonly #labels: LabelRepository;
  readonly #counters: CounterRepository;
  readonly #target: IngestTarget;
  readonly #labelIds = new Map<string, number>();

  constructor(
    database: Database,
    ownerId: string,
    requests: RequestRepository,
    labels: LabelRepository,
    target: IngestTarget,
  ) {
    this.#images = new ImageRepository(database, ownerId);
    this.#samples = new IngestRepository(database, ownerId);
    this.#requests = requests;
    this.#labels = labels;
    this.#counters = new CounterRepository(database, ownerId);
    this.#target = target;
  }

  /** The images row with this content; undefined when the library has none. */
  findImageId(sha256: string): number | undefined {
    return this.#images.findId(sha256);
  }

  /** The size of a stored image; 0 when its row is gone. */
  sizeBytesOf(imageId: number): number {
    return this.#images.findSizeBytes(imageId) ?? 0;
  }

  /** Whether the dataset has a sample of this image. */
  hasSample(imageId: number): boolean {
    return this.#samples.findSampleId(this.#target.datasetId, imageId) !== undefined;
  }

  /** Settles a batch. Call inside `database.write`. Requests settled before are passed over. */
  commit(batch: readonly Inspected[]): Committed {
    const committed: Committed = { thumbnails: [], samplesAdded: 0 };
    const counters = new CounterChanges();
    for (const inspected of batch) this.#commitOne(inspected, committed, counters);
    this.#counters.apply(counters);
    return committed;
  }

  #commitOne(inspected: Inspected, committed: Committed, counters: CounterChanges): void {
    const { arrival, answer } = inspected;
    const { tally } = this.#target;
    if (answer !== null && !isDecoded(answer.inspection)) {
      const { integrity, reason, detail } = answer.inspection;
      const state = integrity === 'refused' ? 'refused' : 'failed';
      const settled = this.#requests.settle(arrival.request.id, {
        state,
        reason: reason ?? 'unreadable',
        detail,
        httpStatus: arrival.origin.httpStatus,
      });
      if (settled) tally.add({ fetched: 1, [state]: 1 }, reason ?? 'unreadable');
      return;
    }
    if (inspected.sha256 === null) throw new Error('A decoded image has no hash');
    // An image without a sample would never be removed again.
    if (!this.#requests.isWaiting(arrival.request.id)) return;
    let imageId = inspected.knownImageId ?? this.findImageId(inspected.sha256);
    if (imageId === undefined) {
      if (answer === null || !isDecoded(answer.inspection)) throw new Error('Known content has lost its row');
      imageId = this.#images.insert(inspected.sha256, answer.inspection);
      if (answer.thumbnail !== null) committed.thumbnails.push({ imageId, bytes: answer.thumbnail });
    }
    const existingId = this.#samples.findSampleId(this.#target.datasetId, imageId);
    this.#requests.settle(arrival.request.id, {
      state: existingId === undefined ? 'done' : 'duplicate',
      httpStatus: arrival.origin.httpStatus,
      imageId,
    });
    if (existingId !== undefined) {
      this.#samples.addOrigin(existingId, this.#target.jobId, arrival.origin);
      tally.add({ fetched: 1, duplicates: 1 });
      return;
    }
    this.#insertSample(imageId, inspected, counters);
    committed.samplesAdded++;
  }

  #insertSample(imageId: number, inspected: Inspected, counters: CounterChanges): void {
    const { datasetId, jobId, ruleSetId, tally } = this.#target;
    const { origin, request } = inspected.arrival;
    const { meta } = request;
    const facts = this.#facts(imageId, inspected);
    const verdict = this.#target.judge(facts);
    const labelId = meta.label === undefined ? null : this.#labelId(meta.label);
    this.#samples.insertSample({ datasetId, imageId, labelId, jobId, ruleSetId, verdict, facts, meta, origin });
    for (const reason of verdict.reasons) {
      counters.add(datasetId, 'reason', reason, 1);
      tally.addReason(reason, 1);
    }
    counters.add(datasetId, 'total', '', 1);
    counters.add(datasetId, 'bytes', '', facts.sizeBytes);
    counters.add(datasetId, 'status', verdict.status, 1);
    counters.add(datasetId, 'format', facts.format, 1);
    if (labelId !== null) counters.add(datasetId, 'label', String(labelId), 1);
    if (meta.split !== undefined) counters.add(datasetId, 'split', meta.split, 1);
    counters.add(datasetId, 'source', origin.source, 1);
    counters.add(datasetId, 'licence', origin.licence ?? '', 1);
    tally.add({ fetched: 1, [verdict.status]: 1, bytes: facts.sizeBytes });
  }

  #facts(imageId: number, inspected: Inspected): JudgedFacts & { format: string } {
    const inspection = inspected.answer?.inspection;
    if (inspection !== undefined && isDecoded(inspection)) return inspection;
    const stored = this.#images.findFacts(imageId);
    if (stored === undefined) throw new Error('Known content has lost its row');
    return stored;
  }

  #labelId(name: string): number {
    const cached = this.#labelIds.get(name);
    if (cached !== undefined) return cached;
    const id = this.#labels.ensureId(this.#target.datasetId, name);
    this.#labelIds.set(name, id);
    return id;
  }
}
