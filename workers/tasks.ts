/**
 * Every task a worker process can run, with its input and output: paths and plain data, nothing else.
 * The core imports these types only; `worker-process.ts` binds them to code.
 */

import type { InspectionAnswer, InspectionLimits, InspectionRequest } from '../shared/inspection.ts';
import type { SearchServiceId, SourcePage } from './documents/search/types.ts';
import type { ArchiveEntryFile, ListRecord, PageExtract, SitemapExtract } from './documents/types.ts';
import type { NearDuplicateSearch } from './duplicates/near-duplicates.ts';

interface TaskTypes {
  /** Looks at files, in order; one answer per request, never a rejection because of a file. */
  inspect: {
    input: { readonly requests: readonly InspectionRequest[]; readonly limits: InspectionLimits };
    output: readonly InspectionAnswer[];
  };
  /** Reads a saved HTML page. */
  'extract-page': {
    input: {
      readonly path: string;
      /** The address the page was finally served from. */
      readonly url: string;
      /** The Content-Type header, for the charset; null when absent. */
      readonly contentType: string | null;
      readonly maxLinks: number;
      readonly maxImages: number;
    };
    output: PageExtract;
  };
  /** Reads a saved sitemap, sitemap index, RSS or text sitemap, plain or gzip. */
  'read-sitemap': {
    input: { readonly path: string; readonly url: string; readonly maxEntries: number };
    output: SitemapExtract;
  };
  /** Reads a saved answer of a search service: a page of results, or why it is none. */
  'read-search-answer': {
    input: {
      readonly path: string;
      /** The address that was asked for. */
      readonly url: string;
      readonly service: SearchServiceId;
      readonly maxResults: number;
    };
    output:
      | { readonly page: SourcePage; readonly problem: null }
      | {
          readonly page: null;
          readonly problem: {
            /** The service asks to come back later. */
            readonly isTransient: boolean;
            readonly message: string;
            readonly retryAfterMs: number | null;
          };
        };
  };
  /** Reads the next records of a URL list from a byte offset. */
  'read-list': {
    input: {
      readonly path: string;
      /** Column that holds the URL; found by name, then by content, when null. */
      readonly urlColumn: string | null;
      /** 0 at the start, else the `nextOffset` of the answer before. */
      readonly offset: number;
      /** The `layout` of the answer before (columns, separator, a region read literally); null at the start. */
      readonly layout: string | null;
      readonly maxRecords: number;
    };
    output: {
      readonly records: readonly ListRecord[];
      readonly nextOffset: number;
      readonly layout: string;
      readonly done: boolean;
      /** Lines that held no usable URL, by why; counts only. */
      readonly skipped: number;
    };
  };
  /** Unpacks the image entries of a zip, tar or tar.gz into a folder, from an entry index on. */
  'unpack-archive': {
    input: {
      readonly path: string;
      /** Existing folder that receives `<index>.bin` files; names inside the archive are never used as paths. */
      readonly destination: string;
      readonly fromEntry: number;
      readonly maxEntries: number;
      readonly maxEntryBytes: number;
      readonly maxTotalBytes: number;
      /** What must stay free on the disk of the destination. */
      readonly minFreeBytes: number;
    };
    output: { readonly entries: readonly ArchiveEntryFile[]; readonly nextEntry: number; readonly done: boolean };
  };
  /** Near-duplicates grouped around the ones that stay; a column a fact, one entry a candidate. */
  'group-near-duplicates': {
    input: NearDuplicateSearch & {
      readonly areasPx: Float64Array;
      readonly sizesBytes: Float64Array;
      /** 32 bytes each; they break ties, so they must differ. */
      readonly sha256s: Uint8Array;
      /** 1 for what a person has accepted: it is never anybody's near-duplicate. */
      readonly isProtected: Uint8Array;
    };
    output: {
      /** Index of the candidate that this one nearly repeats; -1 when it stays. */
      readonly keeperOf: Int32Array;
      /** Hamming distance of the pHashes to the keeper; 0 where there is none. */
      readonly distances: Uint8Array;
    };
  };
}

export type TaskName = keyof TaskTypes;
export type TaskInput<K extends TaskName> = TaskTypes[K]['input'];
export type TaskOutput<K extends TaskName> = TaskTypes[K]['output'];
