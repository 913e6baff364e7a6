/** Files without a path, as the contract has them. */

import { Readable } from 'node:stream';
import { safeFileName } from '../names/safe-name.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';
import type { Uploads } from './uploads.ts';

export function uploadProcedures(os: Procedures, uploads: Uploads): FeatureRouter<'uploads'> {
  return os.uploads.router({
    put: os.uploads.put.handler(async ({ input }) => {
      const { batchId, folderPath } = await uploads.begin();
      const { path } = await uploads.write(
        batchId,
        safeFileName(input.name),
        Readable.from([Buffer.from(input.bytes, 'base64')]),
      );
      return { folderPath, path };
    }),
  });
}
