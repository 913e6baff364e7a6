import fs from 'node:fs';
import { dirname, join } from 'node:path';
import type { EntryWriter } from './entry-writer.ts';
import { readSource, readWholeFile } from './stored-file.ts';

const BUFFER_BYTES = 1024 * 1024;
const MODE = 0o644;

/**
 * A plain folder. Files are clones where the file system can (their blocks are shared until one side changes), else
 * copies: a hard link would let an editor of the export write into the store, so it is made only when asked for. It is as
 * read-only as the stored file, which keeps out all but those who lift that.
 */
export class FolderWriter implements EntryWriter {
  readonly #root: string;
  readonly #onUnlinked: (() => void) | null;
  readonly #folders = new Set<string>();
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #canClone = true;

  /**
   * @param root a folder that does not exist yet
   * @param onUnlinked told of each file that is no hard link because it could not be one; null when none is to be
   */
  constructor(root: string, onUnlinked: (() => void) | null) {
    fs.mkdirSync(root);
    this.#root = root;
    this.#onUnlinked = onUnlinked;
  }

  add(name: string, sourcePath: string, sizeBytes: number): void {
    const target = this.#target(name);
    if (this.#onUnlinked !== null) {
      if (tryTo(() => fs.linkSync(sourcePath, target))) return;
      this.#onUnlinked();
    }
    if (this.#canClone) {
      const flags = fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE_FORCE;
      this.#canClone = tryTo(() => fs.copyFileSync(sourcePath, target, flags));
      if (this.#canClone) {
        fs.chmodSync(target, MODE);
        return;
      }
      fs.rmSync(target, { force: true });
    }
    this.#copy(sourcePath, target, sizeBytes);
  }

  addSpooled(name: string, sourcePath: string): void {
    fs.renameSync(sourcePath, this.#target(name));
  }

  async finish(): Promise<void> {}

  abandon(): void {}

  #target(name: string): string {
    const target = join(this.#root, name);
    const folder = dirname(target);
    if (!this.#folders.has(folder)) {
      fs.mkdirSync(folder, { recursive: true });
      this.#folders.add(folder);
    }
    return target;
  }

  #copy(sourcePath: string, target: string, sizeBytes: number): void {
    const output = fs.openSync(target, 'wx', MODE);
    try {
      readWholeFile(sourcePath, sizeBytes, (fd, remaining) => {
        const length = readSource(fd, this.#buffer, 0, Math.min(remaining, BUFFER_BYTES));
        for (let start = 0; start < length; ) start += fs.writeSync(output, this.#buffer, start, length - start);
        return length;
      });
    } finally {
      fs.closeSync(output);
    }
  }
}

/** False when the file system cannot do it here; a source that is absent or closed to us is told by the copy that follows. */
function tryTo(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (
      [
        'ENOTSUP',
        'EOPNOTSUPP',
        'EXDEV',
        'EINVAL',
        'ENOTTY',
        'ENOSYS',
        'EPERM',
        'EACCES',
        'EIO',
        'EMLINK',
        'ENOENT',
      ].includes(code)
    )
      return false;
    throw error;
  }
}
