/** Images and thumbnails by the hash of their content: immutable, so a browser asks for each once. */

import { createReadStream } from 'node:fs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Media, StoredImage } from '../core/index.ts';
import { AppError } from '../shared/errors.ts';
import type { ImageFormat } from '../shared/vocabulary.ts';

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

interface MediaRoute {
  Params: { sha256: string };
}

export function addMedia(app: FastifyInstance, media: Media): void {
  app.get<MediaRoute>('/media/thumb/:sha256', async (request, reply) => {
    const { sha256 } = request.params;
    // Not asked for again at all: a thumbnail that a browser has is worth no look into the library.
    if (SHA256.test(sha256) && isKnown(reply, request.headers['if-none-match'], sha256))
      return reply.status(304).send();
    const bytes = await media.thumbnail(sha256);
    if (bytes === undefined) throw notFound();
    return immutable(reply, sha256)
      .type('image/jpeg')
      .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  });

  // The framework's own answer to HEAD would read the file for its length.
  const method = ['GET', 'HEAD'];
  const url = '/media/image/:sha256';
  app.route<MediaRoute>({ method, url, handler: sendImage });

  async function sendImage(request: FastifyRequest<MediaRoute>, reply: FastifyReply): Promise<FastifyReply> {
    const { sha256 } = request.params;
    const image = await media.image(sha256);
    if (image === undefined) throw notFound();
    if (isKnown(reply, request.headers['if-none-match'], sha256)) return reply.status(304).send();
    const type = CONTENT_TYPES[image.format];
    immutable(reply, sha256)
      .type(type ?? 'application/octet-stream')
      .headers({ 'accept-ranges': 'bytes', 'content-disposition': type === undefined ? 'attachment' : 'inline' });
    const range = isFresh(request.headers['if-range'], sha256) ? request.headers.range : undefined;
    return sendBytes(reply, image, range, request.method === 'HEAD');
  }
}

function notFound(): AppError {
  return new AppError('not-found', 'There is no such image in the library.');
}

function immutable(reply: FastifyReply, sha256: string): FastifyReply {
  return reply.headers({
    'cache-control': 'private, max-age=31536000, immutable',
    etag: `"${sha256}"`,
    'content-security-policy': IMAGE_POLICY,
  });
}

/** Whether the browser has it already: the same address always holds the same bytes. */
function isKnown(reply: FastifyReply, ifNoneMatch: string | undefined, sha256: string): boolean {
  if (ifNoneMatch !== '*' && ifNoneMatch?.includes(`"${sha256}"`) !== true) return false;
  immutable(reply, sha256);
  return true;
}

function isFresh(ifRange: string | string[] | undefined, sha256: string): boolean {
  return ifRange === undefined || ifRange === `"${sha256}"`;
}

function sendBytes(
  reply: FastifyReply,
  { path, sizeBytes }: StoredImage,
  header: string | undefined,
  isHead: boolean,
): FastifyReply {
  const range = header === undefined ? null : parseRange(header, sizeBytes);
  if (range === 'unsatisfiable') {
    return reply.status(416).header('content-range', `bytes */${sizeBytes}`).header('content-length', 0).send();
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
  if (range !== null) reply.status(206).header('content-range', `bytes ${start}-${end}/${sizeBytes}`);
  reply.header('content-length', end - start + 1);
  if (isHead || sizeBytes === 0) return reply.send();
  return reply.send(createReadStream(path, { start, end }));
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
