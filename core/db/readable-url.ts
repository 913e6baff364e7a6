const SCHEME = /^[a-z][a-z0-9+.-]*:(?:\/\/)?/i;

/** A URL as people read and search it: without its scheme, escapes decoded where they are UTF-8. */
export function readableUrl(url: string): string {
  const rest = url.replace(SCHEME, '');
  try {
    return decodeURIComponent(rest);
  } catch {
    return rest;
  }
}
