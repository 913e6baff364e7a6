import type { JobCounts } from '../../shared/contract/jobs.ts';

/** The counts of a running job. Changed only inside the write that changes the rows they count. */
export class JobTally {
  readonly counts: JobCounts;
  readonly reasons: Record<string, number>;
  /** Set by every change; whoever saves the counts clears it. */
  isDirty = false;
  #progress: number;

  constructor(counts: JobCounts, reasons: Record<string, number>, progress: number) {
    this.counts = { ...counts };
    this.reasons = { ...reasons };
    this.#progress = progress;
  }

  /** @returns a function that sets the counts back to what they are now */
  mark(): () => void {
    const { counts, isDirty, reasons } = this;
    const before = { counts: { ...counts }, reasons: { ...reasons } };
    return () => {
      Object.assign(counts, before.counts);
      for (const reason of Object.keys(reasons)) delete reasons[reason];
      Object.assign(reasons, before.reasons);
      this.isDirty = isDirty;
    };
  }

  add(counts: Partial<JobCounts>, reason?: string | null): void {
    for (const [name, count] of Object.entries(counts) as [keyof JobCounts, number][]) this.counts[name] += count;
    this.isDirty = true;
    if (reason != null) this.addReason(reason, 1);
  }

  addReason(reason: string, count: number): void {
    this.isDirty = true;
    const total = (this.reasons[reason] ?? 0) + count;
    if (total <= 0) delete this.reasons[reason];
    else this.reasons[reason] = total;
  }

  /** Images that have ended, however. */
  get settled(): number {
    const { accepted, quarantined, duplicates, refused, failed } = this.counts;
    return accepted + quarantined + duplicates + refused + failed;
  }

  /** Images this job added. */
  get kept(): number {
    return this.counts.accepted + this.counts.quarantined;
  }

  /** Replaces counts, for jobs that report how things stand. */
  set(counts: Partial<JobCounts>): void {
    Object.assign(this.counts, counts);
    this.isDirty = true;
  }

  setReason(reason: string, count: number): void {
    if (count === 0) delete this.reasons[reason];
    else this.reasons[reason] = count;
    this.isDirty = true;
  }

  /** For jobs whose work is known beforehand: done out of total, 0 to 99; never falls. */
  advance(done: number, total: number): void {
    this.isDirty = true;
    if (total > 0) this.#progress = Math.max(this.#progress, Math.min(99, Math.floor((990 * done) / total) / 10));
  }

  /** Settled over found, images and pages alike, 0 to 99 while running; never falls. */
  get progress(): number {
    const found = this.counts.discovered + this.counts.pagesDiscovered;
    const done = this.settled + this.counts.pagesDone;
    if (found > 0) this.#progress = Math.max(this.#progress, Math.min(99, Math.floor((990 * done) / found) / 10));
    return this.#progress;
  }
}
