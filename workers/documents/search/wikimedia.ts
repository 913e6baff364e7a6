/**
 * Wikimedia Commons: `GET /w/api.php` (https://www.mediawiki.org/wiki/API:Imageinfo), a search or a `Category:` of files.
 *
 * Which file: the original while it is at most 4,000 pixels on its longer side and 10 MB, else the rendering of 1,280
 * pixels, one of the standard widths that Wikimedia keeps ready and asks clients to prefer over large originals.
 */

import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import { lenientCount, lenientText, parseJsonAnswer, unexpectedAnswer } from './lenient.ts';
import { licenceId } from './licence.ts';
import { firstLink, plainText, webAddress } from './plain-text.ts';
import type { SearchReader, SourceImage } from './types.ts';

const SERVICE = 'Wikimedia Commons';
const MAX_ORIGINAL_SIDE = 4_000;
const MAX_ORIGINAL_BYTES = 10_000_000;
const RETRY_AFTER_MS = 5_000;
/** Parameters of a first request, as the core makes it; all others are those of an answer's `continue`. */
const OWN_PARAMETERS: ReadonlySet<string> = new Set(
  (
    'action format formatversion maxlag prop iiprop iiurlwidth generator gsrnamespace gsrsearch gsrlimit gcmtitle ' +
    'gcmtype gcmlimit'
  ).split(' '),
);

const metadataField = z
  .object({ value: lenientText })
  .transform(({ value }) => value)
  .nullable()
  .catch(null);

const imageInfoSchema = z.object({
  url: z.string(),
  descriptionurl: lenientText,
  thumburl: lenientText,
  thumbwidth: lenientCount,
  thumbheight: lenientCount,
  width: lenientCount,
  height: lenientCount,
  size: lenientCount,
  mime: lenientText,
  extmetadata: z
    .object({
      License: metadataField,
      LicenseShortName: metadataField,
      LicenseUrl: metadataField,
      UsageTerms: metadataField,
      Artist: metadataField,
      Attribution: metadataField,
      Credit: metadataField,
      ImageDescription: metadataField,
    })
    .partial()
    .catch({}),
});

const pageSchema = z.object({
  pageid: lenientText,
  title: lenientText,
  index: z.number().catch(Number.MAX_SAFE_INTEGER),
  imageinfo: z.array(z.unknown()).optional(),
});

const answerSchema = z.object({
  error: z.object({ code: lenientText, info: lenientText }).optional(),
  continue: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  query: z
    .object({
      // formatversion=1, which mirrors may speak, gives an object by page id.
      pages: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown()).transform(Object.values)]).optional(),
      searchinfo: z.object({ totalhits: lenientCount }).optional(),
    })
    .optional(),
  batchcomplete: z.unknown().optional(),
});

export const wikimedia: SearchReader = {
  parse(text, url) {
    const document = parseJsonAnswer(text, SERVICE, url);
    const answer = answerSchema.safeParse(document);
    if (!answer.success) throw unexpectedAnswer(SERVICE, url, JSON.stringify(document).slice(0, 80));
    const { error, query, continue: continuation, batchcomplete } = answer.data;
    if (error !== undefined) throw apiError(error, url);
    if (query === undefined && continuation === undefined && batchcomplete === undefined) {
      throw unexpectedAnswer(SERVICE, url, JSON.stringify(document).slice(0, 80));
    }
    let skipped = 0;
    const images: { readonly image: SourceImage; readonly index: number }[] = [];
    for (const entry of query?.pages ?? []) {
      const page = pageSchema.safeParse(entry).data;
      // A page without imageinfo is not broken: long answers are cut, and the next part brings it.
      if (page !== undefined && page.imageinfo === undefined && continuation !== undefined) continue;
      const image = page === undefined ? null : readImage(page);
      if (image === null) skipped += 1;
      else images.push({ image, index: page?.index ?? 0 });
    }
    // Search results come keyed by page, with their rank beside them.
    images.sort((a, b) => a.index - b.index);
    return {
      images: images.map(({ image }) => image),
      next: continuation === undefined ? null : nextPage(url, continuation),
      totalFound: query?.searchinfo?.totalhits ?? null,
      skipped,
    };
  },
};

/** The first request with every key of this answer's `continue`, and none of an earlier one's. */
function nextPage(url: string, continuation: Readonly<Record<string, string | number>>): string {
  const next = new URL(url);
  for (const name of [...next.searchParams.keys()]) if (!OWN_PARAMETERS.has(name)) next.searchParams.delete(name);
  for (const [name, value] of Object.entries(continuation)) next.searchParams.set(name, String(value));
  return next.href;
}

function readImage(page: z.infer<typeof pageSchema>): SourceImage | null {
  const info = imageInfoSchema.safeParse(page.imageinfo?.[0]).data;
  if (info === undefined || info.mime?.startsWith('image/') === false) return null;
  const originalUrl = webAddress(info.url);
  if (originalUrl === null) return null;
  const renderedUrl = webAddress(info.thumburl);
  const large =
    Math.max(info.width ?? 0, info.height ?? 0) > MAX_ORIGINAL_SIDE || (info.size ?? 0) > MAX_ORIGINAL_BYTES;
  const rendered = large && renderedUrl !== null;
  const pageUrl = webAddress(info.descriptionurl);
  const title = page.title?.replace(/^[^:]{1,20}:/, '').replace(/\.[A-Za-z0-9]{2,5}$/, '') ?? null;
  const { extmetadata: metadata } = info;
  const artist = metadata.Artist ?? null;
  const creator = artist === null ? null : plainText(artist);
  const licenceName = metadata.LicenseShortName ?? null;
  const given = metadata.Attribution == null ? null : plainText(metadata.Attribution);
  return {
    sourceId: page.pageid ?? originalUrl,
    pageUrl,
    imageUrl: rendered ? renderedUrl : originalUrl,
    width: rendered ? info.thumbwidth : info.width,
    height: rendered ? info.thumbheight : info.height,
    sizeBytes: rendered ? null : info.size,
    title,
    caption: metadata.ImageDescription == null ? null : plainText(metadata.ImageDescription),
    tags: [],
    creator,
    creatorUrl: artist === null ? null : firstLink(artist, pageUrl ?? originalUrl),
    licence: licenceId([
      metadata.LicenseUrl ?? null,
      metadata.License ?? null,
      licenceName,
      metadata.UsageTerms ?? null,
    ]),
    licenceUrl: webAddress(metadata.LicenseUrl ?? null),
    attribution: given ?? credit(title, creator, licenceName, metadata.Credit ?? null),
  };
}

function credit(
  title: string | null,
  creator: string | null,
  licence: string | null,
  source: string | null,
): string | null {
  const by = creator ?? (source === null ? null : plainText(source, 200));
  if (title === null && by === null) return null;
  const work = title === null ? 'Image' : `"${title}"`;
  return [by === null ? work : `${work} by ${by}`, licence, 'via Wikimedia Commons']
    .filter((part) => part !== null)
    .join(', ');
}

function apiError(error: { code: string | null; info: string | null }, url: string): AppError {
  const said = `${error.code ?? 'error'}: ${(error.info ?? '').slice(0, 200)}`;
  if (error.code === 'maxlag' || error.code === 'ratelimited' || error.code === 'readonly') {
    return new AppError('rate-limited', `${SERVICE} asks to come back later (${said}).`, {
      details: { url, retryAfterMs: RETRY_AFTER_MS },
    });
  }
  return unexpectedAnswer(SERVICE, url, `"${said}"`);
}
