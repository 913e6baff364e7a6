/** How the progress of jobs is told: not at all, line by line, or as JSON. The live display has its own file. */

import { formatCount, formatPercent, formatRate, formatRemaining, harmless } from './format.ts';
import { LiveReporter } from './live.ts';
import { type JobMeter, settledImages } from './meter.ts';
import type { Output } from './output.ts';
import { isEnded, PHASE_WORDS, progressObject, restingWords } from './report.ts';
import type { Session } from './session.ts';

/** Told of everything that happens to the jobs being followed. */
export interface Reporter {
  /** A job was first seen, or something about it changed. */
  update(meter: JobMeter, nowMs: number): void;
  /** Time has passed; called about ten times a second. */
  tick(nowMs: number): void;
  /** One line for a person. */
  note(text: string): void;
  close(): void;
}

const JSON_INTERVAL_MS = 1000;
const PLAIN_INTERVAL_MS = 5000;

/** What suits the session: bars on a terminal, lines elsewhere, objects with --json, nothing with --quiet. */
export function reportersFor(session: Session): Reporter[] {
  const { out, err, host } = session;
  if (session.quiet) return [];
  const reporters: Reporter[] = session.json ? [new JsonReporter(out)] : [];
  // Bars and JSON lines on one screen would draw over each other.
  if (err.isTerminal && !(session.json && out.isTerminal)) {
    reporters.push(new LiveReporter(err, host.environment, (cleanup) => host.atExit(cleanup)));
  } else if (!session.json) {
    reporters.push(new PlainReporter(err));
  }
  return reporters;
}

/** At most one object a second for one job, the first at once and the last when it ends. */
export class JsonReporter implements Reporter {
  readonly #out: Output;
  readonly #pace = new Pace(JSON_INTERVAL_MS);

  constructor(out: Output) {
    this.#out = out;
  }

  update(meter: JobMeter, nowMs: number): void {
    this.#pace.changed(meter);
    this.tick(nowMs);
  }

  tick(nowMs: number): void {
    for (const meter of this.#pace.due(nowMs)) this.#out.json(progressObject(meter, nowMs));
  }

  note(): void {}

  close(): void {}
}

/** A line every five seconds for a job that has changed. */
export class PlainReporter implements Reporter {
  readonly #err: Output;
  readonly #pace = new Pace(PLAIN_INTERVAL_MS);

  constructor(err: Output) {
    this.#err = err;
  }

  update(meter: JobMeter, nowMs: number): void {
    // The final table follows at once.
    if (isEnded(meter.job)) this.#pace.forget(meter);
    else this.#pace.changed(meter);
    this.tick(nowMs);
  }

  tick(nowMs: number): void {
    for (const meter of this.#pace.due(nowMs)) this.#err.line(plainLine(meter, nowMs));
  }

  note(text: string): void {
    this.#err.line(text);
  }

  close(): void {}
}

/** Lets each meter through once an interval, and only when it has changed. */
class Pace {
  readonly #intervalMs: number;
  readonly #changed = new Set<JobMeter>();
  readonly #lastMs = new Map<JobMeter, number>();

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  changed(meter: JobMeter): void {
    this.#changed.add(meter);
  }

  forget(meter: JobMeter): void {
    this.#changed.delete(meter);
  }

  due(nowMs: number): JobMeter[] {
    const due = [...this.#changed].filter(
      (meter) =>
        isEnded(meter.job) || nowMs - (this.#lastMs.get(meter) ?? Number.NEGATIVE_INFINITY) >= this.#intervalMs,
    );
    for (const meter of due) {
      this.#changed.delete(meter);
      this.#lastMs.set(meter, nowMs);
    }
    return due;
  }
}

function plainLine(meter: JobMeter, nowMs: number): string {
  const { job } = meter;
  const { counts } = job;
  const parts = [formatPercent(job.progress)];
  if (job.state !== 'active') parts.unshift(job.state);
  const rate = meter.imagesPerSecond(nowMs);
  if (counts.discovered > 0) {
    const speed = rate === null ? '' : ` (${formatRate(rate)})`;
    parts.push(`images ${formatCount(settledImages(job))}/${formatCount(counts.discovered)}${speed}`);
  }
  if (counts.pagesDiscovered > 0) {
    parts.push(`pages ${formatCount(counts.pagesDone)}/${formatCount(counts.pagesDiscovered)}`);
  }
  for (const word of ['accepted', 'quarantined', 'duplicates', 'refused', 'failed'] as const) {
    if (counts[word] > 0) parts.push(`${word} ${formatCount(counts[word])}`);
  }
  const { phase, remainingMs } = job;
  if (phase !== null) parts.push(PHASE_WORDS[phase]);
  if (remainingMs !== null) parts.push(`${formatRemaining(remainingMs)} left`);
  const resting = meter.resting(nowMs);
  if (resting !== null) parts.push(restingWords(resting));
  return `${job.kind} ${job.id} ${harmless(job.datasetName)}: ${parts.join(', ')}`;
}
