/** Shows what the library knows in the system's file manager. The page names it; the path comes from the core. */

import { statSync } from 'node:fs';
import type { Shell } from 'electron';
import type { HttpClient } from '../sdk/client.ts';
import { AppError, unreachable } from '../shared/errors.ts';
import type { ShownInFolder } from '../shared/host-bridge.ts';
import type { MediaAnswer, MediaRequest } from '../shared/media.ts';
import type { Ipc } from './ipc.ts';

interface ShowInFolderOptions {
  readonly ipc: Pick<Ipc, 'handle'>;
  readonly shell: Pick<Shell, 'showItemInFolder'>;
  readonly client: {
    readonly jobs: Pick<HttpClient['jobs'], 'get'>;
    readonly library: Pick<HttpClient['library'], 'info'>;
  };
  /** Asks the core; rejects while there is none. */
  readonly askMedia: (request: MediaRequest) => Promise<MediaAnswer>;
}

/** Answers the page that wants something shown. */
export function registerShowInFolder(options: ShowInFolderOptions): void {
  options.ipc.handle('pixcrawler:show-in-folder', async (shown) => {
    const path = await pathOf(shown, options);
    if (path === null || statSync(path, { throwIfNoEntry: false }) === undefined) {
      throw new AppError('not-found', 'It is no longer there: it was moved or deleted.');
    }
    options.shell.showItemInFolder(path);
    return undefined;
  });
}

async function pathOf(shown: ShownInFolder, { client, askMedia }: ShowInFolderOptions): Promise<string | null> {
  switch (shown.kind) {
    case 'export': {
      const { kind, result } = await client.jobs.get({ id: shown.jobId });
      return kind === 'export' && typeof result?.outPath === 'string' ? result.outPath : null;
    }
    case 'image': {
      // Its file is named with the part of it that was asked for.
      const headers = { range: 'bytes=0-0' };
      const { body } = await askMedia({ kind: 'image', sha256: shown.sha256, isHead: false, headers });
      return body !== null && 'path' in body ? body.path : null;
    }
    case 'library':
      return (await client.library.info()).dataDirectory;
    default:
      return unreachable(shown);
  }
}
