/** The way back: from what a job was asked to a draft that asks the same. */

import { type CrawlInput, crawlInput } from '../../../shared/contract/crawls.ts';
import { importInput } from '../../../shared/contract/imports.ts';
import type { Job } from '../../../shared/contract/jobs.ts';
import { type CollectDraft, EMPTY_DRAFT } from './draft.ts';
import { requestsOf } from './draft-requests.ts';

/**
 * A draft that comes down to the request of a crawl or an import; null for other jobs, and where the form cannot say
 * what was asked, as with labels that differ between pages. What it went past of what sites refuse is to be chosen anew.
 */
export function draftOfJob({ kind, parameters }: Pick<Job, 'kind' | 'parameters'>): CollectDraft | null {
  if (kind === 'crawl') return draftOfCrawl(parameters);
  if (kind === 'import') return draftOfImport(parameters);
  return null;
}

function draftOfImport(parameters: unknown): CollectDraft | null {
  const parsed = importInput.safeParse(parameters);
  if (!parsed.success) return null;
  const { paths, labelsFrom, label, mode, maxImages } = parsed.data;
  // The form limits what is collected, and imports as a whole.
  if (maxImages !== undefined) return null;
  const labelsFromFolders = labelsFrom !== 'none';
  const draft = { ...EMPTY_DRAFT, folders: paths, labelsFromFolders, restLabel: label ?? '', mode };
  // Of folders that a browser sent there is no draft: their names are the host's, and they go when their job has ended.
  return requestsOf(draft, parsed.data.datasetId).import?.labelsFrom === labelsFrom ? draft : null;
}

function draftOfCrawl(parameters: unknown): CollectDraft | null {
  const parsed = crawlInput.safeParse(parameters);
  if (!parsed.success) return null;
  const input = parsed.data;
  const keywords = new Map<string, string[]>();
  const services = new Set<string>();
  const rest: { pages: string[]; sitemaps: string[]; lists: string[] } = { pages: [], sitemaps: [], lists: [] };
  const restLabels = new Set<string>();
  for (const each of input.sources) {
    const { source, label } = typeof each === 'string' ? { source: each, label: input.label } : each;
    const [, kind = '', query = ''] = /^(openverse|wikimedia|sitemap|urls|folder):(.*)$/s.exec(source) ?? [];
    if (kind === 'folder') return null;
    if (kind === 'openverse' || kind === 'wikimedia') {
      services.add(kind);
      const name = label ?? query;
      keywords.set(name, [...(keywords.get(name) ?? []), query.trim()]);
      continue;
    }
    restLabels.add(label ?? '');
    if (kind === 'sitemap') rest.sitemaps.push(query);
    else if (kind === 'urls') rest.lists.push(query);
    else rest.pages.push(source);
  }
  const draft: CollectDraft = {
    ...EMPTY_DRAFT,
    labels: [...keywords].map(([name, words]) => ({ name, keywords: wordsOf(name, words) })),
    openverse: services.size === 0 || services.has('openverse'),
    wikimedia: services.size === 0 || services.has('wikimedia'),
    pages: rest.pages.join('\n'),
    sitemaps: rest.sitemaps.join('\n'),
    lists: rest.lists,
    restLabel: [...restLabels][0] ?? '',
    maxImages: input.maxImages ?? null,
    maxPages: input.maxPages,
    depth: input.depth,
    perHost: input.perHost ?? null,
    delayS: input.delayMs === undefined ? null : input.delayMs / 1000,
    timeoutS: input.timeoutMs === undefined ? null : input.timeoutMs / 1000,
    include: input.include.join('\n'),
    exclude: input.exclude.join('\n'),
    allowHosts: input.allowHosts.join('\n'),
  };
  const asked = requestsOf(draft, input.datasetId).crawl;
  return asked !== null && sameSources(asked.sources, input) ? draft : null;
}

function sameSources(sources: CrawlInput['sources'], asked: CrawlInput): boolean {
  const keysOf = (each: CrawlInput['sources'], label: string | undefined) =>
    new Set(each.map((one) => JSON.stringify(typeof one === 'string' ? [one, label] : [one.source, one.label])));
  const before = keysOf(asked.sources, asked.label);
  const after = keysOf(sources, undefined);
  return before.size === after.size && [...before].every((key) => after.has(key));
}

/** A label that is searched by its own name needs no keyword. */
function wordsOf(name: string, words: readonly string[]): string {
  const wanted = [...new Set(words)];
  return wanted.length === 1 && wanted[0] === name ? '' : wanted.join(', ');
}
