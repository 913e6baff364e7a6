/** What a person is about to export. */

import { ARCHIVES, EXPORT_FORMATS, type ExportInput } from '../../../shared/contract/exports.ts';
import { SAMPLE_STATUSES, type SampleStatus } from '../../../shared/vocabulary.ts';

export interface ExportDraft {
  readonly format: ExportInput['format'];
  readonly archive: ExportInput['archive'];
  readonly statuses: readonly SampleStatus[];
  /** For a folder. */
  readonly hardLinks: boolean;
  /** '' until a name was typed: the dataset's own then. */
  readonly name: string;
}

export const EMPTY_EXPORT: ExportDraft = {
  format: 'imagefolder',
  archive: 'none',
  statuses: ['accepted'],
  hardLinks: false,
  name: '',
};

/** A draft from whatever was stored: what is not as expected is as in the empty one. Never throws. */
export function readExportDraft(stored: unknown): ExportDraft {
  const { format, archive, statuses, hardLinks, name } = (stored ?? {}) as Partial<Record<keyof ExportDraft, unknown>>;
  return {
    format: EXPORT_FORMATS.find((each) => each === format) ?? EMPTY_EXPORT.format,
    archive: ARCHIVES.find((each) => each === archive) ?? EMPTY_EXPORT.archive,
    statuses: Array.isArray(statuses)
      ? SAMPLE_STATUSES.filter((status) => statuses.includes(status))
      : EMPTY_EXPORT.statuses,
    hardLinks: hardLinks === true,
    name: typeof name === 'string' ? name : '',
  };
}

/** All drafts by dataset, and the folder that the last export went to. */
export interface KeptExports {
  readonly drafts: Readonly<Record<number, ExportDraft>>;
  /** null before the first one. */
  readonly folder: string | null;
}

/** What was stored; what is not as expected is left out. Never throws. */
export function readKeptExports(stored: unknown): KeptExports {
  const { drafts, folder } = (stored ?? {}) as { drafts?: unknown; folder?: unknown };
  const entries = typeof drafts === 'object' && drafts !== null ? Object.entries(drafts) : [];
  return {
    drafts: Object.fromEntries(
      entries.filter(([id]) => /^[1-9]\d{0,15}$/.test(id)).map(([id, draft]) => [id, readExportDraft(draft)]),
    ),
    folder: typeof folder === 'string' && folder !== '' ? folder : null,
  };
}
