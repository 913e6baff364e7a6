/** What a draft asks of the core, and what is wrong with it in words a person understands. */

import type { CrawlInput } from '../../../shared/contract/crawls.ts';
import type { ImportInput } from '../../../shared/contract/imports.ts';
import { t } from '../../messages/index.ts';
import { type CollectDraft, keywordsOf, linesOf } from './draft.ts';

export type CrawlRequest = Pick<CrawlInput, 'datasetId' | 'sources'> & Partial<CrawlInput>;
type ImportRequest = Pick<ImportInput, 'datasetId' | 'paths'> & Partial<ImportInput>;

/** Where in the form something is wrong; `services` are those that are searched, `all` is the draft as a whole. */
export type ProblemField = keyof CollectDraft | 'services' | 'all';

export interface DraftProblem {
  readonly field: ProblemField;
  readonly text: string;
}

export interface DraftRequests {
  /** null when there is nothing to collect from the web or from lists. */
  readonly crawl: CrawlRequest | null;
  /** null when no folder, image or archive of the core's machine is named. */
  readonly import: ImportRequest | null;
  /** What keeps it from being started; empty when nothing does. */
  readonly problems: readonly DraftProblem[];
}

const MOST_SOURCES = 1000;
const MOST_LINES = 100;
const LONGEST_SOURCE = 4096;
const LONGEST_NAME = 100;
const LONGEST_HOST = 260;
/** A list may be followed by the column of its addresses, and an address by what names its kind. */
const LONGEST_LINE = LONGEST_SOURCE - 'wikimedia:'.length;

/** Numbers of a draft with their least and most value, and whether they must be whole. */
const NUMBERS = [
  ['maxImages', 1, Number.MAX_SAFE_INTEGER, true],
  ['maxPages', 1, Number.MAX_SAFE_INTEGER, true],
  ['depth', 0, 100, true],
  ['perHost', 1, 8, true],
  ['delayS', 0, 300, false],
  ['timeoutS', 1, 600, false],
] as const;

/** Turns a draft into requests. Those of a draft with problems are not to be sent. */
export function requestsOf(draft: CollectDraft, datasetId: number): DraftRequests {
  const words = t.crawls.problems;
  const problems: DraftProblem[] = [];
  const say = (field: ProblemField, text: string) => problems.push({ field, text });
  const sources: CrawlInput['sources'] = searchesOf(draft, say);
  const rest = draft.restLabel.trim();
  if (!isName(rest) && rest !== '') say('restLabel', words.badName(rest));
  const addRest = (field: 'pages' | 'sitemaps' | 'lists', text: string, source: string) => {
    if (field !== 'lists' && !isWebAddress(text)) say(field, words.badAddress(text));
    else if (text.length > LONGEST_LINE) say(field, words.tooLong(text));
    sources.push(rest === '' ? source : { source, label: rest });
  };
  for (const line of linesOf(draft.pages)) addRest('pages', line, line);
  for (const line of linesOf(draft.sitemaps)) addRest('sitemaps', line, `sitemap:${line}`);
  for (const path of draft.lists) addRest('lists', path, `urls:${path}`);
  sayLines(draft, say);
  sayNumbers(draft, say);
  if (sources.length > MOST_SOURCES) say('all', words.tooManySources(sources.length, MOST_SOURCES));
  if (draft.folders.length > MOST_SOURCES) say('folders', words.tooManySources(draft.folders.length, MOST_SOURCES));
  if (draft.folders.some((path) => path.length > LONGEST_SOURCE)) say('folders', words.tooLong(draft.folders[0] ?? ''));
  if (sources.length === 0 && draft.folders.length === 0 && problems.length === 0) say('all', words.empty);
  return {
    crawl: sources.length === 0 ? null : { datasetId, sources, ...limitsOf(draft) },
    import: draft.folders.length === 0 ? null : importOf(draft, datasetId, rest),
    problems: onceEach(problems),
  };
}

/** What is wrong in one place, or null. */
export function problemOf(problems: readonly DraftProblem[], field: ProblemField): string | null {
  const texts = problems.filter((problem) => problem.field === field).map(({ text }) => text);
  return texts.length === 0 ? null : texts.join(' ');
}

