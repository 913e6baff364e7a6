/** A request of the ledger, and what its kind and its end mean for the counts of a job. */

import type { Failure, Refusal } from '../../shared/vocabulary.ts';
import type { ConsentFinding } from '../consent/consent-verdict.ts';
import type { RequestKind, RequestState } from '../db/schema.ts';

/** What was known about an address where it was found. Stored as JSON; absent facts are left out. */
export interface RequestMeta {
  /** Where the crawl started: `web`, `sitemap`, `list`, `folder`, `archive`, `openverse`, `wikimedia`. */
  readonly source: string;
  readonly label?: string;
  readonly split?: 'train' | 'validation' | 'test';
  readonly pageUrl?: string;
  readonly caption?: string;
  readonly name?: string;
  readonly licence?: string;
  readonly creator?: string;
  readonly attribution?: string;
  /** What the page that named the image says about its images; weighed before the image is fetched. */
  readonly findings?: readonly ConsentFinding[];
  /** A list's place: byte offset, layout and URL column. */
  readonly offset?: number;
  readonly layout?: string;
  readonly urlColumn?: string;
  /** The folder or archive that holds a file, as asked for; labels are taken relative to it. */
  readonly root?: string;
  /** Links to folders that were followed on the way. */
  readonly links?: number;
  /** The ledger row of the archive and the entry in it. */
  readonly archiveId?: number;
  readonly entry?: number;
  /** What an API source was asked for. */
  readonly query?: string;
  /** Images an API source has yielded before this page. */
  readonly yielded?: number;
}

/** What everything found at an address takes over from it. */
export function passedOn({ source, label }: RequestMeta): Pick<RequestMeta, 'source' | 'label'> {
  return label === undefined ? { source } : { source, label };
}

export interface NewRequest {
  readonly kind: RequestKind;
  readonly url: string;
  /** scheme://host:port; null for what is on this machine. */
  readonly site: string | null;
  readonly lane: number;
  readonly depth: number;
  readonly meta: RequestMeta;
}

export interface LedgerRequest {
  readonly id: number;
  readonly kind: RequestKind;
  readonly url: string;
  readonly siteId: number;
  readonly lane: number;
  readonly depth: number;
  readonly attempts: number;
  /** Points, see `suspicion.ts`: above 0 it is opened alone. */
  readonly suspicion: number;
  readonly dueAt: number;
  readonly meta: RequestMeta;
  /** Set while a request that has started waits for a place at a site; not in its row, so a restart begins anew. */
  readonly underWay?: { readonly url: string; readonly redirects: number };
}

export interface Settlement {
  readonly state: Exclude<RequestState, 'waiting'>;
  readonly reason?: Failure | Refusal | null;
  readonly detail?: string | null;
  readonly httpStatus?: number | null;
  readonly imageId?: number | null;
}

/** Images and files are counted for the user; the rest only finds them. */
export function isImageKind(kind: RequestKind): boolean {
  return kind === 'image' || kind === 'file';
}

/** What only an image can fail with whose bytes were had: it counts as fetched. */
const OPENED_FAILURES: ReadonlySet<string> = new Set<Failure>([
  'empty-file',
  'file-missing',
  'file-unreadable',
  'not-an-image',
  'unreadable',
  'poisoned',
  'deadline',
]);

/** Whether an image that failed for this reason had been fetched. */
export function wasFetched(reason: string): boolean {
  return OPENED_FAILURES.has(reason);
}
