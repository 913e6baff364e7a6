/** The core's entry: what a host (desktop, server, command line) may import. */

import type { ContractRouterClient } from '@orpc/contract';
import type { contract } from '../shared/contract/index.ts';
import { AppError, type ErrorCode } from '../shared/errors.ts';
import { type CoreOptions, keepUp, openLibrary } from './core.ts';

export type { CoreOptions } from './core.ts';
export type CoreClient = ContractRouterClient<typeof contract>;

export interface Core {
  /** The contract, in process. Rejects with AppError. */
  readonly client: CoreClient;
  /** Lets running jobs finish what is in flight, pauses them durably, ends worker processes, closes the database. */
  close(): Promise<void>;
}

/** A library's own upkeep starts this long after it was opened, so that it is in nobody's way. */
const UPKEEP_AFTER_MS = 10_000;

/**
 * Opens the library in a data directory for this process alone.
 * @throws AppError `in-use`, `unavailable`, `bad-request` or `conflict`
 */
export async function openCore(options: CoreOptions): Promise<Core> {
  const library = await openLibrary(options);
  const [{ createRouterClient, ORPCError }, { createRouter }] = await Promise.all([
    import('@orpc/server'),
    import('./router.ts'),
  ]);
  const client = createRouterClient(createRouter(library), {
    interceptors: [
      async ({ next }) => {
        try {
          return await next();
        } catch (error) {
          if (!(error instanceof ORPCError)) throw error;
          const details = (error.data as { details?: Record<string, unknown> } | undefined)?.details ?? {};
          throw new AppError(error.code as ErrorCode, error.message, { details, cause: error.cause });
        }
      },
    ],
  });
  const upkeep = setTimeout(() => {
    keepUp(library.services).catch((error: unknown) => library.services.log.error(error));
  }, UPKEEP_AFTER_MS);
  upkeep.unref();
  return {
    client,
    close: async () => {
      clearTimeout(upkeep);
      await library.close();
    },
  };
}
