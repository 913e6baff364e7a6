/** Whether the parts of a running core work, quickly enough to be asked every few seconds. */

import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { toAppError } from '../../shared/errors.ts';
import type { CoreServices } from '../core-services.ts';
import { freeBytes } from '../store/disk.ts';
import type { WorkerPoolStatus } from '../workers/worker-pool.ts';

type HealthState = 'healthy' | 'degraded' | 'unhealthy';

interface HealthCheck {
  readonly name: 'database' | 'store' | 'disk' | 'workers' | 'queue';
  readonly state: HealthState;
  readonly message: string;
}

export interface Health {
  /** That of the worst check. */
  readonly state: HealthState;
  readonly checks: readonly HealthCheck[];
}

const ORDER: readonly HealthState[] = ['healthy', 'degraded', 'unhealthy'];
/** Worker processes that die so often are not what one image does. */
const MANY_RESTARTS = 20;

/** @param workers undefined while no worker was needed yet */
export async function checkHealth(services: CoreServices, workers: WorkerPoolStatus | undefined): Promise<Health> {
  const checks = await Promise.all([
    check('database', () => databaseHealth(services)),
    check('store', () => storeHealth(services)),
    check('disk', () => diskHealth(services)),
    check('workers', () => workerHealth(workers)),
    check('queue', () => queueHealth(services)),
  ]);
  const worst = Math.max(...checks.map(({ state }) => ORDER.indexOf(state)));
  return { state: ORDER[worst] as HealthState, checks };
}

type Finding = readonly [HealthState, string];

async function check(name: HealthCheck['name'], look: () => Promise<Finding> | Finding): Promise<HealthCheck> {
  try {
    const [state, message] = await look();
    return { name, state, message };
  } catch (error) {
    return { name, state: 'unhealthy', message: toAppError(error).message };
  }
}

function databaseHealth({ database }: CoreServices): Finding {
  database.ping();
  return ['healthy', 'The database answers.'];
}

async function storeHealth({ directory }: CoreServices): Promise<Finding> {
  try {
    await access(directory.blobsPath, constants.R_OK | constants.W_OK);
    return ['healthy', 'The image store can be read and written.'];
  } catch {
    return ['unhealthy', 'The image store is away or cannot be written. Connect its disk or mend its permissions.'];
  }
}

async function diskHealth({ directory, settings }: CoreServices): Promise<Finding> {
  const free = await freeBytes(directory.root);
  const floor = settings.value('storage.minFreeBytes');
  const text = `${Math.floor(free / 1e6).toLocaleString('en')} MB are free`;
  if (free < floor)
    return ['unhealthy', `${text}: jobs rest until ${Math.ceil(floor / 1e6).toLocaleString('en')} MB are.`];
  return free < 2 * floor ? ['degraded', `${text}: jobs will soon rest.`] : ['healthy', `${text}.`];
}

function workerHealth(status: WorkerPoolStatus | undefined): Finding {
  if (status === undefined) return ['healthy', 'Worker processes start with the first image.'];
  const ready = status.processes.filter(({ state }) => state === 'ready').length;
  const waiting = Object.values(status.queued).reduce((sum, count) => sum + count, 0);
  if (ready === 0 && waiting > 0) return ['degraded', `No worker process is ready; ${waiting} tasks wait.`];
  if (status.restarts >= MANY_RESTARTS) {
    return ['degraded', `Worker processes have been replaced ${status.restarts} times since the start.`];
  }
  return ['healthy', `${ready} worker processes are ready; ${waiting} tasks wait.`];
}

function queueHealth({ jobs, holds }: CoreServices): Finding {
  const { waiting, active, paused } = jobs.countUnfinished();
  const text = `${active} jobs run, ${waiting} wait, ${paused} are paused.`;
  if (holds.isAny) return ['healthy', `${text} Jobs rest because of: ${holds.reasons.join(', ')}.`];
  // A job waits for those that run; where none does, nothing will start it.
  return [waiting > 0 && active === 0 ? 'degraded' : 'healthy', text];
}
