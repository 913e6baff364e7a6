/**
 * Drags out of the window. The page says what, by ids; the core lays it out as files, and their paths go from there to the
 * system: the page never names or sees one.
 */

import { realpathSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import type { NativeImage, WebContents } from 'electron';
import type { HttpClient } from '../sdk/client.ts';
import type { DragRequest, StagingState } from '../shared/contract/drags.ts';
import { AppError, toAppError } from '../shared/errors.ts';
import type { DragState } from '../shared/host-bridge.ts';
import type { MediaAnswer, MediaRequest } from '../shared/media.ts';
import { copyInto } from './copy-into.ts';
import type { Dialogs } from './dialogs.ts';
import type { Ipc } from './ipc.ts';
import { t } from './messages.ts';

/** Of the longer side of the picture under the pointer. */
const ICON_PX = 96;

type Ready = Extract<StagingState, { readonly state: 'ready' }>;

interface DragOutOptions {
  readonly ipc: Pick<Ipc, 'on' | 'handle'>;
  readonly client: { readonly drags: HttpClient['drags'] };
  /** Asks the core; rejects while there is none. */
  readonly askMedia: (request: MediaRequest) => Promise<MediaAnswer>;
  readonly nativeImage: {
    createFromBuffer(bytes: Buffer): NativeImage;
    createFromBitmap(pixels: Buffer, size: { width: number; height: number }): NativeImage;
  };
  /** The system's own picture of a file. */
  readonly fileIcon: (path: string) => Promise<NativeImage>;
  readonly dialogs: Dialogs;
  /** The data directory, absolute: nothing is copied into it. */
  readonly libraryPath: string;
  readonly tell: (state: DragState) => void;
  /** Told of what nobody expected. */
  readonly onError: (error: unknown) => void;
}

/** Begins drags that the page asks for. */
export function registerDragOut(options: DragOutOptions): void {
  const { ipc, client, dialogs, tell, onError } = options;
  const staging = new Set<{ key: string; readonly abort: AbortController }>();
  /** The drag whose button is held. */
  let held: symbol | null = null;

  /** Tells how far it is. @returns null when it was cancelled @throws AppError */
  const stage = async (request: DragRequest): Promise<Ready | null> => {
    const running = { key: '', abort: new AbortController() };
    staging.add(running);
    try {
      for await (const state of await client.drags.stage(request, { signal: running.abort.signal })) {
        running.key = state.key;
        if (state.state === 'ready') return state;
        if (state.state === 'failed') throw new AppError('unavailable', state.error.message);
        tell({ key: state.key, state: 'staging', progress: state.progress, message: null });
      }
      tell({ key: running.key, state: 'over', progress: 0, message: null });
      return null;
    } catch (thrown) {
      const { code, message } = toAppError(thrown);
      if (code === 'cancelled') return null;
      tell({ key: running.key, state: 'failed', progress: 0, message });
      throw thrown;
    } finally {
      staging.delete(running);
    }
  };

  const drag = async (request: DragRequest, contents: WebContents, gesture: symbol): Promise<void> => {
    const ready = await stage(request);
    if (ready === null) return;
    const { key, paths } = ready;
    try {
      const icon = await iconOf(ready, options);
      const isHeld = held === gesture && !contents.isDestroyed();
      if (isHeld) {
        held = null;
        contents.startDrag({ file: paths[0] as string, files: paths, icon });
      }
      tell({ key, state: isHeld ? 'over' : 'ready', progress: 100, message: null });
    } catch (thrown) {
      tell({ key, state: 'failed', progress: 0, message: toAppError(thrown).message });
      throw thrown;
    }
  };

  ipc.on('pixcrawler:start-drag', (request, contents) => {
    const gesture = Symbol('drag');
    held = gesture;
    drag(request, contents, gesture).catch((thrown: unknown) => {
      // What a person can mend has been told to the page.
      if (toAppError(thrown).code === 'internal') onError(thrown);
    });
  });
  ipc.on('pixcrawler:drag-released', () => {
    held = null;
  });
  ipc.on('pixcrawler:cancel-drag', ({ key }) => {
    for (const each of staging) if (each.key === key) each.abort.abort();
  });
  ipc.handle('pixcrawler:copy-out', async (request) => {
    const [folder] = await dialogs.choose('copy-folder');
    if (folder === undefined) return null;
    if (isBelow(folder, options.libraryPath)) throw new AppError('bad-request', t.trouble.copyIntoLibrary(folder));
    const ready = await stage(request);
    if (ready === null) return null;
    try {
      await copyInto(folder, ready.paths);
      return folder;
    } finally {
      tell({ key: ready.key, state: 'over', progress: 100, message: null });
    }
  });
}

/** Whether a folder is in another one or is it, wherever links lead. */
function isBelow(folder: string, root: string): boolean {
  try {
    const path = relative(realpathSync(root), realpathSync(folder));
    return path === '' || !(path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path));
  } catch {
    // One that is gone is told of when it is written to.
    return false;
  }
}

/** The first image, the system's picture of the file, or a plain square: macOS starts no drag without one. */
async function iconOf({ paths, iconSha256 }: Ready, options: DragOutOptions): Promise<NativeImage> {
  const { askMedia, nativeImage, fileIcon } = options;
  const thumbnail = async (sha256: string): Promise<NativeImage | null> => {
    const { body } = await askMedia({ kind: 'thumb', sha256, isHead: false, headers: {} });
    if (!(body instanceof Uint8Array)) return null;
    const image = nativeImage.createFromBuffer(Buffer.from(body));
    if (image.isEmpty()) return null;
    const { width, height } = image.getSize();
    const scale = ICON_PX / Math.max(width, height);
    return image.resize({
      width: Math.max(1, Math.round(width * scale)),
      height: Math.max(1, Math.round(height * scale)),
    });
  };
  const image =
    (iconSha256 === null ? null : await thumbnail(iconSha256).catch(() => null)) ??
    (await fileIcon(paths[0] as string).catch(() => null));
  if (image !== null && !image.isEmpty()) return image;
  const pixels = Buffer.alloc(ICON_PX * ICON_PX * 4, 0x80);
  return nativeImage.createFromBitmap(pixels, { width: ICON_PX, height: ICON_PX });
}
