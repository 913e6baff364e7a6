/** What a person is putting together, and what it asks of the core. */

import type { CrawlInput } from '../../../shared/contract/crawls.ts';
import type { ImportInput } from '../../../shared/contract/imports.ts';
import { t } from '../../messages/index.ts';

export interface DraftLabel {
  readonly name: string;
  /** Separated by commas. */
  readonly keywords: string;
}

/** Texts as they are typed: nothing a person wrote is lost because it is not right yet. */
export interface CollectDraft {
  readonly labels: readonly DraftLabel[];
  readonly openverse: boolean;
  readonly wikimedia: boolean;
  /** Addresses, one a line. */
  readonly pages: string;
  readonly sitemaps: string;
  /** Absolute paths on the core's machine. */
  readonly lists: readonly string[];
  readonly folders: readonly string[];
  readonly labelsFromFolders: boolean;
  /** For pages, lists and folders; '' for none. */
  readonly restLabel: string;
  readonly maxImages: number | null;
  readonly maxPages: number | null;
  readonly depth: number | null;
  /** null is the setting's. */
  readonly perHost: number | null;
  readonly delayS: number | null;
  readonly include: string;
  readonly exclude: string;
  readonly allowHosts: string;
}

export const EMPTY_DRAFT: CollectDraft = {
  labels: [],
  openverse: true,
  wikimedia: true,
  pages: '',
  sitemaps: '',
  lists: [],
  folders: [],
  labelsFromFolders: true,
  restLabel: '',
  maxImages: 500,
  maxPages: null,
  depth: null,
  perHost: null,
  delayS: null,
  include: '',
  exclude: '',
  allowHosts: '',
};

type CrawlRequest = Pick<CrawlInput, 'datasetId' | 'sources'> & Partial<CrawlInput>;
type ImportRequest = Pick<ImportInput, 'datasetId' | 'paths'> & Partial<ImportInput>;

/** What a draft comes down to. */
export interface DraftRequests {
  /** null when there is nothing to collect from the web or from lists. */
  readonly crawl: CrawlRequest | null;
  /** null when no folder, image or archive of this machine is named. */
  readonly import: ImportRequest | null;
  /** What keeps it from being started, in words; empty when nothing does. */
  readonly problems: readonly string[];
}

/** Lines that say something. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Keywords between commas; the label's name when there are none. */
export function keywordsOf({ name, keywords }: DraftLabel): string[] {
  const words = keywords
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  return words.length > 0 ? [...new Set(words)] : [name.trim()];
}

/** Turns a draft into requests, and says what is wrong with it. */
export function requestsOf(draft: CollectDraft, datasetId: number): DraftRequests {
  const { problems: words } = t.crawls;
  const problems: string[] = [];
  const sources: CrawlInput['sources'] = [];
  const labels = draft.labels.filter(({ name, keywords }) => name.trim() !== '' || keywords.trim() !== '');
  const services = [...(draft.openverse ? ['openverse'] : []), ...(draft.wikimedia ? ['wikimedia'] : [])];
  if (labels.length > 0 && services.length === 0) problems.push(words.noService);
  const names = new Set<string>();
  for (const label of labels) {
    const name = label.name.trim();
    if (name === '') problems.push(words.noLabelName);
    else if (names.has(name)) problems.push(words.duplicateLabel(name));
    names.add(name);
    for (const keyword of keywordsOf(label)) {
      for (const service of services) sources.push({ source: `${service}:${keyword}`, label: name });
    }
  }
  const rest = draft.restLabel.trim();
  const addRest = (source: string) => sources.push(rest === '' ? source : { source, label: rest });
  for (const line of linesOf(draft.pages)) {
    if (isWebAddress(line)) addRest(line);
    else problems.push(words.badAddress(line));
  }
  for (const line of linesOf(draft.sitemaps)) {
    if (isWebAddress(line)) addRest(`sitemap:${line}`);
    else problems.push(words.badAddress(line));
  }
  for (const path of draft.lists) addRest(`urls:${path}`);
  const allowHosts = linesOf(draft.allowHosts);
  for (const host of allowHosts) if (!/^[^\s/@?#]+$/.test(host)) problems.push(words.badHost(host));
  problems.push(...numberProblems(draft));
  if (sources.length === 0 && draft.folders.length === 0 && problems.length === 0) problems.push(words.empty);
  return {
    crawl: sources.length === 0 ? null : { datasetId, sources, allowHosts, ...limitsOf(draft) },
    import: draft.folders.length === 0 ? null : importOf(draft, datasetId, rest),
    problems: [...new Set(problems)],
  };
}

function importOf(draft: CollectDraft, datasetId: number, label: string): ImportRequest {
  return {
    datasetId,
    paths: [...draft.folders],
    labelsFrom: draft.labelsFromFolders ? 'folders' : 'none',
    ...(label === '' ? {} : { label }),
  };
}

function limitsOf(draft: CollectDraft): Partial<CrawlInput> {
  return {
    include: linesOf(draft.include),
    exclude: linesOf(draft.exclude),
    ...(draft.maxImages === null ? {} : { maxImages: draft.maxImages }),
    ...(draft.maxPages === null ? {} : { maxPages: draft.maxPages }),
    ...(draft.depth === null ? {} : { depth: draft.depth }),
    ...(draft.perHost === null ? {} : { perHost: draft.perHost }),
    ...(draft.delayS === null ? {} : { delayMs: Math.round(draft.delayS * 1000) }),
  };
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** Limits of the contract, as a person fills them in. */
const NUMBERS = [
  ['maxImages', 1, Number.MAX_SAFE_INTEGER, true],
  ['maxPages', 1, Number.MAX_SAFE_INTEGER, true],
  ['depth', 0, 100, true],
  ['perHost', 1, 8, true],
  ['delayS', 0, 300, false],
] as const;

function numberProblems(draft: CollectDraft): string[] {
  const { crawls } = t;
  const names = {
    maxImages: crawls.maxImages,
    maxPages: crawls.maxPages,
    depth: crawls.depth,
    perHost: crawls.perHost,
    delayS: crawls.delay,
  };
  return NUMBERS.flatMap(([key, least, most, isWhole]) => {
    const value = draft[key];
    if (value === null) return [];
    const fits = value >= least && value <= most && (!isWhole || Number.isInteger(value));
    return fits ? [] : [crawls.problems.badNumber(names[key], least, most)];
  });
}
