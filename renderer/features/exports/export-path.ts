/** Where an export goes: a folder, and a name in it. */

import type { ExportInput } from '../../../shared/contract/exports.ts';

type Archive = ExportInput['archive'];

const ENDINGS: Readonly<Record<Archive, string>> = { none: '', zip: '.zip', tar: '.tar' };

/** Characters that no system takes in a name, or that would lead elsewhere. */
const FORBIDDEN = /[<>:"/\\|?*\p{Cc}]/gu;

/** A name from that of a dataset: `Birds of 2026!` gives `birds-of-2026`. Never empty. */
export function nameFor(dataset: string): string {
  const name = dataset
    .toLowerCase()
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  return name === '' ? 'dataset' : name.slice(0, 80);
}

/** The absolute path; the ending of an archive is added where it is missing. Separators are those of the folder. */
export function exportPath(folder: string, name: string, archive: Archive): string {
  const separator = /^[A-Za-z]:\\|^\\\\/.test(folder) ? '\\' : '/';
  const ending = ENDINGS[archive];
  const safe = name.trim().replace(FORBIDDEN, '-');
  const whole = safe.toLowerCase().endsWith(ending) ? safe : `${safe}${ending}`;
  return folder.endsWith(separator) ? `${folder}${whole}` : `${folder}${separator}${whole}`;
}
