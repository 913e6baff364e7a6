/** How a job ended: the result object for programs, the final table for people, the exit code for both. */

import type { ExportInput } from '../shared/contract/exports.ts';
import type { Job } from '../shared/contract/jobs.ts';
import { unreachable } from '../shared/errors.ts';
import { unreadPages } from '../shared/unread-pages.ts';
import type { HoldReason, JobPhase } from '../shared/vocabulary.ts';
import { EXIT, type ExitCode } from './errors.ts';
import {
  displayWidth,
  formatBytes,
  formatCount,
  formatDuration,
  formatTimeOfDay,
  harmless,
  inWords,
  plural,
} from './format.ts';
import { type JobMeter, type Resting, rankedReasons } from './meter.ts';
import type { Output } from './output.ts';
import type { Session } from './session.ts';
import { renderPairs, renderTable } from './table.ts';

/** Whether a job does nothing more unless somebody asks it to. */
export function isEnded(job: Pick<Job, 'state'>): boolean {
  return job.state !== 'waiting' && job.state !== 'active';
}

/** Counts of images, in the order and under the names that programs rely on. */
function imageCounts({ counts }: Job) {
  const { discovered, fetched, accepted, quarantined, duplicates, nearDuplicates, refused, failed } = counts;
  return { discovered, fetched, accepted, quarantined, duplicates, nearDuplicates, refused, failed };
}

/** The last line of a job with --json. */
function resultObject(job: Job) {
  return {
    type: 'result',
    jobId: job.id,
    status: job.state,
    counts: imageCounts(job),
    reasons: job.reasons,
    durationMs: job.durationMs,
  };
}

/** A line on the way with --json. */
export function progressObject(meter: JobMeter, nowMs: number) {
  const { job } = meter;
  const { pagesDiscovered, pagesDone, bytes } = job.counts;
  return {
    type: 'progress',
    jobId: job.id,
    kind: job.kind,
    status: job.state,
    progress: job.progress,
    counts: { ...imageCounts(job), pagesDiscovered, pagesDone, bytes },
    reasons: job.reasons,
    imagesPerSecond: meter.imagesPerSecond(nowMs),
    remainingMs: job.remainingMs,
    phase: job.phase,
  };
}

/** What a job is at, as progress says it. */
export const PHASE_WORDS: Readonly<Record<JobPhase, string>> = {
  reading: 'reading the dataset',
  writing: 'writing',
  checking: 'checking what was written',
};

const HOLDS: Readonly<Record<HoldReason, string>> = {
  battery: 'the battery is low',
  metered: 'the network is metered',
  suspend: 'the computer goes to sleep',
  disk: 'the disk is full',
};

/** Why no job runs: `the battery is low, the disk is full`. */
export function holdWords(holds: readonly HoldReason[]): string {
  return holds.map((reason) => HOLDS[reason]).join(', ');
}

/** Why nothing moves: `example.org rests until 14:05:09, and so do 2 more sites`. */
export function restingWords({ site, untilMs, others }: Resting): string {
  const more = others === 0 ? '' : `, and ${plural(others, 'more site')} until later`;
  return `${harmless(site)} rests until ${formatTimeOfDay(untilMs)}${more}`;
}

/** Says how the jobs ended. @returns the worst of their exit codes */
export function reportEnd(session: Session, jobs: readonly Job[]): ExitCode {
  const interrupted = session.interrupt.signal.aborted;
  for (const job of jobs) {
    if (session.json) reportJson(session.out, job);
    else if (session.quiet) reportLine(session, job);
    else reportTable(session, job, interrupted);
  }
  return worst(jobs.map((job) => exitCodeOfJob(job, interrupted)));
}

function exitCodeOfJob(job: Job, interrupted: boolean): ExitCode {
  switch (job.state) {
    case 'completed':
      return EXIT.done;
    case 'completed-with-errors':
      return EXIT.attention;
    case 'failed':
      return EXIT.failed;
    case 'cancelled':
      return EXIT.interrupted;
    case 'paused':
      // Nobody pressed Ctrl-C: another client paused it, or the core did, when the disk was full for example.
      return interrupted ? EXIT.interrupted : EXIT.attention;
    case 'waiting':
    case 'active':
      return EXIT.failed;
    default:
      return unreachable(job.state);
  }
}

function worst(codes: readonly ExitCode[]): ExitCode {
  const byGravity = [EXIT.interrupted, EXIT.failed, EXIT.attention];
  return byGravity.find((code) => codes.includes(code)) ?? EXIT.done;
}

