/** Which samples and datasets lack their files, told as they are found: memory does not grow with what is lost. */

import type { AffectedFile } from '../../shared/contract/doctor.ts';
import type { DoctorRepository } from './doctor-repository.ts';

/** Files named one by one. */
const NAMED = 20;
/** Datasets named in a sentence. */
const NAMED_DATASETS = 5;
/** Hashes looked up at once. */
const BATCH = 500;

export class LostFiles {
  readonly #rows: DoctorRepository;
  readonly #byDataset = new Map<string, number>();
  readonly #named = new Map<string, AffectedFile>();
  #found = new Map<string, AffectedFile['problem']>();

  constructor(rows: DoctorRepository) {
    this.#rows = rows;
  }

  /** The first of the files that have samples, each with all datasets it is in. */
  get named(): readonly AffectedFile[] {
    return [...this.#named.values()];
  }

  async add(sha256: string, problem: AffectedFile['problem']): Promise<void> {
    this.#found.set(sha256, problem);
    if (this.#found.size >= BATCH) await this.flush();
  }

  /** To be called once all are added. */
  async flush(): Promise<void> {
    const found = this.#found;
    if (found.size === 0) return;
    this.#found = new Map();
    for (const { sha256, project, dataset, name, from } of await this.#rows.samplesOf([...found.keys()])) {
      const place = `${project}/${dataset}`;
      this.#byDataset.set(place, (this.#byDataset.get(place) ?? 0) + 1);
      const known = this.#named.get(sha256);
      const problem = found.get(sha256);
      if (known !== undefined) known.datasets.push({ project, dataset });
      else if (problem !== undefined && this.#named.size < NAMED) {
        this.#named.set(sha256, { sha256, problem, datasets: [{ project, dataset }], name, from });
      }
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
