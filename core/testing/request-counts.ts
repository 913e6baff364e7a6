import type { RequestRepository } from '../crawl/request-repository.ts';
import type { Database } from '../db/database.ts';
import type { RequestState } from '../db/schema.ts';

/** How many requests of a job are in a state, images apart from the rest. */
export function requestCounts(
  database: Database,
  requests: RequestRepository,
  jobId: number,
  state: RequestState,
): { readonly images: number; readonly pages: number } {
  const { sql, parameters } = requests.totalsQuery(jobId);
  const rows = database.prepare<number[], { state: RequestState; images: number; pages: number }>(sql);
  const { images = 0, pages = 0 } = rows.all(...parameters).find((row) => row.state === state) ?? {};
  return { images, pages };
}
