import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { CrawlEstimate } from '../../../shared/contract/crawls.ts';
import { api } from '../../api/query.ts';
import { useOffline } from '../../stores/live.ts';
import { useSettled } from '../../ui/use-settled.ts';
import type { CrawlRequest, DraftRequests } from './draft-requests.ts';
import { type WholeEstimate, wholeEstimate } from './estimate-view.ts';

/** Search services are asked again only when somebody has stopped typing for so long. */
const QUIET_MS = 900;
/** What a service answered a while ago is still about right. */
const STALE_MS = 5 * 60_000;
/** While a service has not had its turn for everything. */
const ASK_AGAIN_MS = 3_000;
const NOTHING: CrawlRequest = { datasetId: 1, sources: [] };

interface EstimateState {
  /** null until there is one. */
  readonly estimate: WholeEstimate | null;
  readonly isAsking: boolean;
  readonly error: Error | null;
}

/** An estimate of what a draft asks for, as far as it can be sent. Imports are counted beside what is collected. */
export function useEstimate(requests: DraftRequests): EstimateState {
  const isOffline = useOffline();
  const isReady = requests.problems.length === 0 && !isOffline;
  const wanted = JSON.stringify([requests.crawl, folderCrawl(requests)]);
  const settled = useSettled(wanted, QUIET_MS);
  const [crawl, folders] = JSON.parse(settled) as [CrawlRequest | null, CrawlRequest | null];
  const options = (input: CrawlRequest | null) => ({
    ...api.crawls.estimate.queryOptions({ input: input ?? NOTHING }),
    enabled: isReady && wanted === settled && input !== null,
    placeholderData: keepPreviousData,
    staleTime: STALE_MS,
    retry: false,
    refetchInterval: ({ state }: { readonly state: { readonly data?: CrawlEstimate | undefined } }) =>
      state.data?.sources.some(({ basis }) => basis === 'waiting') === true ? ASK_AGAIN_MS : false,
  });
  const collected = useQuery(options(crawl));
  const imported = useQuery(options(folders));
  const isAsking = isReady && (wanted !== settled || collected.isFetching || imported.isFetching);
  return {
    estimate: wholeEstimate([
      crawl === null ? null : (collected.data ?? null),
      folders === null ? null : (imported.data ?? null),
    ]),
    isAsking,
    error: (crawl === null ? null : collected.error) ?? (folders === null ? null : imported.error),
  };
}

/** An import as a crawl that only counts. */
function folderCrawl({ import: request }: DraftRequests): CrawlRequest | null {
  if (request === null) return null;
  return { datasetId: request.datasetId, sources: request.paths.map((path) => `folder:${path}`) };
}
