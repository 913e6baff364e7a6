/** What a person is putting together to collect, as it is typed: nothing is lost because it is not right yet. */

import type { ImportInput } from '../../../shared/contract/imports.ts';
import type { ConsentOverride } from '../../../shared/vocabulary.ts';

export interface DraftLabel {
  readonly name: string;
  /** Separated by commas. */
  readonly keywords: string;
}

export interface CollectDraft {
  readonly labels: readonly DraftLabel[];
  readonly openverse: boolean;
  readonly wikimedia: boolean;
  /** Addresses, one a line. */
  readonly pages: string;
  readonly sitemaps: string;
  /** Absolute paths on the core's machine. */
  readonly lists: readonly string[];
  /** Folders, images and archives. */
  readonly folders: readonly string[];
  /** What paths are called that mean nothing to a person, such as that of files dropped on the window. */
  readonly pathNames: Readonly<Record<string, string>>;
  readonly labelsFromFolders: boolean;
  readonly mode: ImportInput['mode'];
  /** For pages, lists and folders; '' for none. */
  readonly restLabel: string;
  /** null is "as the core has it" for every number. */
  readonly maxImages: number | null;
  readonly maxPages: number | null;
  readonly depth: number | null;
  readonly perHost: number | null;
  readonly delayS: number | null;
  readonly timeoutS: number | null;
  /** Patterns and hosts, one a line. */
  readonly include: string;
  readonly exclude: string;
  readonly allowHosts: string;
  /** What sites refuse that this run goes past: to be chosen anew for each, so it is not kept. */
  readonly overrideConsent: readonly ConsentOverride[];
}

export const EMPTY_DRAFT: CollectDraft = {
  labels: [],
  openverse: true,
  wikimedia: true,
  pages: '',
  sitemaps: '',
  lists: [],
  folders: [],
  pathNames: {},
  labelsFromFolders: true,
  mode: 'copy',
  restLabel: '',
  maxImages: 500,
  maxPages: null,
  depth: null,
  perHost: null,
  delayS: null,
  timeoutS: null,
  include: '',
  exclude: '',
  allowHosts: '',
  overrideConsent: [],
};

/** Lines that say something, each once. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== ''))];
}

/** Keywords between commas, each once; the label's name when there are none. */
export function keywordsOf({ name, keywords }: DraftLabel): string[] {
  const words = keywords.split(',').map((word) => word.trim());
  const wanted = new Set(words.filter((word) => word !== ''));
  return wanted.size > 0 ? [...wanted] : [name.trim()];
}

/** A text with further lines; those it has already are not repeated. */
export function withLines(text: string, lines: readonly string[]): string {
  const had = new Set(linesOf(text));
  const added = lines.filter((line) => !had.has(line));
  if (added.length === 0) return text;
  return [text.trimEnd(), ...added].filter((part) => part !== '').join('\n');
}

/** Whether there is anything in it that a person would miss. */
export function isBlank(draft: CollectDraft): boolean {
  const hasLabel = draft.labels.some(({ name, keywords }) => name.trim() !== '' || keywords.trim() !== '');
  const texts = [draft.pages, draft.sitemaps, draft.restLabel, draft.include, draft.exclude, draft.allowHosts];
  return !hasLabel && draft.lists.length === 0 && draft.folders.length === 0 && texts.every((text) => !text.trim());
}

/** A draft from whatever was stored: what is not as expected is as in the empty one. Never throws. */
export function readDraft(stored: unknown): CollectDraft {
  const given = record(stored);
  const text = (name: keyof CollectDraft) => (typeof given[name] === 'string' ? given[name] : '');
  const number = (name: keyof CollectDraft) => {
    const value = given[name];
    if (value === null) return null;
    return typeof value === 'number' && Number.isFinite(value) ? value : (EMPTY_DRAFT[name] as number | null);
  };
  const flag = (name: keyof CollectDraft) => given[name] !== false;
  return {
    labels: list(given.labels).map((each) => {
      const { name, keywords } = record(each);
      return {
        name: typeof name === 'string' ? name : '',
        keywords: typeof keywords === 'string' ? keywords : '',
      };
    }),
    openverse: flag('openverse'),
    wikimedia: flag('wikimedia'),
    pages: text('pages'),
    sitemaps: text('sitemaps'),
    lists: texts(given.lists),
    folders: texts(given.folders),
    pathNames: Object.fromEntries(Object.entries(record(given.pathNames)).filter(isTextEntry)),
    labelsFromFolders: flag('labelsFromFolders'),
    mode: given.mode === 'link' ? 'link' : 'copy',
    restLabel: text('restLabel'),
    maxImages: number('maxImages'),
    maxPages: number('maxPages'),
    depth: number('depth'),
    perHost: number('perHost'),
    delayS: number('delayS'),
    timeoutS: number('timeoutS'),
    include: text('include'),
    exclude: text('exclude'),
    allowHosts: text('allowHosts'),
    overrideConsent: [],
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isTextEntry(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string';
}

function texts(value: unknown): string[] {
  return list(value).filter((each) => typeof each === 'string');
}
