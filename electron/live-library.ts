/**
 * What main knows of the library while it changes: jobs, holds, sources and the settings of the desktop. One event stream
 * for all of main; it is taken up again when the core was started anew.
 */

import type { HttpClient } from '../sdk/client.ts';
import type { CoreEvent } from '../shared/contract/events.ts';
import type { Job, JobProgress } from '../shared/contract/jobs.ts';
import type { SourceStatus } from '../shared/contract/sources.ts';
import type { HoldReason } from '../shared/vocabulary.ts';
import { type DesktopSettings, desktopSettingsOf } from './desktop-settings.ts';
import { isUnfinished } from './job-facts.ts';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
/** No event tells how a source answered: they are asked while a crawl runs. */
const SOURCES_EVERY_MS = 20_000;
/** More unfinished jobs than that are not told one by one. */
const MOST_JOBS = 100;

type SourceStates = Readonly<Partial<Record<SourceStatus['source'], SourceStatus['state']>>>;

export interface LibraryState {
  /** Whether the core has been heard at all: before that all else here is a default. */
  readonly isKnown: boolean;
  /** Unfinished ones, oldest first. */
  readonly jobs: readonly Job[];
  readonly holds: readonly HoldReason[];
  readonly settings: DesktopSettings;
  readonly sources: SourceStates;
}

/** What has happened since the listener heard the last time. */
export interface LibraryChange {
  readonly before: LibraryState;
  readonly after: LibraryState;
  /** Jobs that are no longer unfinished, as they ended. */
  readonly ended: readonly Job[];
}

export interface LiveLibrary {
  readonly state: LibraryState;
  /** Called after each change, and with each new connection to a core. */
  onChange(listener: (change: LibraryChange) => void): void;
  /** Called when there is a connection to a core, which may be another one than before. */
  onConnected(listener: () => void): void;
  stop(): void;
}

interface LiveLibraryOptions {
  readonly client: HttpClient;
  /** Default: 20,000 milliseconds between two looks at the sources. */
  readonly sourcesEveryMs?: number;
}

export function createLiveLibrary(options: LiveLibraryOptions): LiveLibrary {
  const library = new Library(options);
  void library.listen();
  return library;
}

class Library implements LiveLibrary {
  readonly #client: HttpClient;
  readonly #changeListeners: ((change: LibraryChange) => void)[] = [];
  readonly #connectedListeners: (() => void)[] = [];
  readonly #stopping = new AbortController();
  readonly #sourcesTimer: NodeJS.Timeout;
  #state: LibraryState = { isKnown: false, jobs: [], holds: [], settings: desktopSettingsOf([]), sources: {} };

  constructor({ client, sourcesEveryMs = SOURCES_EVERY_MS }: LiveLibraryOptions) {
    this.#client = client;
    this.#sourcesTimer = setInterval(() => {
      if (this.#state.jobs.some(({ kind, state }) => kind === 'crawl' && state === 'active')) void this.#readSources();
    }, sourcesEveryMs).unref();
  }

  get state(): LibraryState {
    return this.#state;
  }

  onChange(listener: (change: LibraryChange) => void): void {
    this.#changeListeners.push(listener);
  }

  onConnected(listener: () => void): void {
    this.#connectedListeners.push(listener);
  }

  stop(): void {
    this.#stopping.abort();
    clearInterval(this.#sourcesTimer);
  }

  async listen(): Promise<void> {
    const { signal } = this.#stopping;
    let waitMs = FIRST_WAIT_MS;
    while (!signal.aborted) {
      try {
        // Listens first, so that nothing is missed between what is read and what is told.
        const events = await this.#client.events.watch({}, { signal });
        await this.#readAll();
        for (const listener of this.#connectedListeners) listener();
        waitMs = FIRST_WAIT_MS;
        for await (const event of events) await this.#take(event);
      } catch {
        // The core has ended, or is not there yet: both are waited out.
      }
      if (signal.aborted) return;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    }
  }

  async #take(event: CoreEvent): Promise<void> {
    switch (event.type) {
      case 'job.updated':
        return this.#moveJob(event.job);
      case 'holds.changed':
        return this.#change({ holds: event.holds });
      case 'settings.changed':
        return event.name.startsWith('desktop.') ? this.#change({ settings: await this.#settings() }) : undefined;
      case 'dataset.changed':
        // Jobs have its name, which no event of theirs carries.
        return this.#state.jobs.some((job) => job.datasetId === event.datasetId) ? this.#readAll() : undefined;
      case 'events.missed':
        return this.#readAll();
      default:
        return;
    }
  }

  async #readAll(): Promise<void> {
    const [{ items }, holds, settings] = await Promise.all([
      this.#client.jobs.list({ states: ['waiting', 'active', 'paused'], limit: MOST_JOBS }),
      this.#client.jobs.holds(),
      this.#settings(),
    ]);
    const ids = new Set(items.map(({ id }) => id));
    const gone = this.#state.jobs.filter(({ id }) => !ids.has(id));
    // A job that cannot be read any more went with its dataset.
    const ended = await Promise.all(gone.map(({ id }) => this.#client.jobs.get({ id }).catch(() => null)));
    this.#change(
      { isKnown: true, jobs: items.toSorted((a, b) => a.id - b.id), holds, settings },
      ended.filter((job) => job !== null && !isUnfinished(job)) as Job[],
    );
    await this.#readSources();
  }

  /** A value in the environment that does not fit makes them unreadable: what was known stays. */
  async #settings(): Promise<DesktopSettings> {
    try {
      return desktopSettingsOf(await this.#client.settings.list());
    } catch {
      return this.#state.settings;
    }
  }

  /** With its state a job's error and its result change, which no event carries. */
  async #moveJob(progress: JobProgress): Promise<void> {
    const known = this.#state.jobs.find(({ id }) => id === progress.id);
    if (known?.state === progress.state) return this.#updateJob({ ...known, ...progress });
    const job = await this.#client.jobs.get({ id: progress.id }).catch(() => null);
    // It went with its dataset, or the core is gone.
    return job === null ? this.#readAll() : this.#updateJob(job);
  }

  #updateJob(job: Job): void {
    const others = this.#state.jobs.filter(({ id }) => id !== job.id);
    if (isUnfinished(job)) {
      this.#change({ jobs: [...others, job].toSorted((a, b) => a.id - b.id) });
      return;
    }
    this.#change({ jobs: others }, [job]);
    if (job.kind === 'crawl') void this.#readSources();
  }

  async #readSources(): Promise<void> {
    try {
      const list = await this.#client.sources.list();
      this.#change({ sources: Object.fromEntries(list.map(({ source, state }) => [source, state])) });
    } catch {
      // It is asked again.
    }
  }

  #change(change: Partial<LibraryState>, ended: readonly Job[] = []): void {
    if (this.#stopping.signal.aborted) return;
    const before = this.#state;
    this.#state = { ...before, ...change };
    for (const listener of this.#changeListeners) listener({ before, after: this.#state, ended });
  }
}
