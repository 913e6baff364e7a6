/** The hot path of the writer: images, samples, origins, ledger and counters of a batch, in one transaction. */

import type { Inspection, Measurements } from '../../shared/inspection.ts';
import type { RequestRepository } from '../crawl/request-repository.ts';
import { CounterRepository } from '../datasets/counter-repository.ts';
import { CounterChanges } from '../datasets/counters.ts';
import type { LabelRepository } from '../datasets/label-repository.ts';
import type { Database } from '../db/database.ts';
import type { JobTally } from '../jobs/job-tally.ts';
import type { JudgedFacts } from '../judge/judge.ts';
import { SampleTextRepository } from '../samples/sample-text-repository.ts';
import type { Inspected, OriginFacts } from './arrival.ts';
import { factsOf, IMAGE_FACT_COLUMNS, type ImageFactRow } from './image-facts.ts';

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
  readonly #database: Database;
  readonly #ownerId: string;
  readonly #requests: RequestRepository;
  readonly #labels: LabelRepository;
  readonly #counters: CounterRepository;
  readonly #texts: SampleTextRepository;
  readonly #target: IngestTarget;
  readonly #labelIds = new Map<string, number>();

  constructor(
    database: Database,
    ownerId: string,
    requests: RequestRepository,
    labels: LabelRepository,
    target: IngestTarget,
  ) {
    this.#database = database;
    this.#ownerId = ownerId;
    this.#requests = requests;
    this.#labels = labels;
    this.#counters = new CounterRepository(database, ownerId);
    this.#texts = new SampleTextRepository(database, ownerId);
    this.#target = target;
  }

  /** The images row with this content; undefined when the library has none. */
  findImageId(sha256: string): number | undefined {
    return this.#database
      .prepare<[Buffer, string], { id: number }>('SELECT id FROM images WHERE sha256 = ? AND owner_id = ?')
      .get(Buffer.from(sha256, 'hex'), this.#ownerId)?.id;
  }

  /** The size of a stored image; 0 when its row is gone. */
  sizeBytesOf(imageId: number): number {
    const row = this.#database
      .prepare<[number], { size_bytes: number }>('SELECT size_bytes FROM images WHERE id = ?')
      .get(imageId);
    return row?.size_bytes ?? 0;
  }

  /** Whether the dataset has a sample of this image. */
  hasSample(imageId: number): boolean {
    return (
      this.#database
        .prepare<[number, number], { id: number }>('SELECT id FROM samples WHERE image_id = ? AND dataset_id = ?')
        .get(imageId, this.#target.datasetId) !== undefined
    );
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
      imageId = this.#insertImage(inspected.sha256, answer.inspection);
      if (answer.thumbnail !== null) committed.thumbnails.push({ imageId, bytes: answer.thumbnail });
    }
    const existing = this.#database
      .prepare<[number, number], { id: number }>('SELECT id FROM samples WHERE image_id = ? AND dataset_id = ?')
      .get(imageId, this.#target.datasetId);
    this.#requests.settle(arrival.request.id, {
      state: existing === undefined ? 'done' : 'duplicate',
      httpStatus: arrival.origin.httpStatus,
      imageId,
    });
    if (existing !== undefined) {
      this.#addOrigin(existing.id, arrival.origin);
      tally.add({ fetched: 1, duplicates: 1 });
      return;
    }
    this.#insertSample(imageId, inspected, counters);
    committed.samplesAdded++;
  }

  #insertImage(sha256: string, inspection: Inspection & { measurements: Measurements }): number {
    const m = inspection.measurements;
    return Number(
      this.#database
        .prepare(
          `INSERT INTO images (owner_id, sha256, size_bytes, format, width, height, orientation, frames, channels,
             bit_depth, colour_space, has_alpha, has_icc_profile, integrity, detail, exif, brightness_p1, brightness_p5,
             brightness_p50, brightness_p95, brightness_p99, brightness, contrast, entropy, colourfulness, sharpness,
             sharpness_half, dominant_colour, d_hash_high, d_hash_low, p_hash_high, p_hash_low, created_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          this.#ownerId,
          Buffer.from(sha256, 'hex'),
          inspection.sizeBytes,
          inspection.format,
          inspection.width,
          inspection.height,
          inspection.orientation,
          inspection.frames,
          inspection.channels,
          inspection.bitDepth,
          inspection.colourSpace,
          inspection.hasAlpha ? 1 : 0,
          inspection.hasIccProfile ? 1 : 0,
          inspection.integrity,
          inspection.detail,
          inspection.exif === null ? null : JSON.stringify(inspection.exif),
          m.brightnessP1,
          m.brightnessP5,
          m.brightnessP50,
          m.brightnessP95,
          m.brightnessP99,
          m.brightness,
          m.contrast,
          m.entropy,
          m.colourfulness,
          m.sharpness,
          m.sharpnessHalf,
          m.dominantColour,
          m.dHashHigh,
          m.dHashLow,
          m.pHashHigh,
          m.pHashLow,
          Date.now(),
        ).lastInsertRowid,
    );
  }

  #insertSample(imageId: number, inspected: Inspected, counters: CounterChanges): void {
    const { datasetId, jobId, tally } = this.#target;
    const { origin, request } = inspected.arrival;
    const { meta } = request;
    const facts = this.#facts(imageId, inspected);
    const verdict = this.#target.judge(facts);
    const labelId = meta.label === undefined ? null : this.#labelId(meta.label);
    const shortSide = Math.min(facts.width, facts.height);
    const now = Date.now();
    const sampleId = Number(
      this.#database
        .prepare(
          `INSERT INTO samples (owner_id, dataset_id, image_id, label_id, split, status, decided_by, reasons, caption,
             name, job_id, rule_set_id, format, short_side, aspect_ratio, size_bytes, sharpness, brightness, contrast,
             entropy, source, licence, created_at, updated_at)
           VALUES (?, ?, ?, ?, ?, ?, 'rules', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          this.#ownerId,
          datasetId,
          imageId,
          labelId,
          meta.split ?? null,
          verdict.status,
          verdict.reasons.join(','),
          meta.caption ?? null,
          meta.name ?? null,
          jobId,
          this.#target.ruleSetId,
          facts.format,
          shortSide,
          Math.max(facts.width, facts.height) / Math.max(1, shortSide),
          facts.sizeBytes,
          facts.measurements.sharpness,
          facts.measurements.brightness,
          facts.measurements.contrast,
          facts.measurements.entropy,
          origin.source,
          origin.licence,
          now,
          now,
        ).lastInsertRowid,
    );
    for (const reason of verdict.reasons) {
      this.#database
        .prepare('INSERT OR IGNORE INTO sample_reasons (dataset_id, reason, sample_id) VALUES (?, ?, ?)')
        .run(datasetId, reason, sampleId);
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
    this.#insertOrigin(sampleId, origin);
    this.#texts.insert(sampleId, {
      caption: meta.caption ?? null,
      tags: [],
      name: meta.name ?? null,
      pageUrls: origin.pageUrl === null ? [] : [origin.pageUrl],
    });
    tally.add({ fetched: 1, [verdict.status]: 1, bytes: facts.sizeBytes });
  }

  #facts(imageId: number, inspected: Inspected): JudgedFacts & { format: string } {
    const inspection = inspected.answer?.inspection;
    if (inspection !== undefined && isDecoded(inspection)) return inspection;
    const row = this.#database
      .prepare<[number], ImageFactRow>(`SELECT ${IMAGE_FACT_COLUMNS} FROM images i WHERE i.id = ?`)
      .get(imageId);
    if (row === undefined) throw new Error('Known content has lost its row');
    return factsOf(row);
  }

  /** One more origin of a sample, unless it has this very one from an earlier crawl. */
  #addOrigin(sampleId: number, origin: OriginFacts): void {
    const same = this.#database
      .prepare<unknown[], { id: number }>(
        'SELECT id FROM origins WHERE sample_id = ? AND image_url = ? AND page_url IS ?',
      )
      .get(sampleId, origin.imageUrl, origin.pageUrl);
    if (same !== undefined) return;
    this.#insertOrigin(sampleId, origin);
    if (origin.pageUrl !== null) this.#texts.refresh(sampleId);
  }

  #insertOrigin(sampleId: number, origin: OriginFacts): void {
    this.#database
      .prepare(
        `INSERT INTO origins (owner_id, sample_id, job_id, source, page_url, image_url, licence, creator, attribution,
           consent, http_status, fetched_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        this.#ownerId,
        sampleId,
        this.#target.jobId,
        origin.source,
        origin.pageUrl,
        origin.imageUrl,
        origin.licence,
        origin.creator,
        origin.attribution,
        origin.consent,
        origin.httpStatus,
        origin.fetchedAt,
      );
  }

  #labelId(name: string): number {
    const cached = this.#labelIds.get(name);
    if (cached !== undefined) return cached;
    const id = this.#labels.ensureId(this.#target.datasetId, name);
    this.#labelIds.set(name, id);
    return id;
  }
}
