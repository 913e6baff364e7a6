/** What a person sees on a terminal while jobs run: bars that stay in place on stderr. */

import {
  displayWidth,
  formatBytes,
  formatClock,
  formatCount,
  formatPercent,
  formatRate,
  formatRemaining,
  harmless,
  truncate,
} from './format.ts';
import { type JobMeter, rankedReasons, settledImages } from './meter.ts';
import type { Colours, Environment, Output } from './output.ts';
import { PHASE_WORDS, restingWords } from './report.ts';
import type { Reporter } from './reporters.ts';

const LEAST_REDRAW_MS = 100;
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const TO_LINE_END = '\u001b[K';
const TO_SCREEN_END = '\u001b[J';

/** Keeps one frame on the screen, also when the terminal is resized under it. */
export class LiveReporter implements Reporter {
  readonly #out: Output;
  readonly #blocks: boolean;
  readonly #meters: JobMeter[] = [];
  readonly #forget: () => void;
  #shown: string[] = [];
  #drawnAtMs = Number.NEGATIVE_INFINITY;

  /** @param atExit has the cursor shown again when the process ends in any other way than through `close` */
  constructor(out: Output, environment: Environment, atExit: (cleanup: () => void) => () => void) {
    this.#out = out;
    this.#blocks = drawsBlocks(environment);
    this.#out.write(HIDE_CURSOR);
    this.#forget = atExit(() => this.#out.write(SHOW_CURSOR));
  }

  update(meter: JobMeter, nowMs: number): void {
    if (!this.#meters.includes(meter)) this.#meters.push(meter);
    this.tick(nowMs);
  }

  tick(nowMs: number): void {
    if (nowMs - this.#drawnAtMs < LEAST_REDRAW_MS) return;
    this.#drawnAtMs = nowMs;
    this.#draw(this.#frame(nowMs));
  }

  note(text: string): void {
    const frame = this.#shown;
    this.#draw([]);
    this.#out.line(text);
    this.#draw(frame);
  }

  /** Takes the frame away: the final table says it all. */
  close(): void {
    this.#draw([]);
    this.#out.write(SHOW_CURSOR);
    this.#forget();
  }

  #frame(nowMs: number): string[] {
    const columns = this.#columns();
    const open = this.#meters.flatMap((meter) => renderJob(meter, nowMs, columns, this.#out.colours, this.#blocks));
    // A frame higher than the screen could not be taken away again.
    return open.slice(0, Math.max(1, this.#out.rows - 1));
  }

  #columns(): number {
    // Many terminals wrap as soon as the last column is written.
    return (this.#out.columns ?? 80) - 1;
  }

  #draw(frame: string[]): void {
    if (frame.length === this.#shown.length && frame.every((line, index) => line === this.#shown[index])) return;
    // Lines that were drawn on a wider terminal have been wrapped since and take several rows now.
    const width = this.#columns() + 1;
    const rows = this.#shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / width)), 0);
    const up = rows > 0 ? `\u001b[${rows}A\r` : '';
    this.#out.write(`${up}${frame.map((line) => `${line}${TO_LINE_END}\n`).join('')}${TO_SCREEN_END}`);
    this.#shown = frame;
  }
}

/**
 * The lines of one job, none wider than `columns`.
 * @param blocks whether bars may use block characters, else `#` and `-`
 */
export function renderJob(
  meter: JobMeter,
  nowMs: number,
  columns: number,
  colours: Colours,
  blocks: boolean,
): string[] {
  const { job } = meter;
  const { counts } = job;
  const rate = meter.imagesPerSecond(nowMs);
  const { remainingMs } = job;

  const name = truncate(`${job.kind} ${job.id}  ${harmless(job.datasetName)}`, columns);
  const state = job.state === 'active' ? [] : [job.state];
  const times = [...state, formatClock(meter.elapsedMs(nowMs))];
  if (remainingMs !== null) times.push(`${formatRemaining(remainingMs)} left`);
  const title = fit([times.join('  ')], columns - displayWidth(name) - 2);
  const lines = [`${colours.bold(name)}${title === '' ? '' : `  ${colours.dim(title)}`}`];

  const bar = (label: string, part: number, whole: number, extras: string[]) => {
    const share = whole > 0 ? Math.min(1, part / whole) : 0;
    const numbers = `${formatCount(part)}/${formatCount(whole)}`;
    const barWidth = Math.max(0, Math.min(30, columns - 11 - displayWidth(numbers) - 2));
    const filled = Math.round(share * barWidth);
    const drawn =
      colours.green((blocks ? '█' : '#').repeat(filled)) + colours.dim((blocks ? '░' : '-').repeat(barWidth - filled));
    const head = truncate(`  ${label.padEnd(8)} `, columns);
    const used = displayWidth(head) + barWidth + (barWidth > 0 ? 2 : 0);
    const rest = fit([numbers, ...extras], columns - used);
    return `${head}${drawn}${barWidth > 0 ? '  ' : ''}${rest}`;
  };
  const speed = rate === null ? [] : [formatRate(rate)];
  const size = counts.bytes > 0 ? [formatBytes(counts.bytes)] : [];
  if (counts.discovered > 0) {
    lines.push(bar('images', settledImages(job), counts.discovered, [...speed, ...size]));
  } else if (counts.pagesDiscovered === 0) {
    const percent = Math.floor(job.progress);
    const phase = job.phase === null ? [] : [PHASE_WORDS[job.phase]];
    lines.push(bar('done', percent, 100, [formatPercent(job.progress), ...phase]));
  }
  if (counts.pagesDiscovered > 0) lines.push(bar('pages', counts.pagesDone, counts.pagesDiscovered, []));

  const outcomes = (
    [
      ['accepted', counts.accepted, colours.green],
      ['quarantined', counts.quarantined, colours.yellow],
      ['duplicates', counts.duplicates, colours.dim],
      ['refused', counts.refused, colours.dim],
      ['failed', counts.failed, colours.red],
    ] as const
  ).filter(([, count]) => count > 0);
  const plain = outcomes.map(([word, count]) => `${formatCount(count)} ${word}`);
  const room = fitCount(plain, columns - 2);
  if (room > 0) {
    lines.push(
      `  ${outcomes
        .slice(0, room)
        .map(([, , colour], index) => colour(plain[index]!))
        .join('  ')}`,
    );
  }
  const resting = meter.resting(nowMs);
  if (resting !== null) lines.push(truncate(`  ${restingWords(resting)}`, columns));
  const reasons = rankedReasons(job.reasons).map(([reason, count]) => `${harmless(reason)} ${formatCount(count)}`);
  const shown = fit(reasons.slice(0, 5), columns - 2);
  if (shown !== '') lines.push(`  ${colours.dim(shown)}`);
  return lines;
}

/** As many of the pieces, from the first, as fit into `columns` with two spaces between. */
function fit(pieces: readonly string[], columns: number): string {
  return pieces.slice(0, fitCount(pieces, columns)).join('  ');
}

function fitCount(pieces: readonly string[], columns: number): number {
  let width = -2;
  for (const [index, piece] of pieces.entries()) {
    width += displayWidth(piece) + 2;
    if (width > columns) return index;
  }
  return pieces.length;
}

/** Block characters need a terminal and a locale that have them. */
function drawsBlocks(environment: Environment): boolean {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return environment.TERM !== 'linux' && !/^(C|POSIX)$/.test(locale);
}
