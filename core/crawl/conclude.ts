/** How a crawl or import ended, by what the ledger and the samples say. */

import type { Job, JobCounts } from '../../shared/contract/jobs.ts';
import { FINDINGS, type SampleStatus } from '../../shared/vocabulary.ts';
import type { CoreServices } from '../core-services.ts';
import type { RequestState } from '../db/schema.ts';
import type { JobControl, JobOutcome } from '../jobs/job-runner.ts';

const SETTLED: readonly RequestState[] = ['done', 'duplicate', 'refused', 'failed'];

/**
 * All failed means failed; some failed, or nothing came at all, needs attention. Counts are set to how things stand, so
 * that a core that dies right after this may do it again: what a limit left waiting is not counted as found, and samples
 * are counted as they are judged now, also when another job has judged them since.
 */
export async function conclude(services: CoreServices, job: Job, control: JobControl): Promise<JobOutcome> {
  const { requests, reader, database } = services;
  const { tally } = control;
  const ledger = requests.totalsQuery(job.id);
  const totals = await reader.all<{ state: RequestState; images: number; pages: number }>(
    ledger.sql,
    ledger.parameters,
  );
  const total = (states: readonly RequestState[], kind: 'images' | 'pages') =>
    totals.reduce((sum, row) => sum + (states.includes(row.state) ? row[kind] : 0), 0);
  const left = total(['waiting'], 'images') + total(['waiting'], 'pages');
  const found = left === 0 ? {} : { discovered: total(SETTLED, 'images'), pagesDiscovered: total(SETTLED, 'pages') };
  if (left > 0) control.log('info', `A limit was reached: ${left} images and pages were left.`);
  const judged = await judgedNow(services, job);
  await database.write(() => {
    tally.set({ ...found, ...judged.counts });
    for (const finding of FINDINGS) tally.setReason(finding, judged.reasons[finding] ?? 0);
  });
  const failed = total(['failed'], 'images') + total(['failed'], 'pages');
  const { counts } = tally;
  if (counts.accepted + counts.quarantined + counts.duplicates > 0) {
    return { state: failed > 0 ? 'completed-with-errors' : 'completed' };
  }
  if (failed > 0) return { state: 'failed', error: said(requests.lastProblem(job.id, 'failed')) };
  const isRefused = total(['refused'], 'images') + total(['refused'], 'pages') > 0;
  return {
    state: 'completed-with-errors',
    error: isRefused
      ? said(requests.lastProblem(job.id, 'refused'))
      : { code: 'nothing-found', message: 'No image was found. The log of the job says what was looked at.' },
  };
}

function said(problem: { url: string; reason: string; detail: string }): { code: string; message: string } {
  return { code: problem.reason, message: `Nothing could be collected. ${problem.url}: ${problem.detail}` };
}

/** The job's own samples by their verdict of today. */
async function judgedNow(
  { jobs, reader }: CoreServices,
  job: Job,
): Promise<{
  counts: Pick<JobCounts, 'accepted' | 'quarantined' | 'nearDuplicates'>;
  reasons: Record<string, number>;
}> {
  const byStatus = jobs.statusesQuery(job);
  const statuses = await reader.all<{ status: SampleStatus; count: number }>(byStatus.sql, byStatus.parameters);
  const byReason = jobs.reasonsQuery(job);
  const rows = await reader.all<{ reason: string; count: number }>(byReason.sql, byReason.parameters);
  const reasons = Object.fromEntries(rows.map((row) => [row.reason, row.count]));
  const count = (status: SampleStatus) => statuses.find((row) => row.status === status)?.count ?? 0;
  return {
    // What a person rejected since is still an image that this job brought in and that is set aside.
    counts: {
      accepted: count('accepted'),
      quarantined: count('quarantined') + count('rejected'),
      nearDuplicates: reasons['near-duplicate'] ?? 0,
    },
    reasons,
  };
}
