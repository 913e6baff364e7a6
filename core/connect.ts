/** The contract's client in this process. */

import { createRouterClient, ORPCError } from '@orpc/server';
import { AppError, type ErrorCode } from '../shared/errors.ts';
import { type CoreOptions, keepUp, startCore } from './core.ts';
import { trustExtraCertificates } from './fetch/extra-certificates.ts';
import { checkHealth, type Health } from './health/health.ts';
import type { CoreClient } from './index.ts';
import type { Library } from './library.ts';
import { createMedia, type Media } from './media/media.ts';
import type { ContractRouter } from './procedures.ts';
import { createRouter } from './router.ts';
import type { Uploads } from './uploads/uploads.ts';

/** The running core behind `Core`. */
export interface ConnectedCore {
  readonly client: CoreClient;
  readonly router: ContractRouter;
  readonly media: Media;
  readonly uploads: Uploads;
  health(): Promise<Health>;
  /** Goes on with jobs that rest because a core ended. @returns how many */
  resumeInterrupted(): Promise<number>;
  /** Looks after the free space of the disk from now on. */
  watchDisk(): Promise<void>;
  keepUp(): Promise<void>;
  close(): Promise<void>;
}

/** A call whose signal fires ends at once with `cancelled`, as it does for clients that are further away. */
async function unlessGivenUp<T>(call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return call();
  const cancelled = () => new AppError('cancelled', 'The request was cancelled.');
  if (signal.aborted) throw cancelled();
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(cancelled());
  signal.addEventListener('abort', giveUp);
  try {
    return await Promise.race([promise, call()]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** Starts what jobs need and binds the contract to it. */
export async function connect(library: Library, options: CoreOptions): Promise<ConnectedCore> {
  try {
    trustExtraCertificates(options.environment.PIXCRAWLER_EXTRA_CA_CERTS);
  } catch (error) {
    // All but such sites works without.
    library.log.error(error);
  }
  const core = await startCore(library, options);
  const router = createRouter(core);
  const client = createRouterClient(router, {
    interceptors: [
      async ({ next, signal }) => {
        try {
          return await unlessGivenUp(next, signal);
        } catch (error) {
          if (!(error instanceof ORPCError)) throw error;
          const details = (error.data as { details?: Record<string, unknown> } | undefined)?.details ?? {};
          throw new AppError(error.code as ErrorCode, error.message, { details, cause: error.cause });
        }
      },
    ],
  });
  return {
    client,
    router,
    media: createMedia(core.services),
    uploads: core.services.uploads,
    health: () => checkHealth(core.services, core.workerStatus()),
    watchDisk: core.diskWatch.start,
    keepUp: () => keepUp(core),
    resumeInterrupted: async () => {
      const { jobs } = core.services;
      const resting = (await jobs.takeInterrupted()).filter((id) => jobs.find(id)?.state === 'paused');
      for (const id of resting) await core.runner.resume(id);
      return resting.length;
    },
    close: async () => {
      const { database, jobs } = core.services;
      // A disk that fails keeps nobody from closing: the jobs rest all the same, and are resumed by hand.
      await database.write(() => jobs.noteInterrupted()).catch(() => undefined);
      await core.close();
    },
  };
}
