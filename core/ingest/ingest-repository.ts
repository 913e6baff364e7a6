/** Samples and origins as they come in: the statements that a crawl runs once for each image. */

import type { RequestMeta } from '../crawl/ledger-request.ts';
import { Repository } from '../db/repository.ts';
import type { JudgedFacts } from '../judge/judge.ts';
import { SampleTextRepository } from '../samples/sample-text-repository.ts';
import type { OriginFacts } from './arrival.ts';

interface NewSample {
  readonly datasetId: number;
  readonly imageId: number;
  readonly labelId: number | null;
  readonly jobId: number;
  readonly ruleSetId: number;
  readonly verdict: { readonly status: 'accepted' | 'quarantined'; readonly reasons: readonly string[] };
  readonly facts: JudgedFacts & { readonly format: string };
  /** What was known where the image was found. */
  readonly meta: RequestMeta;
  readonly origin: OriginFacts;
}

/** Everything that writes is to be called inside `database.write`. */
export class IngestRepository extends Repository {
  readonly #texts = new SampleTextRepository(this.database, this.ownerId);

  /** The dataset's sample of an image; undefined when it has none. */
  findSampleId(datasetId: number, imageId: number): number | undefined {
    return this.database
      .prepare<[number, number], { id: number }>('SELECT id FROM samples WHERE image_id = ? AND dataset_id = ?')
      .get(imageId, datasetId)?.id;
  }

  /** Adds a sample with its reasons, its origin and its words; counters are the caller's. */
  insertSample(sample: NewSample): void {
    const { datasetId, facts, meta, origin, verdict } = sample;
    const shortSide = Math.min(facts.width, facts.height);
    const now = Date.now();
    const sampleId = Number(
      this.database
        .prepare(
          `INSERT INTO samples (owner_id, dataset_id, image_id, label_id, split, status, decided_by, reasons, caption,
             name, job_id, rule_set_id, format, short_side, aspect_ratio, size_bytes, sharpness, brightness, contrast,
             entropy, source, licence, created_at, updated_at)
           VALUES (?, ?, ?, ?, ?, ?, 'rules', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          this.ownerId,
          datasetId,
          sample.imageId,
          sample.labelId,
          meta.split ?? null,
          verdict.status,
          verdict.reasons.join(','),
          meta.caption ?? null,
          meta.name ?? null,
          sample.jobId,
          sample.ruleSetId,
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
      this.database
        .prepare('INSERT OR IGNORE INTO sample_reasons (dataset_id, reason, sample_id) VALUES (?, ?, ?)')
        .run(datasetId, reason, sampleId);
    }
    this.#insertOrigin(sampleId, sample.jobId, origin);
    this.#texts.insert(sampleId, {
      caption: meta.caption ?? null,
      tags: [],
      name: meta.name ?? null,
      pageUrls: origin.pageUrl === null ? [] : [origin.pageUrl],
    });
  }

  /** One more origin of a sample, unless it has this very one from an earlier crawl. */
  addOrigin(sampleId: number, jobId: number, origin: OriginFacts): void {
    const same = this.database
      .prepare<unknown[], { id: number }>(
        'SELECT id FROM origins WHERE sample_id = ? AND image_url = ? AND page_url IS ?',
      )
      .get(sampleId, origin.imageUrl, origin.pageUrl);
    if (same !== undefined) return;
    this.#insertOrigin(sampleId, jobId, origin);
    if (origin.pageUrl !== null) this.#texts.refresh(sampleId);
  }

  #insertOrigin(sampleId: number, jobId: number, origin: OriginFacts): void {
    this.database
      .prepare(
        `INSERT INTO origins (owner_id, sample_id, job_id, source, page_url, image_url, licence, creator, attribution,
           consent, http_status, fetched_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        this.ownerId,
        sampleId,
        jobId,
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
}
