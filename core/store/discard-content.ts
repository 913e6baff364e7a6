import type { CoreServices } from '../core-services.ts';

/** Of these hashes, those that an images row refers to. */
function referredTo({ database }: Pick<CoreServices, 'database'>, sha256s: readonly string[]): ReadonlySet<string> {
  const rows = database
    .prepare<[string], { sha256: string }>(
      'SELECT lower(hex(sha256)) AS sha256 FROM images WHERE sha256 IN (SELECT unhex(value) FROM json_each(?))',
    )
    .all(JSON.stringify(sha256s));
  return new Set(rows.map((row) => row.sha256));
}

/**
 * Moves blobs to the trash that no row refers to, and that none is about to: waits for content that enters the store,
 * which may be the same. Rows are to be removed before.
 * @returns how many were moved
 */
export function trashUnreferenced(
  services: Pick<CoreServices, 'database' | 'blobStore' | 'contentLock'>,
  sha256s: readonly string[],
): Promise<number> {
  const { blobStore, contentLock } = services;
  return contentLock.exclude(async () => {
    const kept = referredTo(services, sha256s);
    return blobStore.trashMany(sha256s.filter((sha256) => !kept.has(sha256)));
  });
}

/** Takes files and thumbnails of images away whose rows are gone; a file whose content has come again stays. */
export async function discardImages(
  services: Pick<CoreServices, 'database' | 'blobStore' | 'contentLock' | 'thumbnails'>,
  images: readonly { readonly id: number; readonly sha256: string }[],
): Promise<void> {
  await trashUnreferenced(
    services,
    images.map((image) => image.sha256),
  );
  // Ids are never given again.
  services.thumbnails.removeMany(images.map((image) => image.id));
}
