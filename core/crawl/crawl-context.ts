/** What the handlers of a crawl share. */

import type { SearchServiceId } from '../../workers/documents/search/types.ts';
import type { ConsentKeeper } from '../consent/consent-keeper.ts';
import type { ConsentFinding, ConsentPolicy } from '../consent/consent-verdict.ts';
import type { Database } from '../db/database.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import type { ImagePipeline } from '../ingest/image-pipeline.ts';
import type { JobTally } from '../jobs/job-tally.ts';
import type { SearchHealth } from '../sources/search-health.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { LedgerRequest, NewRequest, Settlement } from './ledger-request.ts';
import type { RequestRepository } from './request-repository.ts';
import type { Scope } from './url-rules.ts';

/** Our name in robots.txt and robots tags. */
export const PRODUCT_TOKEN = 'PixCrawler';

export interface CrawlContext {
  readonly jobId: number;
  readonly database: Database;
  readonly requests: RequestRepository;
  readonly tally: JobTally;
  readonly searchHealth: SearchHealth;
  readonly pipeline: ImagePipeline;
  readonly workers: WorkerPool;
  readonly blobStore: BlobStore;
  readonly fetcher: Fetcher;
  readonly consent: ConsentKeeper;
  readonly consentPolicy: ConsentPolicy;
  readonly scope: Scope;
  /** Headers that a search service is sent beyond the usual. */
  readonly searchHeaders: (service: SearchServiceId, url: string) => Promise<Record<string, string>>;
  readonly labelsFromFolders: boolean;
  readonly timeoutMs: number;
  readonly maxImageBytes: number;
  readonly maxImages: number;
  /** What must stay free on the disk that holds the library. */
  readonly minFreeBytes: number;
  /** Fires when what is in flight must end now. */
  readonly signal: AbortSignal;
  /** Asked before each hop of a fetch: what the site says of it. Throws FetchProblem when consent is refused. */
  readonly beforeRequest: (url: string, hop: number, use: 'image' | 'page') => Promise<readonly ConsentFinding[]>;
  /** Told when a request has been written, so that the gap to the next one counts from there. */
  readonly onSent: () => void;
  /**
   * Ends a page-like request and adds what it found, in one transaction.
   * @param finalUrl where a redirect led: that address is done as well
   */
  finishPage(
    request: LedgerRequest,
    settlement: Settlement,
    found: readonly NewRequest[],
    finalUrl?: string,
  ): Promise<void>;
  /** Adds what a request found before it ends. */
  addFound(found: readonly NewRequest[]): Promise<void>;
  /** Ends an image request that brought no bytes to keep. */
  finishImage(request: LedgerRequest, settlement: Settlement): Promise<void>;
  readonly log: (level: 'info' | 'warning' | 'error', message: string) => void;
}
