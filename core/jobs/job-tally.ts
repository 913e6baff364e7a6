import type { JobCounts } from '../../shared/contract/jobs.ts';
import type { JobPhase } from '../../shared/vocabulary.ts';

/** Images that a page is expected to lead to before any was read; what was found on pages soon outweighs it. */
const IMAGES_A_PAGE = 30;

/** How far a job is, in units of work: images and pages, or whatever a job counts that knows its work beforehand. */
export interface JobWork {
  readonly done: number;
  /** What is known to be left, and what pages that are yet to be read are expected to lead to. */
  readonly left: number;
  /** Whether `left` is more than a guess. */
  readonly isKnown: boolean;
  /** Pages known of so far, read or not, and those that are read. */
  readonly pages: number;
  readonly pagesDone: number;
  /** Images known of that have not ended. */
  readonly imagesLeft: number;
  readonly kept: number;
  /** Images that may be kept before the job ends; infinite without a limit. */
  readonly maxKept: number;
}

/** The counts of a running job. Changed only inside the write that changes the rows they count. */
export class JobTally {
  readonly counts: JobCounts;
  readonly reasons: Record<string, number>;
  /** Set by every change; whoever saves the counts clears it. */
  isDirty = false;
  /** Milliseconds since 1970 before which the job cannot end, as far as is known: sites are asked one by one. */
  endsNotBeforeMs = 0;
  #phase: JobPhase | null = null;
  #progress: number;
  #limits = { maxImages: Number.POSITIVE_INFINITY, maxPages: Number.POSITIVE_INFINITY };
  /** For jobs whose work is known beforehand. */
  #steps: { readonly done: number; readonly total: number } | null = null;

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

  /** For jobs whose work is known beforehand: done out of total. */
  advance(done: number, total: number): void {
    this.isDirty = true;
    this.#steps = { done, total: Math.max(done, total) };
  }

  get phase(): JobPhase | null {
    return this.#phase;
  }

  enter(phase: JobPhase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.isDirty = true;
  }

  /** Says where a collection ends before all is done: images kept, pages read. Default: nowhere. */
  limit(limits: { readonly maxImages: number; readonly maxPages: number }): void {
    this.#limits = limits;
  }

  get work(): JobWork {
    const { kept } = this;
    if (this.#steps !== null) {
      const { done, total } = this.#steps;
      const left = total - done;
      return { done, left, isKnown: true, pages: 0, pagesDone: 0, imagesLeft: left, kept, maxKept: Infinity };
    }
    const { discovered, pagesDiscovered, pagesDone } = this.counts;
    const { maxImages, maxPages } = this.#limits;
    const pagesLeft = Math.max(0, Math.min(pagesDiscovered, maxPages) - pagesDone);
    const imagesLeft = Math.max(0, discovered - this.settled);
    const imagesAPage = (discovered + IMAGES_A_PAGE) / (pagesDone + 1);
    return {
      done: this.settled + pagesDone,
      left: imagesLeft + pagesLeft * (1 + imagesAPage),
      isKnown: pagesLeft <= pagesDone,
      pages: pagesDiscovered,
      pagesDone,
      imagesLeft,
      kept,
      maxKept: maxImages,
    };
  }

  /**
   * How far the job is on the way to whichever end comes first: all work done, or as many images kept as are wanted. A page
   * that was not read stands for the images it is expected to lead to. 0 to 99 while running; never falls.
   */
  get progress(): number {
    const { done, kept, left, maxKept } = this.work;
    const share = Math.max(done === 0 ? 0 : done / (done + left), kept / maxKept);
    this.#progress = Math.max(this.#progress, Math.min(99, Math.floor(990 * share) / 10));
    return this.#progress;
  }
}
