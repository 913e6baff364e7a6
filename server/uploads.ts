/** Files that a browser sends for an import: it has no paths to give. */

import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Uploads } from '../core/index.ts';

interface FileRoute {
  Params: { batchId: string; '*': string };
}

export async function addUploads(app: FastifyInstance, uploads: Uploads): Promise<void> {
  await app.register(async (scope) => {
    // Bodies go to the disk as they come; nothing reads them here.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.post('/uploads', async () => uploads.begin());
    scope.put<FileRoute>('/uploads/:batchId/*', async (request) => {
      const body = (request.body ?? request.raw) as Readable;
      return uploads.write(request.params.batchId, request.params['*'], body);
    });
  });
}
