/** Jobs, as the contract has them. */

import type { CoreServices } from '../core-services.ts';
import { type FeatureRouter, type Procedures, pageOfRows } from '../procedures.ts';
import type { JobRunner } from './job-runner.ts';

export function jobProcedures(os: Procedures, services: CoreServices, runner: JobRunner): FeatureRouter<'jobs'> {
  const { jobs } = services;
  return os.jobs.router({
    list: os.jobs.list.handler(({ input }) => {
      const { after, limit, ...filter } = input;
      const items = jobs.list(filter, after, limit).map((job) => runner.get(job.id));
      return pageOfRows(items, limit);
    }),
    get: os.jobs.get.handler(({ input }) => runner.get(input.id)),
    log: os.jobs.log.handler(({ input }) => {
      const items = jobs.logPage(jobs.get(input.id).id, input.after, input.limit);
      return pageOfRows(items, input.limit);
    }),
    sites: os.jobs.sites.handler(({ input }) => {
      jobs.get(input.id);
      const views = services.boards.get(input.id)?.() ?? [];
      return views.map((view) => ({
        site: view.site,
        waiting: view.queued,
        inFlight: view.inFlight,
        delayMs: view.gapMs,
        trouble: view.state === 'open' ? null : view.state,
        nextDueAt: Number.isFinite(view.nextStartAtMs) ? Math.round(view.nextStartAtMs) : null,
      }));
    }),
    pause: os.jobs.pause.handler(({ input }) => runner.pause(input.id)),
    resume: os.jobs.resume.handler(({ input }) => runner.resume(input.id)),
    cancel: os.jobs.cancel.handler(({ input }) => runner.cancel(input.id)),
    retry: os.jobs.retry.handler(({ input }) => runner.retry(input.id, input.only)),
  });
}
