/** Images and thumbnails as bytes at an address: what is asked, and what is answered, whatever carries it. */

export type MediaKind = 'thumb' | 'image';

export interface MediaRequest {
  readonly kind: MediaKind;
  /** As it came: not checked yet. */
  readonly sha256: string;
  /** Whether the headers alone are wanted. */
  readonly isHead: boolean;
  /** Of the request, by their names in small letters. */
  readonly headers: Readonly<Partial<Record<'range' | 'if-range' | 'if-none-match', string>>>;
}

export interface MediaAnswer {
  readonly status: 200 | 206 | 304 | 404 | 416 | 503;
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes themselves, or which of a file (both ends included); null when there is nothing to send. */
  readonly body: Uint8Array | { readonly path: string; readonly start: number; readonly end: number } | null;
}
