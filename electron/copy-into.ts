/** Copies beside what is there already. */

import { constants, existsSync } from 'node:fs';
import { cp, readdir, rm } from 'node:fs/promises';
import { basename, join, parse } from 'node:path';
import { AppError } from '../shared/errors.ts';
import { placeProblem } from './place-problem.ts';

/**
 * Copies files and folders into a folder, under names that are free there: all of them, or nothing stays of it.
 * @throws AppError what is wrong with the folder or its disk; `not-found` for a path that is gone
 */
export async function copyInto(folder: string, paths: readonly string[]): Promise<void> {
  const made: string[] = [];
  try {
    const taken = new Set((await readdir(folder)).map(folded));
    for (const path of paths) {
      const name = freeName(basename(path), taken);
      taken.add(folded(name));
      const target = join(folder, name);
      // What somebody else has put there meanwhile is not ours to take away.
      if (!existsSync(target)) made.push(target);
      await cp(path, target, {
        recursive: true,
        errorOnExist: true,
        force: false,
        mode: constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE,
      });
    }
  } catch (thrown) {
    // Whoever mends what is wrong and copies again would have the first of them twice.
    for (const path of made) await rm(path, { recursive: true, force: true }).catch(() => undefined);
    const gone = paths.find((path) => !existsSync(path));
    if (gone === undefined) throw placeProblem(thrown, folder);
    const message = `Expected ${gone}, which was laid out to be copied, but it is no longer there. Copy again.`;
    throw new AppError('not-found', message, { cause: thrown });
  }
}

/** `name`, or `name (2)` and so on before its ending. @param taken names as file systems compare them that ignore case */
function freeName(name: string, taken: ReadonlySet<string>): string {
  const { name: stem, ext } = parse(name);
  let free = name;
  for (let number = 2; taken.has(folded(free)); number++) free = `${stem} (${number})${ext}`;
  return free;
}

function folded(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
