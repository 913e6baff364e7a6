import { ThumbnailDb, type ThumbnailRow } from '../db/thumbnail-db.ts';

/**
 * The packed, disposable cache of thumbnails. Losing it costs time, never data. Calls are synchronous: a page of 200
 * takes about a millisecond.
 */
export class ThumbnailStore {
  readonly #database: ThumbnailDb;

  /** @param path of `thumbnails.db`; made when missing, made anew when damaged */
  constructor(path: string) {
    this.#database = new ThumbnailDb(path);
  }

  /** Stores or replaces in one transaction. */
  putMany(thumbnails: readonly ThumbnailRow[]): void {
    if (thumbnails.length > 0) this.#database.putMany(thumbnails);
  }

  /** JPEG bytes by image id; images without a thumbnail are left out. */
  getMany(imageIds: readonly number[]): Map<number, Uint8Array> {
    return new Map(this.#database.getMany(imageIds).map((row) => [row.imageId, row.bytes]));
  }

  /** Ids without a thumbnail are ignored. */
  removeMany(imageIds: readonly number[]): void {
    this.#database.removeMany(imageIds);
  }

  /** Grows with the store: for reports, not for pages. */
  count(): number {
    return this.#database.count();
  }

  close(): void {
    this.#database.close();
  }
}
