import type { Command } from 'commander';
import type { CoreClient } from '../../core/index.ts';
import type { Job, JobLogEntry, RequestFailure, SiteStatus } from '../../shared/contract/jobs.ts';
import { type HoldReason, JOB_STATES, type JobState } from '../../shared/vocabulary.ts';
import { EXIT, type ExitCode, UsageError } from '../errors.ts';
import { runJobs } from '../follow.ts';
import { formatCount, formatDuration, formatPercent, formatTime, harmless } from '../format.ts';
import { examples } from '../help.ts';
import { withTimes } from '../json.ts';
import { rankedReasons, settledImages } from '../meter.ts';
import { collect, jobNumber, oneOf, text, wholeNumber } from '../options.ts';
import type { Run } from '../program.ts';
import { countLines, holdWords, reportLines } from '../report.ts';
import { resolveDataset } from '../resolve.ts';
import type { Session } from '../session.ts';
import { renderPairs, renderTable } from '../table.ts';

/** States of jobs that have something left to do; `active` ones were interrupted, since this process owns the data. */
const UNFINISHED: readonly JobState[] = ['waiting', 'active', 'paused'];
const PAGE_SIZE = 200;
const FAILURE_PAGE_SIZE = 1000;
/** Entries of a job's log that are shown. */
const LOG_ENTRIES = 20;

export function addJobs(program: Command, run: Run): void {
  const jobs = program
    .command('jobs')
    .summary('list, show, pause, resume, cancel and retry jobs')
    .description('Crawls, imports, validations and exports, finished or not.')
    .addHelpText(
      'after',
      examples([
        ['what there is', 'pixcrawler jobs list'],
        ['go on with everything', 'pixcrawler jobs resume'],
        ['try again what timed out', 'pixcrawler jobs retry 12 --only timeout'],
      ]),
    );

  jobs
    .command('list')
    .description('All jobs.')
    .option('--dataset <dataset>', 'only those of one dataset', text)
    .option('--state <state>', `only ${JOB_STATES.join(', ')}; may be repeated`, collect(oneOf(JOB_STATES)))
    .option('--limit <n>', 'at most so many', wholeNumber(1))
    .addHelpText('after', examples([['what is left to do', 'pixcrawler jobs list --state paused']]))
    .action((options: { dataset?: string; state?: JobState[]; limit?: number }) =>
      run(async (session) => {
        const client = await session.client();
        const dataset = options.dataset === undefined ? undefined : await resolveDataset(client, options.dataset);
        const found = await listJobs(
          client,
          {
            ...(dataset === undefined ? {} : { datasetId: dataset.id }),
            ...(options.state === undefined ? {} : { states: options.state }),
          },
          options.limit,
        );
        const holds = await client.jobs.holds();
        if (session.json) for (const job of found) session.out.json({ ...withTimes(job), holds: holdsOf(job, holds) });
        else printJobs(session, found, holds);
        return EXIT.done;
      }),
    );

  jobs
    .command('show')
    .argument('<id>', 'the number of a job', jobNumber)
    .description('One job: its counts, its reasons, how its sites are doing and what was logged last.')
    .option('--failed', 'the addresses and files that could not be had, and nothing else')
    .option('--only <reason>', 'with --failed: only what failed for this reason', text)
    .addHelpText(
      'after',
      examples([
        ['by its number', 'pixcrawler jobs show 12'],
        ['what timed out', 'pixcrawler jobs show 12 --failed --only timeout'],
      ]),
    )
    .action((id: number, options: { failed?: boolean; only?: string }) =>
      run(async (session) => {
        if (options.only !== undefined && options.failed !== true) {
          throw new UsageError('Expected --only together with --failed.');
        }
        const client = await session.client();
        if (options.failed === true) return showFailures(session, client, id, options.only);
        const job = await client.jobs.get({ id });
        const sites = job.kind === 'crawl' ? await client.jobs.sites({ id }) : [];
        const log = await allOfLog(client, id);
        const holds = holdsOf(job, await client.jobs.holds());
        if (session.json) session.out.json({ ...withTimes(job), holds, sites: sites.map(withTimes), log });
        else printJob(session, job, holds, sites, log);
        return EXIT.done;
      }),
    );

  jobs
    .command('pause')
    .argument('<ids...>', 'the numbers of jobs', collect(jobNumber))
    .description('Let jobs finish what is in flight, then rest.')
    .addHelpText('after', examples([['one job', 'pixcrawler jobs pause 12']]))
    .action((ids: number[]) => run((session) => forEach(session, ids, (client, id) => client.jobs.pause({ id }))));

  jobs
    .command('resume')
    .argument(
      '[ids...]',
      'the numbers of jobs; without one, all that are paused or were interrupted',
      collect(jobNumber),
    )
    .description('Go on with jobs, and stay until they end.')
    .addHelpText(
      'after',
      examples([
        ['all of them', 'pixcrawler jobs resume'],
        ['two of them', 'pixcrawler jobs resume 12 14'],
      ]),
    )
    .action((given: number[]) =>
      run(async (session) => {
        const client = await session.client();
        const ids =
          given.length > 0 ? unique(given) : (await listJobs(client, { states: [...UNFINISHED] })).map((job) => job.id);
        if (ids.length === 0) {
          session.note('There is nothing to resume.');
          return EXIT.done;
        }
        return runJobs(session, async () => {
          const resumed: Job[] = [];
          for (const id of ids) resumed.push(await client.jobs.resume({ id }));
          return resumed;
        });
      }),
    );

  jobs
    .command('cancel')
    .argument('<ids...>', 'the numbers of jobs', collect(jobNumber))
    .description('End jobs. What they have collected stays.')
    .addHelpText('after', examples([['one job', 'pixcrawler jobs cancel 12']]))
    .action((ids: number[]) => run((session) => forEach(session, ids, (client, id) => client.jobs.cancel({ id }))));

  jobs
    .command('retry')
    .argument('<id>', 'the number of a job', jobNumber)
    .description('Try again what failed in a job, and stay until it ends.')
    .option('--only <reason>', 'only what failed for this reason, as "pixcrawler jobs show" names it', text)
    .addHelpText('after', examples([['what timed out', 'pixcrawler jobs retry 12 --only timeout']]))
    .action((id: number, options: { only?: string }) =>
      run((session) =>
        runJobs(session, async (client) => [
          await client.jobs.retry({ id, ...(options.only === undefined ? {} : { only: options.only }) }),
        ]),
      ),
    );
}

