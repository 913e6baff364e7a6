import { chmod, constants, copyFile, link, realpath, rm, stat } from 'node:fs/promises';
import type { LinkableFile, LinkOutcome } from './blob-store.ts';
import { errorCode } from './durable-file.ts';
import { hashFile, storeError } from './store-io.ts';

/** What file systems and kernels answer when they cannot clone, or not between these two places. */
const CANNOT_CLONE = ['ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'EINVAL', 'ENOTTY', 'ENOSYS', 'ETXTBSY'];
const CANNOT_LINK = ['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES'];
const GONE = ['ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR', 'ELOOP'];

/** Gives a local file a name in staging by the cheapest way that works: clone, hard link, copy. */
export async function linkIntoStaging(file: LinkableFile, stagingPath: string): Promise<LinkOutcome> {
  try {
    // A hard link to a symbolic link would store the link.
    const source = await realpath(file.sourcePath);
    const info = await stat(source);
    if (!info.isFile()) return 'missing';
    if (info.size !== file.sizeBytes) return 'changed';
    const outcome = await cloneLinkOrCopy(source, stagingPath);
    if (outcome !== 'hard-link') await chmod(stagingPath, 0o600);
    // A clone or a copy may have caught the file in mid-change, and it stays as it is: it must be what was hashed.
    if (outcome !== 'hard-link' && (await hashFile(stagingPath)) !== file.sha256) {
      await rm(stagingPath, { force: true });
      return 'changed';
    }
    return outcome;
  } catch (error) {
    await rm(stagingPath, { force: true });
    if (GONE.includes(errorCode(error) ?? '')) return 'missing';
    throw storeError(error, stagingPath);
  }
}

async function cloneLinkOrCopy(source: string, target: string): Promise<'reflink' | 'hard-link' | 'copy'> {
  try {
    await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return 'reflink';
  } catch (error) {
    if (!CANNOT_CLONE.includes(errorCode(error) ?? '')) throw error;
    await rm(target, { force: true });
  }
  try {
    await link(source, target);
    return 'hard-link';
  } catch (error) {
    if (!CANNOT_LINK.includes(errorCode(error) ?? '')) throw error;
  }
  await copyFile(source, target, constants.COPYFILE_EXCL);
  return 'copy';
}
