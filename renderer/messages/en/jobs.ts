import type { Job, SiteStatus } from '../../../shared/contract/jobs.ts';
import { unreadPages } from '../../../shared/unread-pages.ts';
import type { HoldReason, JobKind, JobPhase, JobState } from '../../../shared/vocabulary.ts';
import { formatAgo, formatBytes, formatCount, formatDuration, formatRate, plural } from '../format.ts';
import { PARAMETER_NAMES, parameterText, ruleTitle } from './job-parameters.ts';
import { reasonText } from './reasons.ts';

const KINDS: Readonly<Record<JobKind, string>> = {
  crawl: 'Collection',
  import: 'Import',
  validate: 'Judgement',
  export: 'Export',
  duplicate: 'Copy',
};

const STATES: Readonly<Record<JobState, string>> = {
  waiting: 'Waiting',
  active: 'Running',
  paused: 'Paused',
  completed: 'Done',
  'completed-with-errors': 'Done, needs attention',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

const TROUBLES: Readonly<Record<NonNullable<SiteStatus['trouble']>, string>> = {
  slowed: 'Answers slowly, so it is asked less often',
  resting: 'Asked to be left alone for a while',
  parked: 'Its requests fail; one will be tried later',
  'given-up': 'Given up after several trials',
  closed: 'Nothing of it may be fetched',
};

/** What a person can do about a reason, where it is done. */
const REASON_HINTS: Readonly<Record<string, string>> = {
  'address-refused': 'To ask a host of your own, name it under “Private hosts that may be asked” in Collect, Advanced.',
};

/** Numbers of an export's or a validation's result, in the order they are shown. */
const RESULT_NAMES: Readonly<Record<string, string>> = {
  outPath: 'Written to',
  images: 'Images',
  files: 'Files',
  bytes: 'Size of the images',
  writeMs: 'Time to write',
  checkMs: 'Time to check',
  judged: 'Judged',
  changed: 'Changed',
  accepted: 'Now accepted',
  quarantined: 'Now quarantined',
  dryRun: 'Trial only',
};

function outcomeOf({ kind, state, counts, result }: Job): string[] {
  if (kind === 'crawl' || kind === 'import') {
    const parts = [`${formatCount(counts.accepted)} accepted`];
    if (counts.quarantined > 0) parts.push(`${formatCount(counts.quarantined)} quarantined`);
    if (counts.failed > 0) parts.push(`${formatCount(counts.failed)} failed`);
    return parts;
  }
  if (result === null) return state === 'active' ? [] : [STATES[state]];
  if (kind === 'export') return [plural(Number(result.images), 'image', 'images'), formatBytes(Number(result.bytes))];
  if (kind === 'validate' && result.dryRun === true) {
    return [
      `${formatCount(Number(result.changed))} of ${plural(Number(result.judged), 'image', 'images')} would change`,
    ];
  }
  if (kind === 'validate')
    return [`${formatCount(Number(result.changed))} of ${plural(Number(result.judged), 'image', 'images')} changed`];
  return [];
}

const GO_ON = 'Go on with it';

/** Why jobs rest, and the setting that has them do so. */
const HOLDS: Readonly<Record<HoldReason, { readonly short: string; readonly long: string }>> = {
  battery: { short: 'the battery is low', long: 'The battery is low. Jobs go on when the computer is plugged in.' },
  metered: { short: 'the network is metered', long: 'The network is metered. Jobs go on when another one is used.' },
  suspend: { short: 'the computer goes to sleep', long: 'The computer goes to sleep. Jobs go on when it wakes.' },
  disk: { short: 'the disk is full', long: 'The disk is nearly full. Jobs go on when there is space again.' },
};

/** Words about jobs. */
export const jobs = {
  states: STATES,
  held: (reasons: readonly HoldReason[]) => `Jobs rest: ${reasons.map((reason) => HOLDS[reason].short).join(', ')}`,
  holdExplained: (reason: HoldReason) => HOLDS[reason].long,
  turnRuleOff: 'Turn this rule off',
  ruleOff: 'The rule is off. It can be turned on again in the settings.',
  ruleSettings: 'Settings',
  numbered: (id: number) => `Job ${id}`,
  titleOf: (job: Job) => `${KINDS[job.kind]}: ${job.datasetName}`,
  reason: reasonText,
  reasonHint: (code: string) => REASON_HINTS[code] ?? null,
  /** What went wrong with a job, and what can be done about it. */
  errorOf: ({ code, message }: NonNullable<Job['error']>) => {
    const hint = REASON_HINTS[code];
    return hint === undefined ? message : `${message.replace(/\.?$/, '.')} ${hint}`;
  },
  trouble: (trouble: NonNullable<SiteStatus['trouble']>) => TROUBLES[trouble],
  list: 'Jobs',
  empty: 'No jobs yet',
  emptyText: 'Whatever takes a while shows here: collecting, importing, exporting, judging again.',
  loadFailed: 'The jobs cannot be shown',
  jobFailed: 'The job cannot be shown',
  all: 'All',
  unfinished: 'Unfinished',
  ended: 'Ended',
  filter: 'Which jobs',
  showMore: 'Show more',
  pause: 'Pause',
  pauseOrResume: 'Pause or resume',
  resume: 'Resume',
  cancel: 'Cancel',
  goOn: GO_ON,
  of: (action: string, title: string) => `${action} “${title}”`,
  /** What retrying does to it. */
  retry: ({ state, counts }: Job) => {
    if (state === 'cancelled') return GO_ON;
    return counts.failed > 0 || state === 'completed-with-errors' ? 'Try failed again' : 'Try again';
  },
  retryOnly: 'Try only these again',
  changeExport: 'Change the export',
  showDataset: 'Show the dataset',
  progress: 'Progress',
  started: (at: number) => `started ${formatAgo(at)}`,
  took: (durationMs: number) => `${formatDuration(durationMs)} spent`,
  tookFor: (duration: string) => `took ${duration}`,
  remaining: (ms: number) => `about ${formatDuration(ms)} left`,
  phases: {
    reading: 'reading the dataset',
    writing: 'writing',
    checking: 'checking what was written',
  } satisfies Readonly<Record<JobPhase, string>>,
  rate: (perSecond: number) => `${formatRate(perSecond, 'images')} on average`,
  throughput: 'Images a second',
  throughputHint: 'Over the last ten minutes that it ran, averaged over 5 seconds. Pauses are left out.',
  shown: (count: number, areMore: boolean) =>
    areMore ? `The latest ${plural(count, 'job', 'jobs')}` : plural(count, 'job', 'jobs'),
  noneShown: { unfinished: 'Nothing is running', ended: 'No job has ended yet' },
  /** How a job ended: `Collection: Birds. Done: 40 accepted, 7 quarantined`. */
  endedAs: (job: Job) => {
    const outcome = outcomeOf(job).join(', ');
    return `${KINDS[job.kind]}: ${job.datasetName}. ${STATES[job.state]}${outcome === '' ? '' : `: ${outcome}`}`;
  },
  why: 'Show the job',
  outcome: (job: Job) => outcomeOf(job).join(', '),
  counts: {
    discovered: 'Found',
    fetched: 'Fetched',
    accepted: 'Accepted',
    quarantined: 'Quarantined',
    duplicates: 'Duplicates',
    refused: 'Refused',
    failed: 'Failed',
  },
  nearDuplicates: (count: number) => plural(count, 'near-duplicate', 'near-duplicates'),
  pages: (job: Job) => {
    const { pagesDone, pagesDiscovered } = job.counts;
    const unread = unreadPages(job);
    const read = `${formatCount(pagesDone - unread)} of ${plural(pagesDiscovered, 'page', 'pages')} read`;
    return unread === 0 ? read : `${read}, ${formatCount(unread)} could not be`;
  },
  problems: 'Not accepted, by reason',
  failedTitle: 'Could not be fetched or read',
  failedHint: 'Trying again fetches or opens the same ones once more.',
  refusedTitle: 'Not kept',
  refusedHint: 'By the wish of a site, or by your limits. Pages are among these, not only images.',
  quarantinedTitle: 'Kept apart',
  quarantinedHint: 'In the dataset, but waiting for your decision.',
  reviewThem: 'Review them',
  result: 'What came of it',
  resultNames: RESULT_NAMES,
  copyPath: 'Copy the path',
  copied: 'The path is copied',
  asked: 'What was asked for',
  parameterNames: PARAMETER_NAMES,
  parameterText,
  ruleTitle,
  yes: 'Yes',
  no: 'No',
  noAddresses: 'None.',
  addressesFailed: 'The addresses cannot be shown',
  attempts: (count: number) => plural(count, 'attempt', 'attempts'),
  log: 'Log, newest first',
  logOlder: 'Show older entries',
  logFailed: 'The log cannot be shown',
  logEmpty: 'Nothing was noted.',
  paused: (title: string) => `Paused “${title}”`,
  cancelled: (title: string) => `Cancelled “${title}”`,
};