async function forEach(
  session: Session,
  ids: readonly number[],
  change: (client: CoreClient, id: number) => Promise<Job>,
): Promise<ExitCode> {
  const client = await session.client();
  for (const id of unique(ids)) {
    const job = await change(client, id);
    session.result(`${job.kind} ${job.id} of ${harmless(job.datasetName)} is ${job.state}.`, withTimes(job));
  }
  return EXIT.done;
}

async function listJobs(
  client: CoreClient,
  filter: { datasetId?: number; states?: JobState[] },
  limit = Number.POSITIVE_INFINITY,
): Promise<Job[]> {
  const found: Job[] = [];
  let after: number | null = 0;
  while (after !== null && found.length < limit) {
    const page: { items: Job[]; next: number | null } = await client.jobs.list({
      ...filter,
      after,
      limit: Math.min(PAGE_SIZE, limit - found.length),
    });
    found.push(...page.items);
    after = page.next;
  }
  return found;
}

/** Why a job waits; empty unless it does because of what holds. */
function holdsOf(job: Job, holds: readonly HoldReason[]): readonly HoldReason[] {
  return job.state === 'waiting' ? holds : [];
}

function printJobs(session: Session, jobs: readonly Job[], holds: readonly HoldReason[]): void {
  const { out } = session;
  if (jobs.length === 0) {
    session.note('There is no such job.');
    return;
  }
  const rows = jobs.map((job) => [
    String(job.id),
    job.kind,
    harmless(job.datasetName),
    job.state,
    formatPercent(job.progress),
    `${formatCount(settledImages(job))}/${formatCount(job.counts.discovered)}`,
    formatCount(job.counts.failed),
    formatDuration(job.durationMs),
    formatTime(job.createdAt),
  ]);
  const [titles, ...lines] = renderTable(
    [
      { title: 'ID', align: 'right' },
      { title: 'KIND' },
      { title: 'DATASET', flexible: true },
      { title: 'STATE' },
      { title: 'DONE', align: 'right' },
      { title: 'IMAGES', align: 'right' },
      { title: 'FAILED', align: 'right' },
      { title: 'TIME', align: 'right' },
      { title: 'STARTED' },
    ],
    rows,
    out.columns,
  );
  out.lines([out.colours.bold(titles!), ...lines]);
  if (jobs.some((job) => holdsOf(job, holds).length > 0)) session.note(`Jobs rest: ${holdWords(holds)}.`);
}

