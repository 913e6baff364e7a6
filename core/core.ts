/** Everything of an open library beyond its first page: settings, rules, jobs, workers. */

import { join } from 'node:path';
import type { Job } from '../shared/contract/jobs.ts';
import type { HostHold, JobKind } from '../shared/vocabulary.ts';
import type { CoreServices } from './core-services.ts';
import { PRODUCT_TOKEN } from './crawl/crawl-context.ts';
import { RequestRepository } from './crawl/request-repository.ts';
import { pointsOfDeath } from './crawl/suspicion.ts';
import { CounterRepository } from './datasets/counter-repository.ts';
import { DatasetRepository } from './datasets/dataset-repository.ts';
import { emptyTrash } from './datasets/empty-trash.ts';
import { LabelRepository } from './datasets/label-repository.ts';
import { DatabaseReader } from './db/reader.ts';
import type { DragStager } from './drags/drag-stager.ts';
import { EventHub } from './events/event-hub.ts';
import { ImageRepository } from './images/image-repository.ts';
import { OpenJournal } from './ingest/open-journal.ts';
import { createDiskWatch, type DiskWatch } from './jobs/disk-watch.ts';
import { Holds } from './jobs/holds.ts';
import { JobRepository } from './jobs/job-repository.ts';
import { type JobHandler, JobRunner } from './jobs/job-runner.ts';
import { RuleSetRepository } from './judge/rule-set-repository.ts';
import type { Library } from './library.ts';
import { ProjectRepository } from './projects/project-repository.ts';
import { type Keychain, SecretStore } from './settings/secret-store.ts';
import { SettingRepository } from './settings/setting-repository.ts';
import { SearchHealth } from './sources/search-health.ts';
import { ContentLock } from './store/content-lock.ts';
import { freeBytes } from './store/disk.ts';
import { FileBlobStore } from './store/file-blob-store.ts';
import { ThumbnailStore } from './store/thumbnail-store.ts';
import { createUploads } from './uploads/uploads.ts';
import type { ProcessHost } from './workers/process-host.ts';
import { createWorkerPool, type WorkerPool, type WorkerPoolStatus } from './workers/worker-pool.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const TRASH_KEPT_MS = 7 * DAY_MS;
/** To back up a library up to this size takes at most some 0.3 s, once a day. */
const QUICK_BACKUP_BYTES = 32 * 1024 * 1024;
/** Files of a browser stay so long after a job that left some of them out: what failed may be tried again. */
const RETRYABLE_MS = 7 * DAY_MS;

export interface CoreOptions {
  readonly dataDirectory: string;
  /** Whether a library is made where there is none; see `openDataDirectory`. Default `if-new`. */
  readonly create?: 'if-new' | 'never';
  /** Settings by environment variable, such as PIXCRAWLER_CRAWL_DELAY_MS. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Where worker processes come from. Default: children of this process. */
  readonly processHost?: ProcessHost;
  /** What seals secrets on a desktop. Default: none, and they are kept in a file of their own. */
  readonly keychain?: Keychain;
  /** Why no job may run from the first moment, as the host sees it. Default: nothing. */
  readonly holds?: readonly HostHold[];
}

export interface RunningCore {
  readonly services: CoreServices;
  readonly runner: JobRunner;
  readonly diskWatch: DiskWatch;
  readonly version: string;
  /** Loaded with the first call. */
  drags(): Promise<DragStager>;
  /** undefined while no worker was needed yet. */
  workerStatus(): WorkerPoolStatus | undefined;
  /** Pauses jobs durably and ends worker processes; the library is closed by its owner. */
  close(): Promise<void>;
}

