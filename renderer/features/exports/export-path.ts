/** Where an export goes: a folder, and a name in it. */

import type { ExportInput } from '../../../shared/contract/exports.ts';

type Archive = ExportInput['archive'];

const ENDINGS: Readonly<Record<Archive, string>> = { none: '', zip: '.zip', tar: '.tar' };

/** What ends a name and leads into a folder of it, on one system or another. */
const SEPARATORS = /[/\\]/;

/** Characters that lead elsewhere, or that Windows takes in no name. */
const FORBIDDEN = /[<>:"/\\|?*\p{Cc}]/gu;

/** Windows opens devices of these names, whatever folder and ending they have. */
const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** A name from that of a dataset: `Birds of 2026!` gives `birds-of-2026`. Never empty. */
export function nameFor(dataset: string): string {
  const name = dataset
    .toLowerCase()
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  return name === '' ? 'dataset' : [...name].slice(0, 80).join('');
}

/**
 * A folder as it was typed, with `~` in the place of the home folder at its beginning.
 * @param home absolute; undefined while it is not known: `~` stays then
 */
export function fromHome(folder: string, home: string | undefined): string {
  if (home === undefined || !/^~(?:[/\\]|$)/.test(folder)) return folder;
  return folder === '~' ? home : home.replace(/[/\\]$/, '') + folder.slice(1);
}

/** What is wrong with a folder that `~` was taken out of. The system of the core knows the rest. */
export type FolderProblem = 'empty' | 'relative';

/** null for a path from the root of a disk or a share, of whatever system. */
export function folderProblem(folder: string): FolderProblem | null {
  if (folder.trim() === '') return 'empty';
  return /^(?:\/|\\\\|[A-Za-z]:[/\\])/.test(folder) ? null : 'relative';
}

/** The absolute path; the ending of an archive is added where it is missing. Separators are those of the folder. */
export function exportPath(folder: string, name: string, archive: Archive): string {
  const separator = /^[A-Za-z]:\\|^\\\\/.test(folder) ? '\\' : '/';
  const ending = ENDINGS[archive];
  const safe = name.trim().replace(FORBIDDEN, '-');
  const whole = safe.toLowerCase().endsWith(ending) ? safe : `${safe}${ending}`;
  return folder.endsWith(separator) ? `${folder}${whole}` : `${folder}${separator}${whole}`;
}

/** What is wrong with a name as it was typed. */
export type NameProblem = 'empty' | 'dots' | 'separator' | 'forbidden' | 'device' | 'end' | 'long';

/** null for a name that Windows, macOS and Linux all take. */
export function nameProblem(name: string): NameProblem | null {
  const text = name.trim();
  if (text === '') return 'empty';
  if (/^\.+$/.test(text)) return 'dots';
  if (SEPARATORS.test(text)) return 'separator';
  if (text.search(FORBIDDEN) >= 0) return 'forbidden';
  if (DEVICES.test(text)) return 'device';
  if (text.endsWith('.')) return 'end';
  return new TextEncoder().encode(text).length > 200 ? 'long' : null;
}

/**
 * The name, with a number where the path it gives is taken: `birds`, `birds-2`, `birds-3`.
 * @param taken paths, compared without regard to case as two of three systems do
 */
export function freeName(name: string, folder: string, archive: Archive, taken: readonly string[]): string {
  const known = new Set(taken.map((path) => path.toLowerCase()));
  const isTaken = (candidate: string) => known.has(exportPath(folder, candidate, archive).toLowerCase());
  if (!isTaken(name)) return name;
  const stem = name.replace(/-\d+$/, '');
  for (let number = 2; ; number++) {
    const candidate = `${stem}-${number}`;
    if (!isTaken(candidate)) return candidate;
  }
}
