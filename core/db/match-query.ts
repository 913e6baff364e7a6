const WORD = /[\p{L}\p{N}]/u;

/** Whether the text search finds anything in a text. */
export function hasWord(text: string): boolean {
  return WORD.test(text);
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
