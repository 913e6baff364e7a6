/** The contract, bound to an open library. Handlers stay thin: they name who does the work. */

import { implement, ORPCError } from '@orpc/server';
import { contract } from '../shared/contract/index.ts';
import { AppError, toAppError } from '../shared/errors.ts';
import type { RunningCore } from './core.ts';
import { findDataset, findProject } from './datasets/find-dataset.ts';
import { discardImages } from './store/discard-content.ts';

const DEFAULT_PROJECT = 'Default';

export function createRouter({ services, runner }: RunningCore) {
  const { datasets, projects, samples, settings, jobs } = services;
  /** Any error leaves as one of the table's codes; what is unknown is logged here and tells nothing outside. */
  const os = implement(contract).use(async ({ next }) => {
    try {
      return await next();
    } catch (thrown) {
      if (thrown instanceof ORPCError && thrown.code !== 'INTERNAL_SERVER_ERROR') throw asBadRequest(thrown);
      const error = toAppError(thrown);
      if (error.code === 'internal') services.log.error(thrown);
      throw new ORPCError(error.code, {
        status: error.status,
        message: error.message,
        data: { details: error.details },
        cause: thrown,
      });
    }
  });

  /** Running jobs of a dataset must end before it goes. */
  const cancelJobsOf = async (datasetId: number) => {
    for (const job of jobs.list({ datasetId, states: ['waiting', 'active', 'paused'] }, 0, 1000)) {
      await runner.cancel(job.id);
    }
  };

  const removeDataset = async (id: number) => {
    await datasets.get(id);
    await cancelJobsOf(id);
    await datasets.remove(id, (images) => discardImages(services, images));
    services.events.publish({ type: 'dataset.changed', datasetId: id });
  };

  return os.router({
    projects: {
      create: os.projects.create.handler(({ input }) => projects.insert(input.name)),
      list: os.projects.list.handler(() => projects.list()),
      get: os.projects.get.handler(({ input }) => projects.get(input.id)),
      resolve: os.projects.resolve.handler(({ input }) => findProject(projects, input.name)),
      rename: os.projects.rename.handler(({ input }) => projects.rename(input.id, input.name)),
      remove: os.projects.remove.handler(async ({ input }) => {
        await projects.get(input.id);
        for (const dataset of await datasets.list(input.id)) await removeDataset(dataset.id);
        await projects.remove(input.id);
        return {};
      }),
    },
    datasets: {
      create: os.datasets.create.handler(async ({ input }) => {
        const projectId =
          input.projectId ??
          ((await projects.findByName(DEFAULT_PROJECT)) ?? (await projects.insert(DEFAULT_PROJECT))).id;
        if (input.projectId !== undefined) await projects.get(input.projectId);
        return datasets.insert(projectId, input.name, input.labels);
      }),
      list: os.datasets.list.handler(({ input }) => datasets.list(input.projectId)),
      get: os.datasets.get.handler(({ input }) => datasets.get(input.id)),
      resolve: os.datasets.resolve.handler(({ input }) => findDataset(datasets, input.name)),
      rename: os.datasets.rename.handler(({ input }) => datasets.rename(input.id, input.name)),
      remove: os.datasets.remove.handler(async ({ input }) => {
        await removeDataset(input.id);
        return {};
      }),
      addLabels: os.datasets.addLabels.handler(({ input }) => datasets.addLabels(input.id, input.names)),
      stats: os.datasets.stats.handler(({ input }) => datasets.stats(input.id)),
    },
    samples: {
      list: os.samples.list.handler(({ input }) => {
        const { after, limit, ...filter } = input;
        const items = samples.withOrigins(samples.page(filter, after, limit));
        return { items, next: items.length < limit ? null : (items.at(-1)?.id ?? null) };
      }),
      get: os.samples.get.handler(({ input }) => samples.get(input.id)),
      count: os.samples.count.handler(async ({ input }) => {
        const { sql, parameters } = samples.countQuery(input);
        const [row] = await services.reader.all<{ count: number }>(sql, parameters);
        return { count: row?.count ?? 0 };
      }),
    },
    crawls: {
      start: os.crawls.start.handler(async ({ input }) => {
        await datasets.get(input.datasetId);
        const { planCrawl } = await import('./crawl/crawl-job.ts');
        await planCrawl(services, input);
        return runner.start('crawl', input.datasetId, input);
      }),
    },
    imports: {
      start: os.imports.start.handler(async ({ input }) => {
        await datasets.get(input.datasetId);
        const { planImport } = await import('./crawl/crawl-job.ts');
        await planImport(services, input);
        return runner.start('import', input.datasetId, input);
      }),
    },
    validations: {
      start: os.validations.start.handler(async ({ input }) => {
        await datasets.get(input.datasetId);
        const { rulesOf } = await import('./validations/validation-job.ts');
        rulesOf(input);
        return runner.start('validate', input.datasetId, input);
      }),
    },
    exports: {
      start: os.exports.start.handler(async ({ input }) => {
        await datasets.get(input.datasetId);
        return runner.start('export', input.datasetId, input);
      }),
    },
    jobs: {
      list: os.jobs.list.handler(({ input }) => {
        const { after, limit, ...filter } = input;
        const items = jobs.list(filter, after, limit).map((job) => runner.get(job.id));
        return { items, next: items.length < limit ? null : (items.at(-1)?.id ?? null) };
      }),
      get: os.jobs.get.handler(({ input }) => runner.get(input.id)),
      log: os.jobs.log.handler(({ input }) => {
        const items = jobs.logPage(jobs.get(input.id).id, input.after, input.limit);
        return { items, next: items.length < input.limit ? null : (items.at(-1)?.id ?? null) };
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
    },
    events: {
      watch: os.events.watch.handler(({ input, signal }) => services.events.watch(input.afterEventId, signal)),
    },
    settings: {
      list: os.settings.list.handler(() => settings.list()),
      get: os.settings.get.handler(({ input }) => settings.get(input.name)),
      set: os.settings.set.handler(({ input }) => settings.set(input.name, input.value)),
    },
    doctor: {
      run: os.doctor.run.handler(async ({ input }) => {
        const { examine } = await import('./doctor/doctor.ts');
        return examine(services, input);
      }),
    },
  });
}

/** Input that does not fit the contract, in words: where, what was expected, what came. */
function asBadRequest(thrown: ORPCError<string, unknown>): ORPCError<string, unknown> {
  if (thrown.code !== 'BAD_REQUEST') return thrown;
  const issues = (thrown.data as { issues?: readonly { message: string; path?: readonly PropertyKey[] }[] } | undefined)
    ?.issues;
  const words = (issues ?? []).slice(0, 5).map((issue) => {
    const where = (issue.path ?? []).join('.');
    return where === '' ? issue.message : `${where}: ${issue.message}`;
  });
  const error = new AppError('bad-request', words.length === 0 ? thrown.message : words.join('; '));
  return new ORPCError(error.code, { status: error.status, message: error.message, data: { details: {} } });
}
