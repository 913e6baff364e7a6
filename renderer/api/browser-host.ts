/** What the browser's host does for the interface. */

import { AppError, ERROR_STATUS, type ErrorCode } from '../../shared/errors.ts';
import type { HostBridge, OfferedFile } from '../../shared/host-bridge.ts';
import { t } from '../messages/index.ts';

/** Files sent at a time: enough to hide the time between them. */
const PARALLEL_UPLOADS = 4;

export const browserHost: HostBridge<Blob, AbortSignal> = {
  kind: 'browser',
  desktop: undefined,
  mediaUrl: (kind, sha256) => `/media/${kind}/${sha256}`,

  async takeFiles(files, { signal, onProgress }) {
    // What is left of a batch that failed is not to go on beside its next try.
    const batch = new AbortController();
    const both = AbortSignal.any([signal, batch.signal]);
    const begun = (await send('/uploads', { method: 'POST', signal })) as { batchId: string; folderPath: string };
    const paths: string[] = [];
    let next = 0;
    let sentBytes = 0;
    const lane = async () => {
      for (let place = next++; place < files.length; place = next++) {
        const file = files[place]!;
        paths[place] = await sendFile(begun.batchId, file, both);
        sentBytes += file.file.size;
        onProgress(sentBytes);
      }
    };
    try {
      await Promise.all(Array.from({ length: PARALLEL_UPLOADS }, lane));
    } catch (error) {
      batch.abort();
      throw error;
    }
    return { roots: [begun.folderPath], paths };
  },
};

/** @returns where the file is now */
async function sendFile(
  batchId: string,
  { relativePath, file }: OfferedFile<Blob>,
  signal: AbortSignal,
): Promise<string> {
  const path = relativePath.split('/').map(encodeURIComponent).join('/');
  const answer = await send(`/uploads/${batchId}/${path}`, {
    method: 'PUT',
    body: file,
    signal,
    headers: { 'content-type': 'application/octet-stream' },
  });
  return (answer as { path: string }).path;
}

/** @throws AppError as the host answered it */
async function send(path: string, init: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (cause) {
    if (init.signal?.aborted === true) throw new AppError('cancelled', t.ui.uploadCancelled, { cause });
    throw new AppError('unavailable', t.ui.unreachable, { cause });
  }
  const body = (await response.json().catch(() => ({}))) as { code?: string; message?: string };
  if (response.ok) return body;
  const code = Object.hasOwn(ERROR_STATUS, body.code ?? '') ? (body.code as ErrorCode) : 'internal';
  throw new AppError(code, body.message ?? t.ui.answered(response.status));
}
