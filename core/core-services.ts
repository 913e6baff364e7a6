/** What jobs and procedures of one open library share. */

import type { SiteLoad } from './crawl/frontier.ts';
import type { RequestRepository } from './crawl/request-repository.ts';
import type { CounterRepository } from './datasets/counter-repository.ts';
import type { DatasetRepository } from './datasets/dataset-repository.ts';
import type { LabelRepository } from './datasets/label-repository.ts';
import type { DatabaseReader } from './db/reader.ts';
import type { EventHub } from './events/event-hub.ts';
import type { ImageRepository } from './images/image-repository.ts';
import type { OpenJournal } from './ingest/open-journal.ts';
import type { Holds } from './jobs/holds.ts';
import type { JobRepository } from './jobs/job-repository.ts';
import type { RuleSetRepository } from './judge/rule-set-repository.ts';
import type { Library } from './library.ts';
import type { ProjectRepository } from './projects/project-repository.ts';
import type { SettingRepository } from './settings/setting-repository.ts';
import type { SearchHealth } from './sources/search-health.ts';
import type { BlobStore } from './store/blob-store.ts';
import type { ContentLock } from './store/content-lock.ts';
import type { ThumbnailStore } from './store/thumbnail-store.ts';
import type { Uploads } from './uploads/uploads.ts';
import type { WorkerPool } from './workers/worker-pool.ts';

export interface CoreServices extends Omit<Library, 'close' | 'publishAddress'> {
  readonly reader: DatabaseReader;
  readonly blobStore: BlobStore;
  readonly contentLock: ContentLock;
  /** Blobs between their rename and the commit of their rows, by hash. */
  readonly adoptions: OpenJournal;
  /** Files that a worker has open, by the id of their request. */
  readonly attempts: OpenJournal;
  readonly requests: RequestRepository;
  readonly jobs: JobRepository;
  /** Why no job may run. */
  readonly holds: Holds;
  readonly images: ImageRepository;
  readonly thumbnails: ThumbnailStore;
  readonly events: EventHub;
  readonly projects: ProjectRepository;
  readonly datasets: DatasetRepository;
  readonly labels: LabelRepository;
  readonly counters: CounterRepository;
  readonly ruleSets: RuleSetRepository;
  readonly settings: SettingRepository;
  /** Names the product and a contact. */
  readonly userAgent: string;
  /** Started with the first call. */
  readonly workers: () => WorkerPool;
  readonly uploads: Uploads;
  readonly searchHealth: SearchHealth;
  /** How the sites of a running crawl are doing, by job. */
  readonly boards: Map<number, () => readonly SiteLoad[]>;
}
