/** The words of samples that the text search looks in, kept in the transaction that changes them. */

import { hasWord } from '../db/match-query.ts';
import { readableUrl } from '../db/readable-url.ts';
import { Repository } from '../db/repository.ts';
import { parseTags } from './stored-tags.ts';

interface SampleWords {
  readonly caption: string | null;
  readonly tags: readonly string[];
  readonly name: string | null;
  /** Of the pages that showed it. */
  readonly pageUrls: readonly string[];
}

/** Pages of one sample whose addresses can be searched; a picture in the frame of a site is on each of its pages. */
const PAGES_SEARCHED = 20;

/** Everything is to be called inside `database.write`. */
export class SampleTextRepository extends Repository {
  /** For a sample that is new. */
  insert(sampleId: number, words: SampleWords): void {
    const text = [words.caption ?? '', ...words.tags, words.name ?? '', ...words.pageUrls.map(readableUrl)].join('\n');
    if (!hasWord(text)) return;
    this.database.prepare('INSERT INTO sample_text (rowid, words) VALUES (?, ?)').run(sampleId, text);
  }

  /** Reads a sample's words again: for when caption, tags or origins have changed. */
  refresh(sampleId: number): void {
    this.database.prepare('DELETE FROM sample_text WHERE rowid = ?').run(sampleId);
    const row = this.database
      .prepare<[number], { caption: string | null; tags: string; name: string | null }>(
        'SELECT caption, tags, name FROM samples WHERE id = ?',
      )
      .get(sampleId);
    if (row === undefined) return;
    const pages = this.database
      .prepare<[number, number], { url: string }>(
        `SELECT page_url AS url FROM origins WHERE sample_id = ? AND page_url IS NOT NULL
         GROUP BY page_url ORDER BY min(id) LIMIT ?`,
      )
      .all(sampleId, PAGES_SEARCHED);
    this.insert(sampleId, {
      caption: row.caption,
      tags: parseTags(row.tags),
      name: row.name,
      pageUrls: pages.map((page) => page.url),
    });
  }
}
