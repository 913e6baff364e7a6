import { z } from 'zod';
import { HOLD_REASONS, HOST_HOLDS, JOB_KINDS, JOB_PHASES, JOB_STATES } from '../vocabulary.ts';
import { id, pageInput, pageOf, procedure, timestamp } from './common.ts';

/**
 * Counts of images, not pages. Once a crawl or import has ended
 * `discovered = accepted + quarantined + duplicates + refused + failed`.
 */
const jobCounts = z.object({
  /** Image addresses or files found. */
  discovered: z.int(),
  /** Images whose bytes arrived, kept or not. */
  fetched: z.int(),
  accepted: z.int(),
  /** Kept apart with reasons; near-duplicates among them. */
  quarantined: z.int(),
  /** Requests whose bytes were already in the dataset. */
  duplicates: z.int(),
  nearDuplicates: z.int(),
  /** Not kept by consent, address, size or type policy. */
  refused: z.int(),
  /** Could not be fetched or decoded. */
  failed: z.int(),
  /** Pages, sitemaps, lists, folders and API answers found and settled. */
  pagesDiscovered: z.int(),
  pagesDone: z.int(),
  bytes: z.int(),
});
export type JobCounts = z.infer<typeof jobCounts>;

export const NO_COUNTS: Readonly<JobCounts> = {
  discovered: 0,
  fetched: 0,
  accepted: 0,
  quarantined: 0,
  duplicates: 0,
  nearDuplicates: 0,
  refused: 0,
  failed: 0,
  pagesDiscovered: 0,
  pagesDone: 0,
  bytes: 0,
};

export const job = z.object({
  id,
  kind: z.enum(JOB_KINDS),
  state: z.enum(JOB_STATES),
  datasetId: id,
  datasetName: z.string(),
  /** What was asked for; its shape is that of the procedure that started the job. */
  parameters: z.record(z.string(), z.unknown()),
  /** 0 to 100, and 100 only when it has completed; never falling while it runs. */
  progress: z.number().min(0).max(100),
  /** Milliseconds that it still takes, about; null while it does not run and while that is not known well enough. */
  remainingMs: z.int().min(0).nullable(),
  /** What it is at; null while it does not run, and for kinds that do one thing. */
  phase: z.enum(JOB_PHASES).nullable(),
  counts: jobCounts,
  /** How often each reason occurred. */
  reasons: z.record(z.string(), z.int()),
  /** Why it failed; null unless it did. */
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** What an export wrote or a validation found; null for other kinds and before the end. */
  result: z.record(z.string(), z.unknown()).nullable(),
  createdAt: timestamp,
  startedAt: timestamp.nullable(),
  finishedAt: timestamp.nullable(),
  /** Time spent active, over all resumptions. */
  durationMs: z.int(),
});
export type Job = z.infer<typeof job>;

/** How far a job is: what changes while it runs. Its size does not depend on what was asked for. */
export const jobProgress = job.pick({
  id: true,
  kind: true,
  state: true,
  datasetId: true,
  progress: true,
  remainingMs: true,
  phase: true,
  counts: true,
  reasons: true,
  startedAt: true,
  finishedAt: true,
  durationMs: true,
});
export type JobProgress = z.infer<typeof jobProgress>;

/** How one site is doing in a running crawl. */
const siteStatus = z.object({
  site: z.string(),
  /** Requests that are yet to be sent, known from the whole ledger. */
  waiting: z.int(),
  inFlight: z.int(),
  delayMs: z.number(),
  /**
   * Why it is not asked at full pace; null when it is. `slowed`: it answers slowly or asked for a longer gap; `resting`:
   * it asked to be left alone for a while (429, 503, Retry-After); `parked`: its requests failed, one will be tried later;
   * `given-up`: the trials failed too; `closed`: nothing of it may be asked, by its wish or since it is not there.
   */
  trouble: z.enum(['slowed', 'resting', 'parked', 'given-up', 'closed']).nullable(),
  /** Requests in a row that failed. */
  failures: z.int(),
  medianResponseMs: z.number(),
  nextDueAt: timestamp.nullable(),
});
export type SiteStatus = z.infer<typeof siteStatus>;

const requestFailure = z.object({
  id,
  url: z.string(),
  kind: z.enum(['page', 'image', 'sitemap', 'api', 'list', 'folder', 'archive', 'file']),
  reason: z.string(),
  detail: z.string().nullable(),
  httpStatus: z.int().nullable(),
  attempts: z.int(),
});
export type RequestFailure = z.infer<typeof requestFailure>;

