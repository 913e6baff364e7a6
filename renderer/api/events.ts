/** The one event stream: it fills the live store and tells which queries are out of date. */

import type { CoreEvent } from '../../shared/contract/events.ts';
import type { Job, JobProgress } from '../../shared/contract/jobs.ts';
import { unreachable } from '../../shared/errors.ts';
import { useLive } from '../stores/live.ts';
import { COUNTS, seldom } from '../stores/seldom.ts';
import { client, nextConnection } from './client.ts';
import { host } from './host.ts';
import { unseenSignal, whenSeen } from './presence.ts';
import { api, isMissing, queryClient } from './query.ts';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
const UNFINISHED: Job['state'][] = ['waiting', 'active', 'paused'];

/**
 * Listens until the signal fires; a stream that breaks is taken up again where it was. In a browser it rests while the
 * page is not seen, and what happened meanwhile is read when it is seen again.
 */
export async function listen(signal: AbortSignal): Promise<void> {
  let afterEventId: number | undefined;
  let waitMs = FIRST_WAIT_MS;
  while (!signal.aborted) {
    if (host.kind === 'browser') await whenSeen(signal);
    const ended = new AbortController();
    const unseen = host.kind === 'browser' ? unseenSignal(ended.signal) : null;
    const rest = unseen === null ? signal : AbortSignal.any([signal, unseen]);
    try {
      const events = await client.events.watch(afterEventId === undefined ? {} : { afterEventId }, { signal: rest });
      useLive.getState().connected();
      await readRunningJobs(rest);
      waitMs = FIRST_WAIT_MS;
      for await (const event of events) {
        afterEventId = event.eventId;
        take(event);
      }
    } catch {
      // A lost connection, or a host that went away: both are waited out.
    } finally {
      ended.abort();
    }
    if (signal.aborted) return;
    if (unseen?.aborted === true) continue;
    useLive.getState().disconnected();
    const isBack = await Promise.race([after(waitMs), nextConnection().then(() => true)]);
    waitMs = isBack ? FIRST_WAIT_MS : Math.min(2 * waitMs, LONGEST_WAIT_MS);
  }
}

function after(timeMs: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), timeMs));
}

/** Jobs that changed while nobody listened. */
async function readRunningJobs(signal: AbortSignal): Promise<void> {
  const [{ items }, holds] = await Promise.all([
    client.jobs.list({ states: UNFINISHED, limit: 100 }, { signal }),
    client.jobs.holds(undefined, { signal }),
  ]);
  useLive.getState().holdsChanged(holds);
  useLive.getState().replaceJobs(items);
  // What the last moments without a connection brought is not known. What is on its way is not asked for twice.
  void queryClient.invalidateQueries({}, { cancelRefetch: false });
  // Except about jobs: one that ended since it was asked about moves no more, and would stay as it was.
  void queryClient.invalidateQueries({ queryKey: api.jobs.key() });
}

function take(event: CoreEvent): void {
  switch (event.type) {
    case 'job.updated':
      jobMoved(event.job);
      if (event.job.finishedAt !== null || event.job.state === 'paused' || event.job.state === 'waiting') {
        void queryClient.invalidateQueries({ queryKey: api.jobs.list.key() });
        void queryClient.invalidateQueries({ queryKey: api.datasets.key() });
        void queryClient.invalidateQueries({ queryKey: api.sources.key() });
      }
      return;
    case 'samples.added':
    case 'samples.updated':
      useLive.getState().samplesChanged(event.datasetId);
      counts.ask();
      return;
    case 'decision.changed':
      void queryClient.invalidateQueries({
        queryKey: api.decisions.state.queryKey({ input: { datasetId: event.datasetId } }),
      });
      void queryClient.invalidateQueries({ queryKey: api.decisions.list.key() });
      return;
    // Either counts in the other: the first dataset makes its project.
    case 'dataset.changed':
    case 'project.changed':
      if (event.type === 'dataset.changed') void readJobsOf(event.datasetId);
      void queryClient.invalidateQueries({ queryKey: api.projects.key() });
      void queryClient.invalidateQueries({ queryKey: api.datasets.key() });
      return;
    case 'holds.changed':
      useLive.getState().holdsChanged(event.holds);
      return;
    case 'settings.changed':
      void queryClient.invalidateQueries({ queryKey: api.settings.key() });
      return;
    case 'events.missed':
      void queryClient.invalidateQueries();
      return;
    default:
      unreachable(event);
  }
}

/** Jobs of a dataset that went into the trash go with it, and come back with it. */
async function readJobsOf(datasetId: number): Promise<void> {
  const { forgetJobsOf, updateJob } = useLive.getState();
  try {
    await client.datasets.get({ id: datasetId });
    const { items } = await client.jobs.list({ datasetId, states: UNFINISHED, limit: 100 });
    for (const job of items) if (useLive.getState().jobs[job.id] === undefined) updateJob(job);
  } catch (error) {
    // When the host is gone, everything is read once it is back.
    if (isMissing(error)) forgetJobsOf(datasetId);
  }
}

/** Jobs that are being read, each with whether it has changed again since it was asked for. */
const reading = new Map<number, boolean>();

function jobMoved(progress: JobProgress): void {
  const queryKey = api.jobs.get.queryKey({ input: { id: progress.id } });
  if (useLive.getState().moveJob(progress)) {
    queryClient.setQueryData(queryKey, (read: Job | undefined) =>
      read === undefined ? read : { ...read, ...progress },
    );
  } else if (reading.has(progress.id)) reading.set(progress.id, true);
  else void readJob(progress.id);
}

async function readJob(id: number): Promise<void> {
  reading.set(id, false);
  try {
    const isNew = useLive.getState().jobs[id] === undefined;
    const job = await client.jobs.get({ id });
    if (isNew) void queryClient.invalidateQueries({ queryKey: api.jobs.list.key() });
    useLive.getState().updateJob(job);
    queryClient.setQueryData(api.jobs.get.queryKey({ input: { id } }), job);
  } catch {
    // One that is gone needs nothing; when the host is gone, everything is read once it is back.
    reading.delete(id);
    return;
  }
  const isOutdated = reading.get(id) === true;
  reading.delete(id);
  if (isOutdated) await readJob(id);
}

const counts = seldom(() => {
  void queryClient.invalidateQueries({ queryKey: api.datasets.key() });
  void queryClient.invalidateQueries({ queryKey: api.duplicates.key() });
}, COUNTS);
