import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import { QueryClient } from '@tanstack/react-query';
import { AppError } from '../../shared/errors.ts';
import { client } from './client.ts';

/** The contract as queries and mutations: `api.datasets.get.queryOptions({ input })`. */
export const api = createTanstackQueryUtils(client);

const MAX_RETRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Events say what has changed; nothing is read again only because a window got the focus.
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => isUnreachable(error) && failures < MAX_RETRIES,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

/** Whether the host did not answer, so that the same may work later. */
function isUnreachable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'unavailable';
}

/** Whether what was asked for does not exist: asking again cannot help. */
export function isMissing(error: unknown): boolean {
  return error instanceof AppError && error.code === 'not-found';
}
