/** What the desktop does for the interface: files are where they are, and errors of main become ours again. */

import { AppError, ERROR_STATUS, type ErrorCode } from '../../shared/errors.ts';
import type { DesktopBridge, HostBridge } from '../../shared/host-bridge.ts';
import { client } from './client.ts';
import { type PlacedFile, rootsOf } from './file-roots.ts';

export function createDesktopHost(bridge: DesktopBridge<Blob>): HostBridge<Blob, AbortSignal> {
  return {
    kind: 'desktop',
    // The page is at the same origin.
    mediaUrl: (kind, sha256) => `/media/${kind}/${sha256}`,
    async takeFiles(files, { signal, onProgress }) {
      let doneBytes = 0;
      const placed: PlacedFile[] = [];
      for (const { relativePath, file } of files) {
        placed.push(await place(bridge, relativePath, file, signal));
        doneBytes += file.size;
        onProgress(doneBytes);
      }
      return { paths: placed.map(({ path }) => path), roots: rootsOf(placed) };
    },
    desktop: {
      ...bridge,
      choose: (purpose) => told(bridge.choose(purpose)),
      showInFolder: (shown) => told(bridge.showInFolder(shown)),
      copyOut: (request) => told(bridge.copyOut(request)),
      installUpdate: () => told(bridge.installUpdate()),
    },
  };
}

/** Where a file is. What has no path, such as a picture dragged out of a browser, is kept by the core. */
async function place(
  bridge: DesktopBridge<Blob>,
  relativePath: string,
  file: Blob,
  signal: AbortSignal,
): Promise<PlacedFile> {
  const path = bridge.pathOf(file);
  if (path !== '') return { relativePath, path };
  const name = relativePath.split('/').at(-1) ?? relativePath;
  return { relativePath: name, ...(await client.uploads.put({ name, bytes: await base64Of(file) }, { signal })) };
}

async function base64Of(file: Blob): Promise<string> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
  return url.slice(url.indexOf(',') + 1);
}

/** Errors come through the bridge as data. */
async function told<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (thrown) {
    const { code = '', message = '', details = {} } = (thrown ?? {}) as Partial<AppError>;
    throw new AppError(Object.hasOwn(ERROR_STATUS, code) ? (code as ErrorCode) : 'internal', message, { details });
  }
}
