/** Small questions about the attributes of a tag. */

import { looksLikeImage } from '../../shared/image-address.ts';
import type { Attributes } from './markup.ts';

/** Longer addresses are not looked at, in characters; none that long would survive normalisation. */
export const MAX_ADDRESS_LENGTH = 16_384;

/** Absolute, http or https, without fragment; null otherwise. */
export function resolveAddress(address: string, baseUrl: string): string | null {
  const trimmed = address.trim();
  if (trimmed === '' || /^(?:data|javascript|mailto|tel|blob|about):/i.test(trimmed)) return null;
  const url = URL.parse(trimmed, baseUrl);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null;
  url.hash = '';
  return url.href;
}

const NO_RELATIONS: ReadonlySet<string> = new Set();

/** The tokens of `rel`, lower case. */
export function relationsOf(attributes: Attributes): ReadonlySet<string> {
  const relations = attributes.get('rel');
  return relations === undefined ? NO_RELATIONS : new Set(relations.slice(0, 500).toLowerCase().split(/\s+/));
}

/** The address if it ends in an image extension. */
export function imageLike(address: string | undefined): string | undefined {
  return address !== undefined && address.length <= MAX_ADDRESS_LENGTH && looksLikeImage(address.trim())
    ? address
    : undefined;
}

/** Declares itself 1 by 1 or smaller: a tracking pixel. */
export function isPixel(attributes: Attributes): boolean {
  return (
    /^\s*[01](?:px)?\s*$/.test(attributes.get('width') ?? '') &&
    /^\s*[01](?:px)?\s*$/.test(attributes.get('height') ?? '')
  );
}

export function withoutFragment(url: string): string {
  const hash = url.indexOf('#');
  return hash === -1 ? url : url.slice(0, hash);
}