function reportJson(out: Output, job: Job): void {
  if (job.result !== null) out.json({ type: 'report', jobId: job.id, report: job.result });
  if (job.error !== null) out.json({ type: 'error', jobId: job.id, ...job.error, details: {} });
  out.json(resultObject(job));
}

function reportLine(session: Session, job: Job): void {
  const { accepted, quarantined, duplicates, refused, failed } = job.counts;
  const counts = Object.entries({ accepted, quarantined, duplicates, refused, failed })
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `, ${formatCount(count)} ${word}`);
  session.out.line(`${job.kind} ${job.id}: ${job.state}${counts.join('')}, ${formatDuration(job.durationMs)}`);
  reportError(session, job);
}

function reportError({ err }: Session, job: Job): void {
  if (job.error === null) return;
  err.line(
    `${err.colours.red('error:')} ${job.kind} ${job.id}${job.state === 'failed' ? ' failed' : ''}: ${harmless(job.error.message)}`,
  );
}

function reportTable(session: Session, job: Job, interrupted: boolean): void {
  const { out } = session;
  const { bold, green, yellow, red, cyan } = out.colours;
  const colour = { completed: green, 'completed-with-errors': yellow, failed: red }[job.state as string] ?? cyan;
  const title = `${job.kind[0]!.toUpperCase()}${job.kind.slice(1)} ${job.id}`;
  const state = colour(job.state.replaceAll('-', ' '));
  out.line();
  out.line(`${bold(title)} of ${bold(harmless(job.datasetName))}: ${state} in ${formatDuration(job.durationMs)}`);
  out.lines(countLines(job));
  const reasons = rankedReasons(job.reasons);
  if (reasons.length > 0) {
    out.line(bold('Reasons'));
    out.lines(renderPairs(reasons.map(([reason, count]) => [harmless(reason), formatCount(count)])));
  }
  if (job.result !== null) {
    out.line(bold('Report'));
    const { leftOut, ...rest } = job.result;
    out.lines(reportLines(rest));
    reportLeftOut(out, leftOut);
  }
  reportError(session, job);
  const next = nextSteps(job, interrupted);
  if (next.length > 0) out.lines(next.map(([why, command]) => `${why}: ${cyan(command)}`));
}

/** `leftOut` in the report of an export. */
interface LeftOut {
  readonly images: number;
  /** The first of them. */
  readonly samples: readonly { sha256: string; name: string | null; reason: string; from: string | null }[];
}

/** What an export could not write, one sample a line. */
function reportLeftOut(out: Output, leftOut: unknown): void {
  if (!isRecord(leftOut) || leftOut.images === 0) return;
  const { images, samples } = leftOut as unknown as LeftOut;
  out.line(out.colours.bold('Left out'));
  const rows = samples.slice(0, LISTED_AT_MOST).map(({ sha256, reason, name, from }) => {
    return [sha256, harmless(reason), harmless(name ?? from ?? '')];
  });
  const header = ['Image', 'Why', 'Name'].map((title) => ({ title }));
  out.lines(renderTable(header, rows, undefined).map((line) => `  ${line}`));
  if (images > rows.length) out.line(`  … and ${formatCount(images - rows.length)} more, which LEFT-OUT.csv names`);
}

/** The counts that say something about this job, as a table. */
export function countLines(job: Job): string[] {
  const { counts } = job;
  const rows: [string, number][] = [
    ['discovered', counts.discovered],
    ['fetched', counts.fetched],
    ['accepted', counts.accepted],
    ['quarantined', counts.quarantined],
    ['  near-duplicates', counts.nearDuplicates],
    ['duplicates', counts.duplicates],
    ['refused', counts.refused],
    ['failed', counts.failed],
  ];
  const collects = job.kind === 'crawl' || job.kind === 'import';
  const pairs = rows
    .filter(([name, count]) => count > 0 || (collects && !name.startsWith(' ')))
    .map(([name, count]): [string, string] => [name, formatCount(count)]);
  if (counts.pagesDiscovered > 0) {
    const unread = unreadPages(job);
    pairs.push(['pages', `${formatCount(counts.pagesDone - unread)}/${formatCount(counts.pagesDiscovered)}`]);
    if (unread > 0) pairs.push(['  not read', formatCount(unread)]);
  }
  if (counts.bytes > 0) pairs.push(['bytes', formatBytes(counts.bytes)]);
  return renderPairs(pairs);
}

