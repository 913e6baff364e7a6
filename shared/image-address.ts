/** What an address tells about its content before anything is fetched. Only a hint: magic bytes decide. */

const IMAGE_EXTENSIONS: ReadonlySet<string> = new Set(
  'jpg jpeg jpe jfif pjpeg pjp png apng webp gif avif avifs heic heif hif tif tiff bmp dib svg'.split(' '),
);

/**
 * Whether the last path segment of an absolute or relative address ends in an image extension, in any case.
 * Query and fragment do not count. A segment with a colon before the extension does not look like an image:
 * `/wiki/File:Cat.jpg` is MediaWiki's page about the picture. SVG counts, so that its refusal can be recorded.
 */
export function looksLikeImage(address: string): boolean {
  const end = address.search(/[?#]/);
  const path = end === -1 ? address : address.slice(0, end);
  const schemeEnd = path.indexOf('://');
  const lastSlash = path.lastIndexOf('/');
  if (schemeEnd !== -1 && lastSlash <= schemeEnd + 2) return false;
  const segment = path.slice(lastSlash + 1);
  const dot = segment.lastIndexOf('.');
  if (dot < 1 || segment.length - dot > 6) return false;
  return IMAGE_EXTENSIONS.has(segment.slice(dot + 1).toLowerCase()) && !/:|%3a/i.test(segment);
}