/** The newest entries, oldest of them first. */
async function allOfLog(client: CoreClient, id: number): Promise<(Omit<JobLogEntry, 'at'> & { at: string })[]> {
  let entries: JobLogEntry[] = [];
  let after: number | null = 0;
  while (after !== null) {
    const page: { items: JobLogEntry[]; next: number | null } = await client.jobs.log({ id, after, limit: 1000 });
    entries = [...entries, ...page.items].slice(-LOG_ENTRIES);
    after = page.next;
  }
  return entries.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() }));
}

function printJob(
  { out }: Session,
  job: Job,
  holds: readonly HoldReason[],
  sites: readonly SiteStatus[],
  log: readonly { readonly at: string; readonly message: string }[],
): void {
  const { bold, red } = out.colours;
  out.line(bold(`${job.kind} ${job.id} of ${harmless(job.datasetName)}: ${job.state}`));
  const times: [string, string][] = [
    ['asked for', formatTime(job.createdAt)],
    ['time', formatDuration(job.durationMs)],
    ['done', formatPercent(job.progress)],
  ];
  if (job.finishedAt !== null) times.splice(1, 0, ['ended', formatTime(job.finishedAt)]);
  if (holds.length > 0) times.push(['rests', holdWords(holds)]);
  out.lines(renderPairs(times, false));
  if (job.error !== null) out.line(`  ${red('error:')} ${harmless(job.error.message)}`);
  const sections: [string, string[]][] = [
    ['Asked for', reportLines(job.parameters)],
    ['Counts', countLines(job)],
    ['Reasons', renderPairs(rankedReasons(job.reasons).map(([reason, n]) => [harmless(reason), formatCount(n)]))],
    ['Report', job.result === null ? [] : reportLines(job.result)],
    ['Sites', sites.length === 0 ? [] : renderSites(sites, out.columns)],
    ['Log', log.map((entry) => `  ${formatTime(Date.parse(entry.at))}  ${harmless(entry.message)}`)],
  ];
  for (const [title, lines] of sections) {
    if (lines.length > 0) out.lines([bold(title), ...lines]);
  }
}

/** A line each, as they come: there may be very many. */
async function showFailures(
  session: Session,
  client: CoreClient,
  id: number,
  reason: string | undefined,
): Promise<ExitCode> {
  const { out } = session;
  let shown = 0;
  let after: number | null = 0;
  while (after !== null) {
    const page: { items: RequestFailure[]; next: number | null } = await client.jobs.failures({
      id,
      state: 'failed',
      after,
      limit: FAILURE_PAGE_SIZE,
      ...(reason === undefined ? {} : { reason }),
    });
    for (const failure of page.items) {
      if (session.json) {
        out.json(failure);
        continue;
      }
      const status = failure.httpStatus === null ? '' : ` ${failure.httpStatus}`;
      const detail = failure.detail === null ? '' : `  ${out.colours.dim(harmless(failure.detail))}`;
      const why = out.colours.red(`${harmless(failure.reason)}${status}`);
      out.line(`${why}  ${harmless(failure.url)}${detail}`);
    }
    shown += page.items.length;
    after = page.next;
    await out.drained();
  }
  if (shown === 0) session.note('Nothing failed.');
  return EXIT.done;
}

function renderSites(sites: readonly SiteStatus[], columns: number | undefined): string[] {
  return renderTable(
    [
      { title: '  SITE', flexible: true },
      { title: 'WAITING', align: 'right' },
      { title: 'IN FLIGHT', align: 'right' },
      { title: 'DELAY', align: 'right' },
      { title: 'TROUBLE', flexible: true },
    ],
    sites.map((site) => [
      `  ${harmless(site.site)}`,
      formatCount(site.waiting),
      formatCount(site.inFlight),
      formatDuration(site.delayMs),
      harmless(site.trouble ?? '-'),
    ]),
    columns,
  );
}

function unique(ids: readonly number[]): number[] {
  return [...new Set(ids)];
}
