/** Images and thumbnails by the hash of their content: what a host serves as bytes. */

import { stat } from 'node:fs/promises';
import { AppError } from '../../shared/errors.ts';
import { DEFAULT_INSPECTION_LIMITS } from '../../shared/inspection.ts';
import type { MediaAnswer, MediaRequest } from '../../shared/media.ts';
import type { ImageFormat } from '../../shared/vocabulary.ts';
import type { CoreServices } from '../core-services.ts';
import { errorCode } from '../store/durable-file.ts';
import { answerMedia } from './media-answer.ts';

const SHA256 = /^[0-9a-f]{64}$/;
/** A file that gave no thumbnail is not opened again for this long. */
const RETRY_AFTER_MS = 60_000;
/** Files remembered as giving none. */
const MAX_FAILED = 10_000;

/** A stored original, as it lies on the disk. It is only ever read. */
export interface StoredImage {
  readonly path: string;
  readonly sizeBytes: number;
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
}

export interface Media {
  /**
   * A JPEG of at most 256 px a side. One that the cache has lost is made again by a worker, once for all who ask.
   * @returns undefined for a hash that is not one, is not in the library, or whose file gives none
   */
  thumbnail(sha256: string): Promise<Uint8Array | undefined>;
  /**
   * @returns undefined for a hash that is not one, is not in the library, or whose file is missing
   * @throws AppError `unavailable` when the store's disk fails
   */
  image(sha256: string): Promise<StoredImage | undefined>;
  /** One of both as the answer to a request. @throws AppError `unavailable` when the store's disk fails */
  answer(request: MediaRequest): Promise<MediaAnswer>;
}

export function createMedia(services: CoreServices): Media {
  const { blobStore, images } = services;
  const making = new Map<number, Promise<Uint8Array | undefined>>();
  /** When files gave no thumbnail, by image. */
  const failed = new Map<number, number>();

  const find = (sha256: string) => (SHA256.test(sha256) ? images.find(sha256) : undefined);

  const make = async (imageId: number, sha256: string): Promise<Uint8Array | undefined> => {
    const [answer] = await services.workers().inspect([{ path: blobStore.pathOf(sha256) }], {
      lane: 'screen',
      limits: { ...DEFAULT_INSPECTION_LIMITS, maxFileBytes: services.settings.value('crawl.maxImageBytes') },
      deadlineMs: services.settings.value('workers.deadlineMs'),
    });
    if (answer?.thumbnail == null) {
      if (failed.size >= MAX_FAILED) failed.clear();
      failed.set(imageId, Date.now());
      return undefined;
    }
    services.thumbnails.putMany([{ imageId, bytes: answer.thumbnail }]);
    return answer.thumbnail;
  };

  const media: Pick<Media, 'thumbnail' | 'image'> = {
    async thumbnail(sha256) {
      const image = find(sha256);
      if (image === undefined) return undefined;
      const stored = services.thumbnails.getMany([image.id]).get(image.id);
      if (stored !== undefined) return stored;
      if (Date.now() - (failed.get(image.id) ?? Number.NEGATIVE_INFINITY) < RETRY_AFTER_MS) return undefined;
      let pending = making.get(image.id);
      if (pending === undefined) {
        pending = make(image.id, sha256).finally(() => making.delete(image.id));
        making.set(image.id, pending);
      }
      return pending;
    },

    async image(sha256) {
      const image = find(sha256);
      if (image === undefined) return undefined;
      const path = blobStore.pathOf(sha256);
      try {
        const { size } = await stat(path);
        return { path, sizeBytes: size, format: image.format, width: image.width, height: image.height };
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return undefined;
        throw new AppError('unavailable', `The stored image ${sha256} cannot be read. Check the disk of the library.`, {
          cause: error,
        });
      }
    },
  };
  return { ...media, answer: (request) => answerMedia(media, request) };
}
