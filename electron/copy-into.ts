/** Copies beside what is there already. */

import { constants, cp, readdir } from 'node:fs/promises';
import { basename, join, parse } from 'node:path';

/** Copies files and folders into a folder, under names that are free there. */
export async function copyInto(folder: string, paths: readonly string[]): Promise<void> {
  const taken = new Set((await readdir(folder)).map(folded));
  for (const path of paths) {
    const name = freeName(basename(path), taken);
    taken.add(folded(name));
    await cp(path, join(folder, name), {
      recursive: true,
      errorOnExist: true,
      force: false,
      mode: constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE,
    });
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