const coverageRow = z.object({
  /** null for samples without one. */
  label: z.string().nullable(),
  source: z.string(),
  accepted: z.int(),
  quarantined: z.int(),
  rejected: z.int(),
});
export type CoverageRow = z.infer<typeof coverageRow>;

const throughputPoint = z.object({
  /** Start of the second it counts. */
  at: timestamp,
  fetched: z.int(),
  bytes: z.int(),
});
export type ThroughputPoint = z.infer<typeof throughputPoint>;

const jobLogEntry = z.object({
  id,
  at: timestamp,
  level: z.enum(['info', 'warning', 'error']),
  message: z.string(),
});
export type JobLogEntry = z.infer<typeof jobLogEntry>;

/** Why no job runs at the moment; empty when jobs may. */
export const holds = z.array(z.enum(HOLD_REASONS));

const tags = ['jobs'];

export const jobs = {
  list: procedure
    .route({ method: 'GET', path: '/jobs', tags, summary: 'Jobs, the newest first.' })
    .input(pageInput.extend({ datasetId: id.optional(), states: z.array(z.enum(JOB_STATES)).optional() }))
    .output(pageOf(job)),
  get: procedure
    .route({ method: 'GET', path: '/jobs/{id}', tags, summary: 'One job, with the counts it has at this moment.' })
    .input(z.object({ id }))
    .output(job),
  log: procedure
    .route({
      method: 'GET',
      path: '/jobs/{id}/log',
      tags,
      summary:
        'What happened on the way, oldest first, or the newest first with `order`: `after` is then the smallest id seen.',
    })
    .input(pageInput.extend({ id, order: z.enum(['oldest-first', 'newest-first']).default('oldest-first') }))
    .output(pageOf(jobLogEntry)),
  sites: procedure
    .route({
      method: 'GET',
      path: '/jobs/{id}/sites',
      tags,
      summary: 'The sites that a running crawl asks, with their pace and their troubles; empty for a job at rest.',
    })
    .input(z.object({ id }))
    .output(z.array(siteStatus)),
  failures: procedure
    .route({
      method: 'GET',
      path: '/jobs/{id}/failures',
      tags,
      summary: 'Addresses and files that could not be had, or were not kept, in the order they were found.',
    })
    .input(
      pageInput.extend({ id, state: z.enum(['failed', 'refused']).default('failed'), reason: z.string().optional() }),
    )
    .output(pageOf(requestFailure)),
  coverage: procedure
    .route({
      method: 'GET',
      path: '/jobs/{id}/coverage',
      tags,
      summary: 'Samples the job has added, by label and source.',
    })
    .input(z.object({ id }))
    .output(z.array(coverageRow)),
  throughput: procedure
    .route({
      method: 'GET',
      path: '/jobs/{id}/throughput',
      tags,
      summary: 'What arrived in each of the last 600 seconds that it ran; seconds at rest are left out.',
    })
    .input(z.object({ id }))
    .output(z.array(throughputPoint)),
  pause: procedure
    .route({
      method: 'POST',
      path: '/jobs/{id}/pause',
      tags,
      summary: 'Finishes what is in flight, then rests. Pausing a paused job changes nothing.',
    })
    .input(z.object({ id }))
    .output(job),
  resume: procedure
    .route({
      method: 'POST',
      path: '/jobs/{id}/resume',
      tags,
      summary: 'Goes on with a paused job. Resuming one that runs changes nothing.',
    })
    .input(z.object({ id }))
    .output(job),
  cancel: procedure
    .route({ method: 'POST', path: '/jobs/{id}/cancel', tags, summary: 'Ends the job; what it has collected stays.' })
    .input(z.object({ id }))
    .output(job),
  retry: procedure
    .route({
      method: 'POST',
      path: '/jobs/{id}/retry',
      tags,
      summary: 'Puts failed requests back to waiting, all or those with one reason, and resumes the job.',
    })
    .input(z.object({ id, only: z.string().optional() }))
    .output(job),
  holds: procedure
    .route({
      method: 'GET',
      path: '/holds',
      tags,
      summary: 'Why no job runs at the moment, such as a low battery or a full disk; empty when jobs may run.',
    })
    .output(holds),
  setHolds: procedure
    .route({
      method: 'PUT',
      path: '/holds',
      tags,
      summary:
        'Says which holds there are as the host sees it. Jobs wait while any holds, and go on by themselves when none does.',
    })
    .input(z.object({ holds: z.array(z.enum(HOST_HOLDS)) }))
    .output(holds),
};
