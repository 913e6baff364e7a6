/** Jobs, as the contract has them. */

import type { SiteStatus } from '../../shared/contract/jobs.ts';
import { unreachable } from '../../shared/errors.ts';
import type { CoreServices } from '../core-services.ts';
import type { SiteLoad } from '../crawl/frontier.ts';
import { type FeatureRouter, type Procedures, pageOfRows } from '../procedures.ts';
import type { JobRunner } from './job-runner.ts';

export function jobProcedures(os: Procedures, services: CoreServices, runner: JobRunner): FeatureRouter<'jobs'> {
  const { holds, jobs, requests, reader } = services;
  return os.jobs.router({
    list: os.jobs.list.handler(({ input }) => {
      const { after, limit, ...filter } = input;
      return pageOfRows(
        jobs.list(filter, after, limit).map((job) => runner.get(job.id)),
        limit,
      );
    }),
    get: os.jobs.get.handler(({ input }) => runner.get(input.id)),
    log: os.jobs.log.handler(({ input }) =>
      pageOfRows(jobs.logPage(jobs.get(input.id).id, input.order, input.after, input.limit), input.limit),
    ),
    sites: os.jobs.sites.handler(({ input }) => {
      jobs.get(input.id);
      return (services.boards.get(input.id)?.() ?? []).map(toSiteStatus);
    }),
    failures: os.jobs.failures.handler(async ({ input }) => {
      jobs.get(input.id);
      const { sql, parameters } = requests.settledQuery(input.id, input.state, input.reason, input.after, input.limit);
      return pageOfRows(await reader.all(sql, parameters), input.limit);
    }),
    coverage: os.jobs.coverage.handler(({ input }) => {
      const { sql, parameters } = jobs.coverageQuery(jobs.get(input.id));
      return reader.all(sql, parameters);
    }),
    throughput: os.jobs.throughput.handler(({ input }) => {
      jobs.get(input.id);
      return runner.throughput(input.id);
    }),
    pause: os.jobs.pause.handler(({ input }) => runner.pause(input.id)),
    resume: os.jobs.resume.handler(({ input }) => runner.resume(input.id)),
    cancel: os.jobs.cancel.handler(({ input }) => runner.cancel(input.id)),
    holds: os.jobs.holds.handler(() => holds.reasons),
    setHolds: os.jobs.setHolds.handler(({ input }) => {
      holds.setByHost(input.holds);
      return holds.reasons;
    }),
    retry: os.jobs.retry.handler(({ input }) => runner.retry(input.id, input.only)),
  });
}

function toSiteStatus(view: SiteLoad): SiteStatus {
  return {
    site: view.site,
    waiting: view.waiting,
    inFlight: view.inFlight,
    delayMs: view.gapMs,
    trouble: troubleOf(view),
    failures: view.failures,
    medianResponseMs: view.medianResponseMs,
    nextDueAt: Number.isFinite(view.nextStartAtMs) ? Math.round(view.nextStartAtMs) : null,
  };
}

function troubleOf({ isClosed, isStrained, state }: SiteLoad): SiteStatus['trouble'] {
  switch (state) {
    case 'open':
      if (isClosed) return 'closed';
      return isStrained ? 'slowed' : null;
    case 'waiting':
      return 'resting';
    case 'parked':
      return 'parked';
    case 'exhausted':
      return 'given-up';
    default:
      return unreachable(state);
  }
}
