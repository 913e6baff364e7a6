/** The contract's client in this process. */

import { createRouterClient, ORPCError } from '@orpc/server';
import { AppError, type ErrorCode } from '../shared/errors.ts';
import { type CoreOptions, keepUp, startCore } from './core.ts';
import type { CoreClient } from './index.ts';
import type { Library } from './library.ts';
import { createRouter } from './router.ts';

/** Starts what jobs need and binds the contract to it. */
export async function connect(
  library: Library,
  options: CoreOptions,
): Promise<{ client: CoreClient; keepUp(): Promise<void>; close(): Promise<void> }> {
  const core = await startCore(library, options);
  const client = createRouterClient(createRouter(core), {
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
  return { client, keepUp: () => keepUp(core.services), close: () => core.close() };
}
