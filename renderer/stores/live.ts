/** What changes while one looks: the connection, jobs, and which datasets got other samples. */

import { create } from 'zustand';
import type { Job, JobProgress } from '../../shared/contract/jobs.ts';
import type { HoldReason } from '../../shared/vocabulary.ts';

interface Live {
  /** `connecting` until the first answer. */
  readonly connection: 'connecting' | 'connected' | 'lost';
  /** Jobs that have not ended, and those that ended since the page was opened, by id. */
  readonly jobs: Readonly<Record<number, Job>>;
  /** How often samples of a dataset have changed: whoever shows them watches its number. */
  readonly sampleChanges: Readonly<Record<number, number>>;
  /** Why no job runs at the moment. */
  readonly holds: readonly HoldReason[];
  connected(): void;
  disconnected(): void;
  replaceJobs(jobs: readonly Job[]): void;
  updateJob(job: Job): void;
  /**
   * Takes over the answer to what was done to a job. Where an event brought news while it was on its way it is left: it may
   * have been overtaken, and no further event comes of a job that has ended.
   * @param known what was known of the job when it was asked; undefined for one that was yet to start
   */
  takeAnswer(job: Job, known: Job | undefined): void;
  /** Takes over how far a job is. @returns whether that is all that changed; false: read the whole job */
  moveJob(progress: JobProgress): boolean;
  forgetJobsOf(datasetId: number): void;
  samplesChanged(datasetId: number): void;
  holdsChanged(holds: readonly HoldReason[]): void;
}

export const useLive = create<Live>()((set, get) => ({
  connection: 'connecting',
  jobs: {},
  sampleChanges: {},
  holds: [],
  connected: () => set({ connection: 'connected' }),
  disconnected: () => set({ connection: 'lost' }),
  replaceJobs: (jobs) => set({ jobs: Object.fromEntries(jobs.map((job) => [job.id, job])) }),
  updateJob: (job) => set((state) => ({ jobs: { ...state.jobs, [job.id]: job } })),
  takeAnswer: (job, known) => {
    if (get().jobs[job.id] === known) get().updateJob(job);
  },
  moveJob: (progress) => {
    const known = get().jobs[progress.id];
    // With its state a job's error and its result change, which no event carries.
    if (known?.state !== progress.state) return false;
    get().updateJob({ ...known, ...progress });
    return true;
  },
  forgetJobsOf: (datasetId) =>
    set((state) => ({
      jobs: Object.fromEntries(Object.entries(state.jobs).filter(([, job]) => job.datasetId !== datasetId)),
    })),
  samplesChanged: (datasetId) =>
    set((state) => ({
      sampleChanges: { ...state.sampleChanges, [datasetId]: (state.sampleChanges[datasetId] ?? 0) + 1 },
    })),
  holdsChanged: (holds) => set({ holds }),
}));

const UNFINISHED: ReadonlySet<Job['state']> = new Set(['waiting', 'active', 'paused']);

/** Whether a job runs, waits or rests. */
export function isUnfinished(job: Job): boolean {
  return UNFINISHED.has(job.state);
}

/** Whether the host cannot be reached: what needs it is disabled. */
export function useOffline(): boolean {
  return useLive((state) => state.connection === 'lost');
}

/** The same, asked once. */
export function isOffline(): boolean {
  return useLive.getState().connection === 'lost';
}

/** Calls back each time that a lost connection is there again. */
export function onReconnected(callback: () => void): () => void {
  return useLive.subscribe((now, before) => {
    if (now.connection === 'connected' && before.connection === 'lost') callback();
  });
}