/** Puts right what a core left behind that died, and makes the library's jobs run. */
export async function startCore(library: Library, options: Omit<CoreOptions, 'dataDirectory'>): Promise<RunningCore> {
  const { database, directory, ownerId, log } = library;
  const reader = new DatabaseReader(directory.databasePath, log.slow);
  const secrets = new SecretStore(join(directory.root, 'secrets.json'), options.keychain);
  const settings = new SettingRepository(database, ownerId, options.environment, secrets);
  let thumbnails: ThumbnailStore | null = null;
  let workers: WorkerPool | null = null;
  let hasEndedJob = false;
  const services: CoreServices = {
    ...library,
    reader,
    blobStore: new FileBlobStore(directory),
    contentLock: new ContentLock(),
    adoptions: new OpenJournal(join(directory.root, 'adoptions.log')),
    attempts: new OpenJournal(join(directory.root, 'attempts.log')),
    requests: new RequestRepository(database, ownerId),
    jobs: new JobRepository(database, ownerId),
    get thumbnails() {
      thumbnails ??= new ThumbnailStore(directory.thumbnailsPath);
      return thumbnails;
    },
    holds: new Holds(),
    images: new ImageRepository(database, ownerId),
    events: new EventHub(),
    projects: new ProjectRepository(database, ownerId),
    datasets: new DatasetRepository(database, ownerId),
    labels: new LabelRepository(database, ownerId),
    counters: new CounterRepository(database, ownerId),
    ruleSets: new RuleSetRepository(database, ownerId),
    settings,
    get userAgent() {
      return userAgentOf(options.version, settings.value('crawl.contact'));
    },
    workers: () => {
      const processes = settings.value('workers.processes');
      workers ??= createWorkerPool({
        ...(processes === 0 ? {} : { processes }),
        ...(options.processHost === undefined ? {} : { host: options.processHost }),
      });
      return workers;
    },
    searchHealth: new SearchHealth(),
    boards: new Map(),
    uploads: createUploads({
      folderPath: directory.uploadsPath,
      minFreeBytes: () => settings.value('storage.minFreeBytes'),
      parametersInUse: () => services.jobs.parametersInUse(Date.now() - RETRYABLE_MS),
    }),
  };
  await recover(services);
  services.holds.setByHost(options.holds ?? []);
  services.holds.onChange((holds) => services.events.publish({ type: 'holds.changed', holds }));
  const diskWatch = createDiskWatch({
    holds: services.holds,
    freeBytes: () => freeBytes(directory.root),
    floorBytes: () => settings.value('storage.minFreeBytes'),
    isOn: () => settings.value('storage.waitForSpace'),
  });
  const runner = new JobRunner({
    database,
    reader,
    jobs: services.jobs,
    requests: services.requests,
    events: services.events,
    handlers: handlersOf(services, options.version),
    holds: services.holds,
    waitsForSpace: diskWatch.onFull,
    onError: (error, jobId) => log.error(error, { jobId }),
    onEnded: (job) => {
      hasEndedJob = true;
      // What a trial has read is yet to be collected.
      if (job.state === 'failed' || services.datasets.trials().includes(job.datasetId)) return;
      services.uploads.sweep(JSON.stringify(job.parameters)).catch((error: unknown) => log.error(error));
    },
  });
  let stager: Promise<DragStager> | null = null;
  const drags = async () => {
    const { DragStager } = await import('./drags/drag-stager.ts');
    return new DragStager({ services, version: options.version });
  };
  return {
    services,
    runner,
    diskWatch,
    version: options.version,
    drags: () => {
      stager ??= drags();
      return stager;
    },
    workerStatus: () => workers?.status(),
    close: async () => {
      diskWatch.stop();
      await runner.close();
      await (await stager)?.close();
      await workers?.close();
      await backUpChanges(services, hasEndedJob).catch((error: unknown) => log.error(error));
      thumbnails?.close();
      await reader.close();
      services.adoptions.close();
      services.attempts.close();
    },
  };
}

/** `PixCrawler/0.1.0 (+https://example.org)`: the product, and where to reach whoever runs it. */
function userAgentOf(version: string, contact: string): string {
  return `${PRODUCT_TOKEN}/${version} (+${contact === '' ? 'https://github.com/pixcrawler/pixcrawler' : contact})`;
}

/** Puts right what a core left that died: its jobs, its open files, its half-adopted blobs, its staging. */
async function recover(services: CoreServices): Promise<void> {
  const { adoptions, attempts, blobStore, images, jobs, requests } = services;
  const open = attempts.readLeftOpen();
  if (open.length > 0) {
    await requests.suspectMany(pointsOfDeath(open));
    attempts.clear();
  }
  const paused = await jobs.pauseAbandoned();
  const begun = adoptions.readLeftOpen();
  const orphans = begun.filter((sha256) => !images.isReferredTo(sha256));
  if (orphans.length > 0) await blobStore.trashMany(orphans);
  if (begun.length > 0) adoptions.clear();
  await blobStore.clearStaging();
  if (paused > 0 || orphans.length > 0) {
    services.log.write('info', 'A library that was not closed was put right.', { paused, orphans: orphans.length });
  }
}

/** Upkeep that no one waits for: the daily backup, and what has been in the trash for a week. */
export async function keepUp({ services, runner, drags }: RunningCore): Promise<void> {
  await emptyTrash(services, runner, Date.now() - TRASH_KEPT_MS);
  await services.uploads.sweep();
  await (await drags()).sweep();
  await services.blobStore.emptyTrash(TRASH_KEPT_MS);
  if (services.database.isBackupDue(DAY_MS)) await services.database.backup('daily');
}

/**
 * The daily backup for those who never stay until upkeep: commands that change the library and end. A large one is left to
 * those that ran a job, which nobody expects to be over at once.
 */
async function backUpChanges({ database }: CoreServices, hasEndedJob: boolean): Promise<void> {
  if (!database.isChanged || !database.isBackupDue(DAY_MS)) return;
  if (hasEndedJob || database.sizeBytes <= QUICK_BACKUP_BYTES) await database.backup('daily');
}

/** Whether a job has its first addresses in the ledger: they came with its first counts, and files it has read may have gone since. */
function isBegun({ counts }: Job): boolean {
  return counts.discovered + counts.pagesDiscovered > 0;
}

/** Loaded with the first job of their kind, so that opening a library stays quick. */
function handlersOf(services: CoreServices, version: string): Readonly<Record<JobKind, JobHandler>> {
  return {
    crawl: async (job, control) => {
      const { planCrawl, runCollection } = await import('./crawl/crawl-job.ts');
      return runCollection(services, job, control, await planCrawl(services, job.parameters, isBegun(job)));
    },
    import: async (job, control) => {
      const { planImport, runCollection } = await import('./crawl/crawl-job.ts');
      return runCollection(services, job, control, await planImport(services, job.parameters, isBegun(job)));
    },
    validate: async (job, control) => {
      const { runValidation } = await import('./validations/validation-job.ts');
      return runValidation(services, job, control);
    },
    duplicate: async (job, control) => {
      const { runDuplication } = await import('./datasets/duplicate-job.ts');
      return runDuplication(services, job, control);
    },
    export: async (job, control) => {
      const { runExportJob } = await import('./exports/export-job.ts');
      return runExportJob(services, version, job, control);
    },
  };
}
