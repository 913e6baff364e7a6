/** Which of the addresses that one `<img>` or `<picture>` offers is the best copy of the picture. */

import { looksLikeImage } from '../../shared/image-address.ts';
import type { Attributes } from './markup.ts';
import { parseSrcset } from './srcset.ts';
import type { ImageMention } from './types.ts';

export interface ImageCandidate {
  /** As written. */
  readonly address: string;
  readonly mention: ImageMention;
  /** `original`: named as the full-size file. `lazy`: what a script puts in place of the shown one. `shown`: the rest. */
  readonly rank: 'original' | 'lazy' | 'shown';
  /** In pixels; for a `<source>` without `w` the min-width of its media query; 0 when unknown. */
  readonly width: number;
  readonly density: number;
}

/** Attributes that galleries and shops give the full-size file in. */
const ORIGINAL_ATTRIBUTES = [
  'data-orig-file',
  'data-full-src',
  'data-fullsrc',
  'data-full',
  'data-full-url',
  'data-original-src',
  'data-large_image',
  'data-zoom-image',
  'data-zoom-src',
  'data-highres',
  'data-hi-res-src',
  'data-hires',
] as const;
const LAZY_ATTRIBUTES = [
  'data-src',
  'data-original',
  'data-lazy-src',
  'data-large-file',
  'data-img-src',
  'data-echo',
  'data-cfsrc',
  'data-flickity-lazyload',
] as const;
/** Pages put flags, names and addresses of pages into these too: only what ends as an image does is believed. */
const VAGUE_ATTRIBUTES = ['data-lazy', 'data-lazyload', 'data-image', 'data-url'] as const;
const LAZY_SRCSET_ATTRIBUTES = [
  'data-srcset',
  'data-lazy-srcset',
  'data-original-set',
  'data-flickity-lazyload-srcset',
] as const;

/** Attributes that any element may carry for a gallery script; only addresses with an image extension count there. */
export const GALLERY_ATTRIBUTES = [
  ...ORIGINAL_ATTRIBUTES,
  ...LAZY_ATTRIBUTES,
  ...VAGUE_ATTRIBUTES,
  'data-bg',
  'data-background-image',
  'data-background',
] as const;

/** Of a longer srcset only the start is read, in characters. */
const MAX_SRCSET_LENGTH = 65_536;

/** What an `<img>` offers by itself. */
export function imgCandidates(attributes: Attributes): ImageCandidate[] {
  const candidates: ImageCandidate[] = [];
  for (const name of ORIGINAL_ATTRIBUTES) addSingle(candidates, attributes.get(name), 'lazy', 'original');
  for (const name of LAZY_ATTRIBUTES) addSingle(candidates, attributes.get(name), 'lazy', 'lazy');
  for (const name of VAGUE_ATTRIBUTES) {
    const value = attributes.get(name);
    if (value !== undefined && looksLikeImage(value.trim())) addSingle(candidates, value, 'lazy', 'lazy');
  }
  for (const name of LAZY_SRCSET_ATTRIBUTES) addSet(candidates, attributes.get(name), 'lazy', 'lazy', 0);
  addSet(candidates, attributes.get('srcset'), 'srcset', 'shown', 0);
  addSingle(candidates, attributes.get('src'), 'img', 'shown');
  return candidates;
}

/** What a `<source>` inside a `<picture>` offers. */
export function sourceCandidates(attributes: Attributes): ImageCandidate[] {
  const candidates: ImageCandidate[] = [];
  const minWidth = /min-width\s{0,9}:\s{0,9}([0-9]{1,5})(?:\.[0-9]{1,5})?(px|em|rem)/i.exec(
    (attributes.get('media') ?? '').slice(0, 500),
  );
  const width = minWidth === null ? 0 : Number(minWidth[1]) * (minWidth[2]!.toLowerCase() === 'px' ? 1 : 16);
  addSet(candidates, attributes.get('srcset'), 'picture', 'shown', width);
  for (const name of LAZY_SRCSET_ATTRIBUTES) addSet(candidates, attributes.get(name), 'picture', 'lazy', width);
  return candidates;
}

/** What a `srcset`-like attribute offers. */
export function srcsetCandidates(srcset: string | undefined, mention: ImageMention): ImageCandidate[] {
  const candidates: ImageCandidate[] = [];
  addSet(candidates, srcset, mention, 'shown', 0);
  return candidates;
}

/**
 * The index of the best candidate; -1 when there is none. A named original beats everything; lazy addresses beat the shown
 * ones (then placeholders) unless they name the same file; then the largest width, the largest density, and among equals
 * the lazy one, the `<img>`'s own, the sources' (whose point is a newer format of the same picture).
 */
export function bestCandidate(candidates: readonly ImageCandidate[]): number {
  const shown = new Set(candidates.filter((candidate) => candidate.rank === 'shown').map(({ address }) => address));
  const lazy = candidates.filter((candidate) => candidate.rank === 'lazy');
  const shownArePlaceholders = lazy.length > 0 && !lazy.some(({ address }) => shown.has(address));
  let best = -1;
  for (const [index, candidate] of candidates.entries()) {
    if (shownArePlaceholders && candidate.rank === 'shown') continue;
    if (best === -1 || isBetter(candidate, candidates[best]!)) best = index;
  }
  return best;
}

const PREFERENCE: readonly ImageMention[] = ['lazy', 'img', 'srcset'];

function isBetter(candidate: ImageCandidate, than: ImageCandidate): boolean {
  if ((candidate.rank === 'original') !== (than.rank === 'original')) return candidate.rank === 'original';
  if (candidate.width !== than.width) return candidate.width > than.width;
  if (candidate.density !== than.density) return candidate.density > than.density;
  return preference(candidate) < preference(than);
}

function preference(candidate: ImageCandidate): number {
  const position = PREFERENCE.indexOf(candidate.mention);
  return position === -1 ? PREFERENCE.length : position;
}

function addSingle(
  into: ImageCandidate[],
  value: string | undefined,
  mention: ImageMention,
  rank: ImageCandidate['rank'],
): void {
  const address = value?.trim() ?? '';
  if (!isAddress(address)) return;
  into.push({ address, mention, rank, width: 0, density: 1 });
}

function addSet(
  into: ImageCandidate[],
  value: string | undefined,
  mention: ImageMention,
  rank: ImageCandidate['rank'],
  width: number,
): void {
  if (value === undefined) return;
  for (const candidate of parseSrcset(value.slice(0, MAX_SRCSET_LENGTH))) {
    if (!isAddress(candidate.url)) continue;
    into.push({
      address: candidate.url,
      mention,
      rank,
      width: candidate.width ?? width,
      density: candidate.density ?? 1,
    });
  }
}

/** Scripts put flags, JSON, markup and templates into the same attributes. */
function isAddress(value: string): boolean {
  return (
    value !== '' &&
    !/^(?:[#[{<]|data:|blob:|about:|javascript:|(?:true|false|null|undefined|none|auto|lazy|[0-9]+)$)|\{/i.test(value)
  );
}
