/** The images of one page while it is read: one entry for each address, facts from several mentions joined. */

import type { ImageMention, PageImage } from './types.ts';

/** Best first: of several mentions of one address the first here is kept. */
const MENTIONS: readonly ImageMention[] = [
  'img',
  'srcset',
  'picture',
  'lazy',
  'link',
  'json-ld',
  'open-graph',
  'poster',
  'style',
];
const MAX_CAPTION_LENGTH = 500;

export interface ImageFacts {
  readonly caption?: string | null;
  readonly licence?: string | null;
  readonly creator?: string | null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Collapses white space and cuts; null when nothing is left. */
export function tidyText(text: string | null | undefined, maxLength: number = MAX_CAPTION_LENGTH): string | null {
  if (text === null || text === undefined) return null;
  // Cut before and after: white space may be most of it, and a cut may halve a surrogate pair.
  const tidy = text
    .slice(0, maxLength * 8)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, maxLength)
    .toWellFormed();
  return tidy === '' ? null : tidy;
}

export class ImageList {
  readonly images: Mutable<PageImage>[] = [];
  readonly #maxImages: number;
  readonly #positions = new Map<string, number>();
  /** Smaller copies and thumbnails of a kept image, by address. */
  readonly #variants = new Map<string, string>();
  #isFull = false;

  constructor(maxImages: number) {
    this.#maxImages = maxImages;
  }

  /** True once an image was left out because of the limit. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /**
   * Takes an image, or joins the facts to what is known of it: the first caption, licence and creator count.
   * A known smaller copy of another image is not taken.
   */
  add(url: string, mention: ImageMention, facts: ImageFacts = {}): void {
    const known = this.#positions.get(url) ?? this.#positions.get(this.#variants.get(url) ?? '');
    if (known !== undefined) {
      const image = this.images[known]!;
      if (image.url === url && MENTIONS.indexOf(mention) < MENTIONS.indexOf(image.mention)) image.mention = mention;
      this.#join(image, facts);
      return;
    }
    if (this.#variants.has(url)) return;
    if (this.images.length >= this.#maxImages) {
      this.#isFull = true;
      return;
    }
    const image: Mutable<PageImage> = { url, mention, caption: null, licence: null, creator: null };
    this.#join(image, facts);
    this.#positions.set(url, this.images.length);
    this.images.push(image);
  }

  /** Whether the address is a smaller copy of an image that was taken. */
  isVariant(url: string): boolean {
    return this.#variants.has(url);
  }

  /** Declares an address a smaller copy of another, unless it was taken as an image of its own before. */
  addVariant(url: string, best: string): void {
    if (url === best || this.#positions.has(url) || this.#variants.has(url) || this.#isFull) return;
    this.#variants.set(url, best);
  }

  /** Joins facts to an image that was taken. */
  describe(url: string, facts: ImageFacts): void {
    const position = this.#positions.get(url);
    if (position !== undefined) this.#join(this.images[position]!, facts);
  }

  /** Joins facts to all images taken from a position on. */
  describeFrom(position: number, facts: ImageFacts): void {
    for (let index = position; index < this.images.length; index++) this.#join(this.images[index]!, facts);
  }

  #join(image: Mutable<PageImage>, facts: ImageFacts): void {
    image.caption ??= tidyText(facts.caption);
    image.licence ??= tidyText(facts.licence);
    image.creator ??= tidyText(facts.creator);
  }
}
