/** Images and thumbnails as answers to requests: immutable, so that whoever shows them asks for each once. */

import type { MediaAnswer, MediaRequest } from '../../shared/media.ts';
import type { ImageFormat } from '../../shared/vocabulary.ts';
import type { Media, StoredImage } from './media.ts';

const CONTENT_TYPES: Readonly<Partial<Record<ImageFormat, string>>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  avif: 'image/avif',
  heif: 'image/heif',
  tiff: 'image/tiff',
  bmp: 'image/bmp',
};

const SHA256 = /^[0-9a-f]{64}$/;

/** What came from anywhere is shown as an image and nothing else, whatever its bytes would like to be. */
const IMAGE_POLICY = "default-src 'none'; sandbox";

const NOTHING: MediaAnswer = { status: 404, headers: {}, body: null };

/** @throws AppError `unavailable` when the store's disk fails */
export async function answerMedia(
  media: Pick<Media, 'thumbnail' | 'image'>,
  request: MediaRequest,
): Promise<MediaAnswer> {
  return request.kind === 'thumb' ? thumbnailAnswer(media, request) : imageAnswer(media, request);
}

async function thumbnailAnswer(media: Pick<Media, 'thumbnail'>, { sha256, isHead, headers }: MediaRequest) {
  // Not asked for again at all: a thumbnail that a browser has is worth no look into the library.
  if (SHA256.test(sha256) && isKnown(headers['if-none-match'], sha256)) return unchanged(sha256);
  const bytes = await media.thumbnail(sha256);
  if (bytes === undefined) return NOTHING;
  return {
    status: 200,
    headers: { ...immutable(sha256), 'content-type': 'image/jpeg', 'content-length': String(bytes.length) },
    body: isHead ? null : bytes,
  } as const;
}

async function imageAnswer(
  media: Pick<Media, 'image'>,
  { sha256, isHead, headers }: MediaRequest,
): Promise<MediaAnswer> {
  const image = await media.image(sha256);
  if (image === undefined) return NOTHING;
  if (isKnown(headers['if-none-match'], sha256)) return unchanged(sha256);
  const type = CONTENT_TYPES[image.format];
  const answered = {
    ...immutable(sha256),
    'content-type': type ?? 'application/octet-stream',
    'accept-ranges': 'bytes',
    'content-disposition': type === undefined ? 'attachment' : 'inline',
  };
  const isFresh = headers['if-range'] === undefined || headers['if-range'] === `"${sha256}"`;
  return bytesAnswer(image, isFresh ? headers.range : undefined, isHead, answered);
}

function immutable(sha256: string): Record<string, string> {
  return {
    'cache-control': 'private, max-age=31536000, immutable',
    etag: `"${sha256}"`,
    'content-security-policy': IMAGE_POLICY,
  };
}

function unchanged(sha256: string): MediaAnswer {
  return { status: 304, headers: immutable(sha256), body: null };
}

/** Whether who asks has it already: the same address always holds the same bytes. */
function isKnown(ifNoneMatch: string | undefined, sha256: string): boolean {
  return ifNoneMatch === '*' || ifNoneMatch?.includes(`"${sha256}"`) === true;
}

function bytesAnswer(
  { path, sizeBytes }: StoredImage,
  header: string | undefined,
  isHead: boolean,
  headers: Readonly<Record<string, string>>,
): MediaAnswer {
  const range = header === undefined ? null : parseRange(header, sizeBytes);
  if (range === 'unsatisfiable') {
    const refused = { ...headers, 'content-range': `bytes */${sizeBytes}`, 'content-length': '0' };
    return { status: 416, headers: refused, body: null };
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
  return {
    status: range === null ? 200 : 206,
    headers: {
      ...headers,
      ...(range === null ? {} : { 'content-range': `bytes ${start}-${end}/${sizeBytes}` }),
      'content-length': String(end - start + 1),
    },
    body: isHead || sizeBytes === 0 ? null : { path, start, end },
  };
}

/**
 * One range of bytes (RFC 9110 section 14); null for what is no range of ours, which is answered with everything.
 * Several ranges are not worth their form here.
 */
export function parseRange(
  header: string,
  sizeBytes: number,
): { readonly start: number; readonly end: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim());
  if (match === null || (match[1] === '' && match[2] === '')) return null;
  const [, first = '', last = ''] = match;
  if (first === '') {
    const suffix = Math.min(Number(last), sizeBytes);
    return suffix === 0 ? 'unsatisfiable' : { start: sizeBytes - suffix, end: sizeBytes - 1 };
  }
  const start = Number(first);
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== '' && Number(last) < start) return null;
  return start >= sizeBytes ? 'unsatisfiable' : { start, end };
}
