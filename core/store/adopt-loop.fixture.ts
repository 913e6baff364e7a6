/** A process to be killed: adopts random blobs for ever, and prints each hash once it is acknowledged. */

import { hash, randomBytes } from 'node:crypto';
import { writeFileSync, writeSync } from 'node:fs';
import { openDataDirectory } from './data-directory.ts';
import { FileBlobStore } from './file-blob-store.ts';

const store = new FileBlobStore(await openDataDirectory(process.argv[2]!));
writeSync(1, 'ready\n');
for (;;) {
  const blobs = Array.from({ length: 5 }, () => {
    const bytes = randomBytes(20_000);
    const stagingPath = store.stagingPath();
    writeFileSync(stagingPath, bytes);
    return { stagingPath, sha256: hash('sha256', bytes), sizeBytes: bytes.length };
  });
  await store.adoptMany(blobs);
  writeSync(1, `${blobs.map((blob) => blob.sha256).join('\n')}\n`);
}
