/** Which samples and datasets lack their files, told as they are found: memory does not grow with what is lost. */

import type { AffectedSample } from '../../shared/contract/doctor.ts';
import type { DoctorRepository } from './doctor-repository.ts';

/** Samples named one by one. */
const NAMED = 20;
/** Datasets named in a sentence. */
const NAMED_DATASETS = 5;
/** Hashes looked up at once. */
const BATCH = 500;

export class LostFiles {
  readonly #rows: DoctorRepository;
  readonly #byDataset = new Map<string, number>();
  readonly #named: AffectedSample[] = [];
  #found = new Map<string, AffectedSample['problem']>();

  constructor(rows: DoctorRepository) {
    this.#rows = rows;
  }

  /** The first of the samples. */
  get named(): readonly AffectedSample[] {
    return this.#named;
  }

  async add(sha256: string, problem: AffectedSample['problem']): Promise<void> {
    this.#found.set(sha256, problem);
    if (this.#found.size >= BATCH) await this.flush();
  }

  /** To be called once all are added. */
  async flush(): Promise<void> {
    const found = this.#found;
    if (found.size === 0) return;
    this.#found = new Map();
    for (const sample of await this.#rows.samplesOf([...found.keys()])) {
      const dataset = `${sample.project}/${sample.dataset}`;
      this.#byDataset.set(dataset, (this.#byDataset.get(dataset) ?? 0) + 1);
      const problem = found.get(sample.sha256);
      if (problem !== undefined && this.#named.length < NAMED) this.#named.push({ ...sample, problem });
    }
  }

  /** `3 samples of garden/birds, 1 of garden/cats`; empty when no sample has such an image. */
  words(): string {
    const datasets = [...this.#byDataset].sort(([, a], [, b]) => b - a);
    const words = datasets
      .slice(0, NAMED_DATASETS)
      .map(([dataset, count], index) =>
        index === 0 ? `${count} ${count === 1 ? 'sample' : 'samples'} of ${dataset}` : `${count} of ${dataset}`,
      );
    if (datasets.length > words.length) words.push(`others of ${datasets.length - words.length} more datasets`);
    return words.join(', ');
  }
}