/** What a validation or an export found, whatever its shape: names and values, nested ones indented. */
export function reportLines(report: Readonly<Record<string, unknown>>, indent = '  '): string[] {
  const entries = Object.entries(report)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => ({
      name,
      value,
      words: harmless(inWords(name.replace(/(?<=.)(Bytes|Ms)$/, ''))) || '(none)',
    }));
  const width = entries.reduce(
    (widest, { value, words }) => (isRecord(value) ? widest : Math.max(widest, displayWidth(words))),
    0,
  );
  return entries.flatMap(({ name, value, words }) => {
    if (!isRecord(value)) {
      return [`${indent}${words}${' '.repeat(width - displayWidth(words))}  ${describeValue(name, value)}`];
    }
    const inner = reportLines(value, `${indent}  `);
    return inner.length === 0 ? [] : [`${indent}${words}`, ...inner];
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const LISTED_AT_MOST = 10;

function describeValue(name: string, value: unknown): string {
  if (typeof value === 'number') {
    if (/^bytes$|Bytes$/.test(name)) return formatBytes(value);
    if (name.endsWith('Ms')) return formatDuration(value);
    return Number.isInteger(value) ? formatCount(value) : String(value);
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (!Array.isArray(value)) return harmless(String(value));
  const listed = value
    .slice(0, LISTED_AT_MOST)
    .map((item) => harmless(typeof item === 'string' ? item : JSON.stringify(item)));
  if (value.length > LISTED_AT_MOST) listed.push(`… and ${formatCount(value.length - LISTED_AT_MOST)} more`);
  return listed.join(', ') || 'none';
}

function nextSteps(job: Job, interrupted: boolean): [why: string, command: string][] {
  const steps: [string, string][] = [];
  const dataset = shellWord(job.datasetName);
  if (job.state === 'paused') {
    steps.push([
      interrupted ? 'To go on, run the same command again, or' : 'It was paused. To go on',
      `pixcrawler jobs resume ${job.id}`,
    ]);
  } else if ((job.kind === 'crawl' || job.kind === 'import') && job.counts.quarantined > 0) {
    steps.push(['To see what was set aside', `pixcrawler samples ${dataset} --status quarantined`]);
  }
  if (job.kind === 'crawl' && (job.reasons['address-refused'] ?? 0) > 0) {
    steps.push(['To ask a private host of yours as well, crawl again with', '--allow-host HOST:PORT']);
  }
  // What found nothing, or was refused by policy, fails no differently the second time.
  const isPartly =
    job.state === 'completed-with-errors' && job.kind !== 'export' && (job.error === null || job.counts.failed > 0);
  const mendable = job.state === 'failed' || job.state === 'cancelled' || isPartly;
  if (job.kind === 'export' && job.state === 'failed') steps.push(...stepsAfterExport(job));
  else if (mendable) steps.push(['To try again what failed', `pixcrawler jobs retry ${job.id}`]);
  return steps;
}

/** What helps a failed export, by what it failed for. It does nothing by halves, so that a retry writes the same to the same place. */
function stepsAfterExport(job: Job): [why: string, command: string][] {
  const retry = `pixcrawler jobs retry ${job.id}`;
  const elsewhere: [string, string] = ['To export to another place', exportCommand(job)];
  switch (job.error?.code) {
    case 'conflict':
      return [elsewhere, ['Once nothing is there any more', retry]];
    case 'in-use':
      return [elsewhere, ['Once the other export has ended', retry]];
    case 'disk-full':
      return [elsewhere, ['Once there is room', retry]];
    case 'bad-request':
    case 'forbidden':
      return [elsewhere];
    case 'not-found':
      // Its message says what is missing, and what brings it.
      return [];
    default:
      return [['To try again', retry]];
  }
}

/** The command that made an export, with its path left to be named. */
function exportCommand({ datasetName, parameters }: Job): string {
  const { format, archive, hardLinks, statuses } = parameters as Partial<ExportInput>;
  const words = ['pixcrawler export', shellWord(datasetName), '--format', format];
  if (archive !== undefined && archive !== 'none') words.push('--archive', archive);
  if (hardLinks === true) words.push('--hard-links');
  if (statuses?.join() !== 'accepted') words.push(...(statuses ?? []).map((status) => `--status ${status}`));
  return [...words, '--out', 'PATH'].join(' ');
}

/** A name as it can be pasted into a shell. */
export function shellWord(word: string): string {
  const safe = harmless(word);
  if (/^[\p{L}\p{N}_./-]+$/u.test(safe) && !safe.startsWith('-')) return safe;
  return /["$`\\!]/.test(safe) ? `'${safe.replaceAll("'", "'\\''")}'` : `"${safe}"`;
}