type Say = (field: ProblemField, text: string) => void;

function searchesOf(draft: CollectDraft, say: Say): CrawlInput['sources'] {
  const words = t.crawls.problems;
  const labels = draft.labels.filter(({ name, keywords }) => name.trim() !== '' || keywords.trim() !== '');
  const services = [...(draft.openverse ? ['openverse'] : []), ...(draft.wikimedia ? ['wikimedia'] : [])];
  if (labels.length > 0 && services.length === 0) say('services', words.noService);
  const sources: CrawlInput['sources'] = [];
  const names = new Set<string>();
  for (const each of labels) {
    const label = each.name.trim();
    if (label === '') say('labels', words.noLabelName(each.keywords.trim()));
    else if (!isName(label)) say('labels', words.badName(label));
    else if (names.has(label)) say('labels', words.duplicateLabel(label));
    names.add(label);
    for (const keyword of keywordsOf(each)) {
      if (keyword.length > LONGEST_LINE) say('labels', words.tooLong(keyword));
      if (keyword.includes('\0')) say('labels', words.badName(keyword));
      for (const service of services) sources.push({ source: `${service}:${keyword}`, label });
    }
  }
  return sources;
}

function sayLines(draft: CollectDraft, say: Say): void {
  const words = t.crawls.problems;
  for (const field of ['include', 'exclude', 'allowHosts'] as const) {
    const { length } = linesOf(draft[field]);
    if (length > MOST_LINES) say(field, words.tooManyLines(length, MOST_LINES));
  }
  for (const host of linesOf(draft.allowHosts)) {
    if (!/^[^\s/@?#]+$/.test(host) || host.length > LONGEST_HOST) say('allowHosts', words.badHost(host));
  }
}

function sayNumbers(draft: CollectDraft, say: Say): void {
  for (const [field, least, most, isWhole] of NUMBERS) {
    const value = draft[field];
    if (value === null || (value >= least && value <= most && (!isWhole || Number.isInteger(value)))) continue;
    say(field, t.crawls.problems.badNumber(least, most === Number.MAX_SAFE_INTEGER ? null : most, isWhole));
  }
}

function importOf(draft: CollectDraft, datasetId: number, label: string): ImportRequest {
  return {
    datasetId,
    paths: [...draft.folders],
    labelsFrom: draft.labelsFromFolders ? labellingOf(draft, label) : 'none',
    mode: draft.mode,
    ...(label === '' ? {} : { label }),
  };
}

/**
 * Folders that a person chose by themselves name what lies in them directly, unless a label is given for that. Those that
 * a browser sent lie in a folder whose name the host has made.
 */
function labellingOf({ folders, pathNames }: CollectDraft, label: string): ImportRequest['labelsFrom'] {
  return label === '' && folders.every((path) => pathNames[path] === undefined) ? 'given-folders' : 'folders';
}

function limitsOf(draft: CollectDraft): Partial<CrawlInput> {
  return {
    include: linesOf(draft.include),
    exclude: linesOf(draft.exclude),
    allowHosts: linesOf(draft.allowHosts),
    ...(draft.overrideConsent.length === 0 ? {} : { overrideConsent: [...draft.overrideConsent] }),
    ...(draft.maxImages === null ? {} : { maxImages: draft.maxImages }),
    ...(draft.maxPages === null ? {} : { maxPages: draft.maxPages }),
    ...(draft.depth === null ? {} : { depth: draft.depth }),
    ...(draft.perHost === null ? {} : { perHost: draft.perHost }),
    ...(draft.delayS === null ? {} : { delayMs: Math.round(draft.delayS * 1000) }),
    ...(draft.timeoutS === null ? {} : { timeoutMs: Math.round(draft.timeoutS * 1000) }),
  };
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

function isName(text: string): boolean {
  return text.length >= 1 && text.length <= LONGEST_NAME && !/\p{Cc}/u.test(text);
}

function onceEach(problems: readonly DraftProblem[]): DraftProblem[] {
  return [...new Map(problems.map((problem) => [`${problem.field} ${problem.text}`, problem])).values()];
}
