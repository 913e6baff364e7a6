import type { Job } from '../../shared/contract/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import type { RequestRepository } from '../crawl/request-repository.ts';
import type { Database } from '../db/database.ts';
import type { DatabaseReader } from '../db/reader.ts';
import type { JobRepository } from './job-repository.ts';
import { JobTally } from './job-tally.ts';

/** Ids of failed requests held at a time. */
const IDS_AT_A_TIME = 10_000;

interface PutBackOptions {
  readonly database: Database;
  readonly reader: DatabaseReader;
  readonly jobs: JobRepository;
  readonly requests: RequestRepository;
  /** Asked between steps; what it throws ends the work there. */
  readonly requireOpen: () => void;
}

/**
 * Puts what failed of a crawl or import back to waiting, in steps that leave the core's thread free, each with the counts it
 * changes. The job is paused from before the first step on: where this ends early, it can be resumed, or retried again.
 *
 * @param only a reason; all failed ones when undefined
 * @throws AppError `conflict` when nothing failed so and nothing else makes going on worth while; nothing was changed then
 */
export async function putBackFailed(options: PutBackOptions, job: Job, only: string | undefined): Promise<void> {
  const { database, jobs, reader, requests, requireOpen } = options;
  const failedAfter = async (id: number): Promise<number[]> => {
    const { sql, parameters } = requests.failedIdsQuery(job.id, only, id, IDS_AT_A_TIME);
    return (await reader.tuples<[number]>(sql, parameters)).flat();
  };
  let ids = await failedAfter(0);
  if (ids.length === 0 && !isWorthGoingOn(job, only)) {
    const which = only === undefined ? '' : ` with the reason "${only}"`;
    const paused = job.state === 'paused' ? ' Resume it to go on with what is left.' : '';
    throw new AppError(
      'conflict',
      `Nothing of job ${job.id} failed${which}. Its reasons are: ${list(job.reasons)}.${paused}`,
    );
  }
  const ledger = requests.totalsQuery(job.id);
  const totals = await reader.all<{ images: number; pages: number }>(ledger.sql, ledger.parameters);
  requireOpen();
  const tally = new JobTally(job.counts, job.reasons, job.progress);
  // What a limit had left waiting may be fetched now, in place of what failed.
  tally.set({
    discovered: totals.reduce((sum, { images }) => sum + images, 0),
    pagesDiscovered: totals.reduce((sum, { pages }) => sum + pages, 0),
  });
  const save = (): void => jobs.saveCounts(job.id, tally.counts, tally.reasons, 0);
  // Written together, so that a job that is resumed after a kill has the counts of all it has left.
  await Promise.all([jobs.setState(job.id, 'paused'), database.write(save)]);
  while (ids.length > 0) {
    const last = ids.at(-1) as number;
    while (ids.length > 0) {
      requireOpen();
      const rest = ids;
      const taken = await database.write(() => {
        const step = requests.retryFailed(rest);
        tally.add({ failed: -step.images, fetched: -step.fetched, pagesDone: -step.pages });
        for (const [reason, count] of Object.entries(step.reasons)) tally.addReason(reason, -count);
        save();
        return step.taken;
      });
      ids = rest.slice(taken);
    }
    ids = await failedAfter(last);
  }
}

/** A job that did not get to its end is run again even when no request failed; so is one that an earlier retry did not finish. */
function isWorthGoingOn({ state }: Job, only: string | undefined): boolean {
  return state === 'failed' || state === 'cancelled' || (state === 'paused' && only === undefined);
}

function list(reasons: Readonly<Record<string, number>>): string {
  const names = Object.keys(reasons);
  return names.length === 0 ? 'none' : names.join(', ');
}
