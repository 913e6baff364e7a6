/** What the interface asks of whichever host shows it. The browser and the desktop each have one. */

import type { DragRequest } from './contract/drags.ts';
import type { MediaKind } from './media.ts';

/**
 * A file that was dropped on the window or chosen, with its place below the folder it came with.
 * `Bytes` is the renderer's `Blob`, which this folder has no type for.
 */
export interface OfferedFile<Bytes> {
  /** With forward slashes; the bare name for a file that came alone. */
  readonly relativePath: string;
  readonly file: Bytes;
}

export interface TakenFiles {
  /** Absolute paths, on the core's machine, of folders and files that together hold all of them, and nothing else. */
  readonly roots: readonly string[];
  /** Where each of the files is there, in the order they were offered in. */
  readonly paths: readonly string[];
}

export interface HostBridge<Bytes, Signal> {
  readonly kind: 'browser' | 'desktop';
  /** The address of an image or its thumbnail: same origin, immutable. */
  mediaUrl(kind: MediaKind, sha256: string): string;
  /**
   * Makes files readable for the core. On the desktop nothing is copied.
   * @param onProgress gets the bytes that have arrived so far
   * @throws AppError `payload-too-large`, `disk-full`, `cancelled`
   */
  takeFiles(
    files: readonly OfferedFile<Bytes>[],
    options: { readonly signal: Signal; readonly onProgress: (bytes: number) => void },
  ): Promise<TakenFiles>;
  /** What only a desktop can do; undefined in a browser. */
  readonly desktop: DesktopBridge<Bytes> | undefined;
}

/** What a dialog of the system is opened for: each remembers where it was last. */
export type DialogPurpose = 'import-folder' | 'import-files' | 'list-file' | 'export-folder';

/**
 * How far staging has come. `ready`: the button was let go before, and the same drag begun again starts at once; `over`: the
 * system has the files, or nobody wants them any more.
 */
export interface DragState {
  /** Tells drags apart; the same for the same files. */
  readonly key: string;
  readonly state: 'staging' | 'ready' | 'over' | 'failed';
  /** 0 to 100. */
  readonly progress: number;
  /** Why it failed; null otherwise. */
  readonly message: string | null;
}

/** What can be shown in the system's file manager: by name, since pages give no paths. */
export type ShownInFolder =
  /** What the export of a job wrote. */
  | { readonly kind: 'export'; readonly jobId: number }
  /** The stored original of an image. */
  | { readonly kind: 'image'; readonly sha256: string }
  /** Where the library lies. */
  | { readonly kind: 'library' };

/** The state of the program itself, beside the library. */
export interface DesktopState {
  /** The version that waits to be installed; null when there is none. */
  readonly updateVersion: string | null;
}

/**
 * What the preload exposes as `window.pixcrawler`: the fewest functions that the interface cannot do without. Only
 * plain data passes.
 */
export interface DesktopBridge<Bytes> {
  readonly platform: 'darwin' | 'win32' | 'linux';
  /** Absolute path of a file or folder that the system gave; '' for one that was made by a script. */
  pathOf(file: Bytes): string;
  /** Asks the system's dialog. @returns absolute paths; none when it was dismissed */
  choose(purpose: DialogPurpose): Promise<readonly string[]>;
  /** @throws the data of an AppError, `not-found` when it is no longer there */
  showInFolder(shown: ShownInFolder): Promise<void>;
  /**
   * Begins a drag out of the window, to be called while the button is held. Files that are not staged are staged first; if
   * the button is still held then, the drag starts, else `onDrag` tells that they are ready.
   */
  startDrag(request: DragRequest): void;
  /** Stops staging. @param key of a DragState */
  cancelDrag(key: string): void;
  /**
   * What a drag does, without one: asks for a folder, and copies the files there.
   * @returns the folder; null when the dialog was dismissed
   * @throws the data of an AppError
   */
  copyOut(request: DragRequest): Promise<string | null>;
  onDrag(listener: (state: DragState) => void): () => void;
  /** A place of the interface that the tray, a notification, a link or a menu leads to, such as `/jobs/3`. */
  onNavigate(listener: (path: string) => void): () => void;
  /** Files, folders and links that were opened with the program or handed over by a second start. */
  onOpened(
    listener: (opened: { readonly paths: readonly string[]; readonly links: readonly string[] }) => void,
  ): () => void;
  onState(listener: (state: DesktopState) => void): () => void;
  /** Installs the version that waits, and starts again. */
  installUpdate(): Promise<void>;
}
