import type { CoreServices } from '../core-services.ts';

/**
 * Moves blobs to the trash that no row refers to, and that none is about to: waits for content that enters the store,
 * which may be the same. Rows are to be removed before.
 * @returns how many were moved
 */
export function trashUnreferenced(
  services: Pick<CoreServices, 'images' | 'blobStore' | 'contentLock'>,
  sha256s: readonly string[],
): Promise<number> {
  const { blobStore, contentLock, images } = services;
  return contentLock.exclude(async () => {
    const kept = images.referredTo(sha256s);
    return blobStore.trashMany(sha256s.filter((sha256) => !kept.has(sha256)));
  });
}

/** Takes files and thumbnails of images away whose rows are gone; a file whose content has come again stays. */
export async function discardImages(
  services: Pick<CoreServices, 'images' | 'blobStore' | 'contentLock' | 'thumbnails'>,
  images: readonly { readonly id: number; readonly sha256: string }[],
): Promise<void> {
  await trashUnreferenced(
    services,
    images.map((image) => image.sha256),
  );
  // Ids are never given again.
  services.thumbnails.removeMany(images.map((image) => image.id));
}
