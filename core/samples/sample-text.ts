/** The words of samples that the text search looks in, kept in the transaction that changes them. */

import type { Database } from '../db/database.ts';
import { readableUrl } from '../db/readable-url.ts';

export interface SampleWords {
  readonly caption: string | null;
  readonly tags: readonly string[];
  readonly name: string | null;
  /** Of the pages that showed it. */
  readonly pageUrls: readonly string[];
}

/** Pages of one sample whose addresses can be searched; a picture in the frame of a site is on each of its pages. */
const PAGES_SEARCHED = 20;
const WORD = /[\p{L}\p{N}]/u;

/** Call inside `database.write` for a sample that is new. */
export function insertSampleText(database: Database, sampleId: number, words: SampleWords): void {
  const text = [words.caption ?? '', ...words.tags, words.name ?? '', ...words.pageUrls.map(readableUrl)].join('\n');
  if (!WORD.test(text)) return;
  database.prepare('INSERT INTO sample_text (rowid, words) VALUES (?, ?)').run(sampleId, text);
}

/** Reads a sample's words again. Call inside `database.write` when caption, tags or origins have changed. */
export function refreshSampleText(database: Database, sampleId: number): void {
  database.prepare('DELETE FROM sample_text WHERE rowid = ?').run(sampleId);
  const row = database
    .prepare<[number], { caption: string | null; tags: string; name: string | null }>(
      'SELECT caption, tags, name FROM samples WHERE id = ?',
    )
    .get(sampleId);
  if (row === undefined) return;
  const pages = database
    .prepare<[number, number], { url: string }>(
      `SELECT page_url AS url FROM origins WHERE sample_id = ? AND page_url IS NOT NULL
       GROUP BY page_url ORDER BY min(id) LIMIT ?`,
    )
    .all(sampleId, PAGES_SEARCHED);
  insertSampleText(database, sampleId, {
    caption: row.caption,
    tags: parseTags(row.tags),
    name: row.name,
    pageUrls: pages.map((page) => page.url),
  });
}

/** Tags as they lie in `samples.tags`. */
export function parseTags(stored: string): string[] {
  return stored === '' ? [] : (JSON.parse(stored) as string[]);
}

export function storedTags(tags: readonly string[]): string {
  return tags.length === 0 ? '' : JSON.stringify(tags);
}

/**
 * What a person typed as a query of FTS5: every word must be there, the last one may be the beginning of one. Words are
 * what white space parts; one that FTS5 parts further (`photo-12.jpg`) is looked for as a phrase.
 * @returns null when there is no word to look for
 */
export function matchQuery(text: string): string | null {
  // SQLite reads a query to its first zero byte.
  const words = text.split(/[\s\p{Cc}]+/u).filter((word) => WORD.test(word));
  if (words.length === 0) return null;
  return `${words.map((word) => `"${word.replaceAll('"', '""')}"`).join(' ')} *`;
}
