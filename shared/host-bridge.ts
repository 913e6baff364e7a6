/** What the interface asks of whichever host shows it. The browser and the desktop each have one. */

type MediaKind = 'thumb' | 'image';

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
  /** Absolute path, on the core's machine, of the folder that now holds them. */
  readonly folderPath: string;
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
}
