/** A core without a disk or a network, behind the real contract: what the command line asks for is what tests read. */

import { createRouterClient, implement, ORPCError } from '@orpc/server';
import type { Core, CoreClient } from '../../core/index.ts';
import type { Dataset } from '../../shared/contract/datasets.ts';
import type { DoctorReport } from '../../shared/contract/doctor.ts';
import type { CoreEvent } from '../../shared/contract/events.ts';
import { contract } from '../../shared/contract/index.ts';
import {
  type Job,
  type JobCounts,
  type JobLogEntry,
  jobProgress,
  NO_COUNTS,
  type RequestFailure,
  type SiteStatus,
} from '../../shared/contract/jobs.ts';
import type { Project } from '../../shared/contract/projects.ts';
import type { Sample } from '../../shared/contract/samples.ts';
import type { Setting } from '../../shared/contract/settings.ts';
import { AppError } from '../../shared/errors.ts';
import type { HoldReason, JobKind } from '../../shared/vocabulary.ts';

/** A moment all tests agree on. */
const NOW_MS = Date.UTC(2026, 2, 1, 14, 5);

export type JobChange = Partial<Omit<Job, 'counts'>> & { counts?: Partial<JobCounts> };

export function makeJob(change: JobChange = {}): Job {
  return {
    id: 1,
    kind: 'crawl',
    state: 'active',
    datasetId: 1,
    datasetName: 'birds',
    parameters: {},
    progress: 0,
    reasons: {},
    error: null,
    result: null,
    createdAt: NOW_MS,
    startedAt: NOW_MS,
    finishedAt: null,
    remainingMs: null,
    phase: null,
    durationMs: 0,
    ...change,
    counts: { ...NO_COUNTS, ...change.counts },
  };
}

export function makeSample(change: Partial<Sample> = {}): Sample {
  return {
    id: 1,
    datasetId: 1,
    sha256: 'ab'.repeat(32),
    label: 'robin',
    split: null,
    status: 'accepted',
    decidedBy: 'rules',
    reasons: [],
    keeper: null,
    width: 640,
    height: 480,
    format: 'jpeg',
    bytes: 34_000,
    caption: null,
    name: null,
    dominantColour: 0x808080,
    tags: [],
    createdAt: NOW_MS,
    origins: [
      {
        source: 'https://example.org/',
        pageUrl: 'https://example.org/page',
        imageUrl: 'https://example.org/a.jpg',
        licence: 'CC0',
        creator: 'Ann',
        attribution: null,
        consent: { verdict: 'allowed', signals: [] },
        fetchedAt: NOW_MS,
        httpStatus: 200,
      },
    ],
    ...change,
  };
}

export function makeDataset(change: Partial<Dataset> = {}): Dataset {
  return {
    id: 1,
    projectId: 1,
    projectName: 'Default',
    name: 'birds',
    sampleCount: 12_408,
    statusCounts: { accepted: 12_000, quarantined: 400, rejected: 8 },
    labels: [],
    createdAt: NOW_MS,
    updatedAt: NOW_MS,
    ...change,
  };
}

export interface FakeOptions {
  readonly datasets?: Dataset[];
  readonly projects?: Project[];
  readonly samples?: Sample[];
  readonly jobs?: Job[];
  readonly sites?: SiteStatus[];
  readonly log?: JobLogEntry[];
  readonly requestFailures?: RequestFailure[];
  readonly settings?: Setting[];
  readonly trashedProjects?: { id: number; name: string; datasetCount: number; trashedAt: number }[];
  readonly trashedDatasets?: {
    id: number;
    name: string;
    projectId: number;
    projectName: string;
    sampleCount: number;
    trashedAt: number;
  }[];
  readonly doctor?: DoctorReport;
  /** What happens to a job once it is started, resumed or retried; default: it is completed at once. */
  readonly course?: readonly JobChange[];
  /** Whether the event stream tells of it; without, only `jobs.get` does. */
  readonly events?: 'live' | 'silent' | 'broken';
  /** Thrown by the procedure with this path, as `crawls.start`. */
  readonly failures?: Readonly<Record<string, unknown>>;
  readonly closeError?: Error;
  /** Default 1.2.3, that of the command line. */
  readonly version?: string;
  /** Jobs that rest because a core ended. */
  readonly interrupted?: number;
  /** Why no job runs. Default: nothing holds. */
  readonly holds?: readonly HoldReason[];
}

export interface FakeCore extends Core {
  readonly calls: { readonly path: string; readonly input: unknown }[];
  readonly closed: () => boolean;
  /** The inputs of the calls of one procedure. */
  inputs(path: string): unknown[];
}

