/** Images and thumbnails by the hash of their content, over HTTP. */

import { createReadStream } from 'node:fs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Media } from '../core/index.ts';
import { AppError } from '../shared/errors.ts';
import type { MediaKind } from '../shared/media.ts';

interface MediaRoute {
  Params: { sha256: string };
}

export function addMedia(app: FastifyInstance, media: Media): void {
  for (const kind of ['thumb', 'image'] as const) {
    app.route<MediaRoute>({
      // The framework's own answer to HEAD would read the file for its length.
      method: ['GET', 'HEAD'],
      url: `/media/${kind}/:sha256`,
      handler: (request, reply) => send(kind, request, reply),
    });
  }

  async function send(
    kind: MediaKind,
    request: FastifyRequest<MediaRoute>,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const { range, 'if-range': ifRange, 'if-none-match': ifNoneMatch } = request.headers;
    const { status, headers, body } = await media.answer({
      kind,
      sha256: request.params.sha256,
      isHead: request.method === 'HEAD',
      headers: {
        ...(range === undefined ? {} : { range }),
        ...(typeof ifRange === 'string' ? { 'if-range': ifRange } : {}),
        ...(ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch }),
      },
    });
    if (status === 404) throw new AppError('not-found', 'There is no such image in the library.');
    reply.status(status).headers(headers);
    if (body === null) return reply.send();
    if (body instanceof Uint8Array) return reply.send(Buffer.from(body.buffer, body.byteOffset, body.length));
    return reply.send(createReadStream(body.path, { start: body.start, end: body.end }));
  }
}
