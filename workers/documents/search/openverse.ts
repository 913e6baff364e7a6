/**
 * Openverse: `GET /v1/images/`, openly licensed images of many providers (https://api.openverse.org/v1/).
 * Without a key a page holds at most 20 results and a search is 20 pages deep; the catalogue may not be copied wholesale.
 */

import { z } from 'zod';
import { lenientCount, lenientText, parseJsonAnswer, unexpectedAnswer } from './lenient.ts';
import { licenceId } from './licence.ts';
import { plainText, webAddress } from './plain-text.ts';
import type { SearchReader, SourceImage } from './types.ts';

const SERVICE = 'Openverse';
const PAGE_SIZE = 20;
const MAX_PAGES = 20;
const MAX_TAGS = 100;

const answerSchema = z.object({
  results: z.array(z.unknown()),
  result_count: z.number().int().nonnegative().nullable().catch(null),
  page_count: z.number().int().nonnegative().nullable().catch(null),
});

const imageSchema = z.object({
  id: lenientText,
  title: lenientText,
  foreign_landing_url: lenientText,
  url: z.string(),
  creator: lenientText,
  creator_url: lenientText,
  license: lenientText,
  license_version: lenientText,
  license_url: lenientText,
  filesize: lenientCount,
  tags: z.array(z.object({ name: lenientText }).catch({ name: null })).catch([]),
  attribution: lenientText,
  height: lenientCount,
  width: lenientCount,
});

export const openverse: SearchReader = {
  parse(text, url) {
    const document = parseJsonAnswer(text, SERVICE, url);
    const answer = answerSchema.safeParse(document);
    if (!answer.success) throw unexpectedAnswer(SERVICE, url, describe(document));
    const { results, result_count: totalFound, page_count: pageCount } = answer.data;
    const images = results.map(readImage).filter((image) => image !== null);
    return {
      images,
      next: nextPage(url, results.length, pageCount),
      totalFound,
      skipped: results.length - images.length,
    };
  },
};

function nextPage(url: string, results: number, pageCount: number | null): string | null {
  const next = new URL(url);
  const page = Number(next.searchParams.get('page') ?? '1') + 1;
  const pageSize = Number(next.searchParams.get('page_size') ?? PAGE_SIZE);
  // An empty page ends the search whatever the count says; a short one only when there is no count.
  const lastPage = pageCount ?? (results < pageSize ? page - 1 : MAX_PAGES);
  if (results === 0 || !Number.isInteger(page) || page > Math.min(lastPage, MAX_PAGES)) return null;
  next.searchParams.set('page', String(page));
  return next.href;
}

function readImage(result: unknown): SourceImage | null {
  const parsed = imageSchema.safeParse(result);
  if (!parsed.success) return null;
  const image = parsed.data;
  const imageUrl = webAddress(image.url);
  if (imageUrl === null) return null;
  return {
    sourceId: image.id ?? imageUrl,
    pageUrl: webAddress(image.foreign_landing_url),
    imageUrl,
    width: image.width,
    height: image.height,
    sizeBytes: image.filesize,
    title: image.title === null ? null : plainText(image.title),
    caption: null,
    tags: [...new Set(image.tags.map(({ name }) => name).filter((name) => name !== null))].slice(0, MAX_TAGS),
    creator: image.creator === null ? null : plainText(image.creator),
    creatorUrl: webAddress(image.creator_url),
    licence: licenceId([image.license, image.license_url], image.license_version),
    licenceUrl: webAddress(image.license_url),
    attribution: image.attribution === null ? null : plainText(image.attribution),
  };
}

/** Openverse explains refusals in `detail`. */
function describe(document: unknown): string {
  const detail = (document as { detail?: unknown } | null)?.detail;
  return typeof detail === 'string' ? `"${detail.slice(0, 200)}"` : JSON.stringify(document).slice(0, 80);
}