export function makeFakeCore(options: FakeOptions = {}): FakeCore {
  const calls: { path: string; input: unknown }[] = [];
  const datasets = [...(options.datasets ?? [makeDataset()])];
  const projects = [...(options.projects ?? [makeProject(1, 'Default')])];
  const jobs = new Map((options.jobs ?? []).map((job) => [job.id, job]));
  const samples = options.samples ?? [];
  const settings = options.settings ?? [];
  const listeners = new Set<(event: CoreEvent) => void>();
  const watching = options.events ?? 'live';
  let eventId = 0;
  let closed = false;

  const change = (id: number, next: JobChange): Job => {
    const before = find(jobs.get(id), `job ${id}`);
    const job: Job = { ...before, ...next, counts: { ...before.counts, ...next.counts } };
    jobs.set(id, job);
    eventId += 1;
    if (watching === 'live')
      for (const tell of listeners) {
        tell({ type: 'job.updated', eventId, job: jobProgress.parse(job) });
      }
    return job;
  };
  /** The course of a job, one step a turn of the event loop, until something else has ended it. */
  const play = async (id: number) => {
    for (const step of options.course ?? [{ state: 'completed', progress: 100 }]) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (jobs.get(id)?.state !== 'active') return;
      change(id, step);
    }
  };
  const begin = (id: number): Job => {
    const job = change(id, { state: 'active' });
    void play(id);
    return job;
  };
  const start = (kind: JobKind, parameters: { datasetId: number }): Job => {
    const id = jobs.size + 1;
    const datasetName = datasets.find((dataset) => dataset.id === parameters.datasetId)?.name ?? '?';
    jobs.set(id, makeJob({ id, kind, parameters, datasetId: parameters.datasetId, datasetName, state: 'waiting' }));
    return begin(id);
  };

  const os = implement(contract).use(({ path, next }, input) => {
    const name = path.join('.');
    calls.push({ path: name, input });
    const failure = options.failures?.[name];
    if (failure !== undefined) throw failure;
    return next();
  });
  // A part of the contract: what the command line does not ask for is not there.
  const router = {
    projects: {
      create: os.projects.create.handler(({ input }) => {
        const project = makeProject(projects.length + 1, input.name);
        projects.push(project);
        return project;
      }),
      list: os.projects.list.handler(() => projects),
      get: os.projects.get.handler(({ input }) =>
        find(
          projects.find(({ id }) => id === input.id),
          'project',
        ),
      ),
      resolve: os.projects.resolve.handler(({ input }) =>
        find(
          projects.find(({ name }) => name === input.name),
          `project "${input.name}"`,
        ),
      ),
      rename: os.projects.rename.handler(({ input }) => ({
        ...find(
          projects.find(({ id }) => id === input.id),
          'project',
        ),
        name: input.name,
      })),
      trash: os.projects.trash.handler(() => ({})),
      trashed: os.projects.trashed.handler(() => options.trashedProjects ?? []),
      restore: os.projects.restore.handler(({ input }) => makeProject(input.id, 'restored')),
    },
    datasets: {
      create: os.datasets.create.handler(({ input }) => {
        const labels = input.labels.map((name, index) => ({ id: index + 1, name, sampleCount: 0 }));
        const project = projects.find(({ id }) => id === (input.projectId ?? 1))!;
        const dataset = makeDataset({
          id: datasets.length + 1,
          name: input.name,
          projectId: project.id,
          projectName: project.name,
          labels,
        });
        datasets.push(dataset);
        return dataset;
      }),
      list: os.datasets.list.handler(({ input }) =>
        datasets.filter(({ projectId }) => input.projectId === undefined || projectId === input.projectId),
      ),
      get: os.datasets.get.handler(({ input }) =>
        find(
          datasets.find(({ id }) => id === input.id),
          'dataset',
        ),
      ),
      resolve: os.datasets.resolve.handler(({ input }) =>
        find(
          datasets.find(({ id, name }) => input.name === name || input.name === `#${id}`),
          `dataset "${input.name}"`,
        ),
      ),
      rename: os.datasets.rename.handler(({ input }) => makeDataset({ id: input.id, name: input.name })),
      trash: os.datasets.trash.handler(() => ({})),
      trashed: os.datasets.trashed.handler(() => options.trashedDatasets ?? []),
      restore: os.datasets.restore.handler(({ input }) => makeDataset({ id: input.id })),
      addLabels: os.datasets.addLabels.handler(({ input }) =>
        makeDataset({ labels: input.names.map((name, index) => ({ id: index + 1, name, sampleCount: 0 })) }),
      ),
      stats: os.datasets.stats.handler(() => ({
        dataset: datasets[0]!,
        sizeBytes: 3_400_000,
        byStatus: { accepted: 12_000, quarantined: 400, rejected: 8 },
        byLabel: { robin: 7, '': 2 },
        byReason: { blurred: 3, flat: 30 },
        byFormat: { jpeg: 9 },
        bySource: {},
        byLicence: {},
        bySplit: {},
      })),
    },
    samples: {
      list: os.samples.list.handler(({ input }) => {
        const rest = samples.filter(({ id }) => id > input.after);
        const items = rest.slice(0, input.limit);
        return { items, next: rest.length > items.length ? items.at(-1)!.id : null };
      }),
      get: os.samples.get.handler(({ input }) =>
        find(
          samples.find(({ id }) => id === input.id),
          'sample',
        ),
      ),
      count: os.samples.count.handler(() => ({ count: samples.length })),
    },
    crawls: { start: os.crawls.start.handler(({ input }) => start('crawl', input)) },
    imports: { start: os.imports.start.handler(({ input }) => start('import', input)) },
    validations: { start: os.validations.start.handler(({ input }) => start('validate', input)) },
    exports: { start: os.exports.start.handler(({ input }) => start('export', input)) },
    jobs: {
      list: os.jobs.list.handler(({ input }) => {
        const matching = [...jobs.values()].filter(
          (job) => job.id > input.after && (input.states === undefined || input.states.includes(job.state)),
        );
        const items = matching.slice(0, input.limit);
        return { items, next: matching.length > items.length ? items.at(-1)!.id : null };
      }),
      get: os.jobs.get.handler(({ input }) => find(jobs.get(input.id), `job ${input.id}`)),
      sites: os.jobs.sites.handler(() => options.sites ?? []),
      failures: os.jobs.failures.handler(({ input }) => ({
        items: (options.requestFailures ?? []).filter(({ id }) => id > input.after),
        next: null,
      })),
      log: os.jobs.log.handler(() => ({ items: options.log ?? [], next: null })),
      pause: os.jobs.pause.handler(({ input }) => {
        // What is in flight is finished first.
        setTimeout(() => change(input.id, { state: 'paused' }), 5);
        return find(jobs.get(input.id), 'job');
      }),
      resume: os.jobs.resume.handler(({ input }) => begin(input.id)),
      cancel: os.jobs.cancel.handler(({ input }) => change(input.id, { state: 'cancelled' })),
      holds: os.jobs.holds.handler(() => [...(options.holds ?? [])]),
      retry: os.jobs.retry.handler(({ input }) => begin(input.id)),
    },
    events: {
      watch: os.events.watch.handler(async function* ({ signal }) {
        if (watching === 'broken') throw new ORPCError('UNAVAILABLE');
        const queue: CoreEvent[] = [];
        let wake = () => {};
        const listener = (event: CoreEvent) => {
          queue.push(event);
          wake();
        };
        const over = () => signal?.aborted === true;
        listeners.add(listener);
        signal?.addEventListener('abort', () => wake());
        try {
          while (!over()) {
            yield* queue.splice(0);
            const { promise, resolve } = Promise.withResolvers<void>();
            wake = resolve;
            if (queue.length === 0 && !over()) await promise;
          }
        } finally {
          listeners.delete(listener);
        }
      }),
    },
    settings: {
      list: os.settings.list.handler(() => settings),
      get: os.settings.get.handler(({ input }) =>
        find(
          settings.find(({ name }) => name === input.name),
          `setting "${input.name}"`,
        ),
      ),
      set: os.settings.set.handler(({ input }) => ({
        ...find(
          settings.find(({ name }) => name === input.name),
          `setting "${input.name}"`,
        ),
        value: input.value,
      })),
      unset: os.settings.unset.handler(({ input }) => ({
        ...find(
          settings.find(({ name }) => name === input.name),
          `setting "${input.name}"`,
        ),
        from: 'default' as const,
      })),
    },
    doctor: { run: os.doctor.run.handler(() => options.doctor ?? { ok: true, checks: [] }) },
    library: {
      info: os.library.info.handler(() => ({
        version: options.version ?? '1.2.3',
        dataDirectory: '/data',
        freeBytes: 0,
        totalBytes: 0,
      })),
      storage: os.library.storage.handler(() => ({
        imageCount: 0,
        imageBytes: 0,
        databaseBytes: 0,
        thumbnailBytes: 0,
      })),
    },
  };
  const notServed = async (): Promise<never> => {
    throw new AppError('unavailable', 'This core serves nobody.');
  };

  return {
    client: createRouterClient(router) as unknown as CoreClient,
    router: notServed,
    answerPort: notServed,
    media: notServed,
    uploads: notServed,
    health: notServed,
    resumeInterrupted: async () => options.interrupted ?? 0,
    watchDisk: async () => undefined,
    report: () => undefined,
    publishAddress: async () => undefined,
    page: () => [],
    calls,
    closed: () => closed,
    inputs: (path) => calls.filter((call) => call.path === path).map((call) => call.input),
    close: async () => {
      closed = true;
      if (options.closeError !== undefined) throw options.closeError;
    },
  };
}

function makeProject(id: number, name: string): Project {
  return { id, name, datasetCount: 2, createdAt: NOW_MS, updatedAt: NOW_MS };
}

function find<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new AppError('not-found', `There is no ${what}.`);
  return found;
}
