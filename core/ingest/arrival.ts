import type { InspectionAnswer } from '../../shared/inspection.ts';
import type { LedgerRequest } from '../crawl/ledger-request.ts';

/** Where an image came from, as its origin row will say. */
export interface OriginFacts {
  readonly source: string;
  readonly pageUrl: string | null;
  readonly imageUrl: string;
  readonly licence: string | null;
  readonly creator: string | null;
  readonly attribution: string | null;
  /** JSON of the consent verdict. */
  readonly consent: string;
  readonly httpStatus: number | null;
  readonly fetchedAt: number;
}

/** Bytes that have arrived and wait to be looked at. */
export interface Arrival {
  readonly request: LedgerRequest;
  /** The file to open. */
  readonly path: string;
  /** Hash of a file that was fetched; null for a local file, which the worker hashes, and copies to `stagedPath` unless it is there. */
  readonly sha256: string | null;
  /** What becomes the blob if the image is kept, and is removed if it is not. It is `path` itself for files of ours. */
  readonly stagedPath: string;
  readonly origin: OriginFacts;
}

/** An arrival that was looked at, or whose content was known already. */
export interface Inspected {
  readonly arrival: Arrival;
  readonly sha256: string | null;
  /** The images row of known content; null when it was inspected now. */
  readonly knownImageId: number | null;
  /** null for known content. */
  readonly answer: InspectionAnswer | null;
}
