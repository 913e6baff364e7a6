/** Tags as they lie in `samples.tags`. */

export function parseTags(stored: string): string[] {
  return stored === '' ? [] : (JSON.parse(stored) as string[]);
}

export function storedTags(tags: readonly string[]): string {
  return tags.length === 0 ? '' : JSON.stringify(tags);
}
