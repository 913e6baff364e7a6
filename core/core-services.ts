/** What jobs and procedures of one open library share. */

import type { DatasetRepository } from './datasets/dataset-repository.ts';
import type { DatabaseReader } from './db/reader.ts';
import type { EventHub } from './events/event-hub.ts';
import type { RuleSetRepository } from './judge/rule-set-repository.ts';
import type { Library } from './library.ts';
import type { ProjectRepository } from './projects/project-repository.ts';
import type { SettingRepository } from './settings/setting-repository.ts';
import type { SiteView } from './sites/site-schedule.ts';
import type { ThumbnailStore } from './store/thumbnail-store.ts';
import type { WorkerPool } from './workers/worker-pool.ts';

export interface CoreServices extends Omit<Library, 'close'> {
  readonly reader: DatabaseReader;
  readonly thumbnails: ThumbnailStore;
  readonly events: EventHub;
  readonly projects: ProjectRepository;
  readonly datasets: DatasetRepository;
  readonly ruleSets: RuleSetRepository;
  readonly settings: SettingRepository;
  /** Names the product and a contact. */
  readonly userAgent: string;
  /** Started with the first call. */
  readonly workers: () => WorkerPool;
  /** How the sites of a running crawl are doing, by job. */
  readonly boards: Map<number, () => readonly SiteView[]>;
}
