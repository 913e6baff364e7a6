/** Turns the tags of a page, in order, into its images and links. State only; no input and output. */

import { looksLikeImage } from '../../shared/image-address.ts';
import {
  bestCandidate,
  GALLERY_ATTRIBUTES,
  type ImageCandidate,
  imgCandidates,
  sourceCandidates,
  srcsetCandidates,
} from './image-choice.ts';
import { ImageList, tidyText } from './image-list.ts';
import { readJsonLd } from './json-ld.ts';
import type { Attributes, MarkupHandler } from './markup.ts';
import {
  imageLike,
  isPixel,
  MAX_ADDRESS_LENGTH,
  relationsOf,
  resolveAddress,
  withoutFragment,
} from './page-attributes.ts';
import type { ImageMention, PageExtract } from './types.ts';

/** Parsing an address takes microseconds; these bounds keep a page of a million of them below a second. */
const MAX_RESOLVED = 100_000;
const MAX_REMEMBERED = 20_000;
const MAX_META_ROBOTS = 50;
/** Text kept while an element is open, in characters; JSON-LD blocks may be long. */
const MAX_TEXT_LENGTH = 4_000;
const MAX_JSON_LD_LENGTH = 2 * 1024 * 1024;
/** Elements whose licence link belongs to the images in them; only this many are tracked at once. */
const CONTAINERS: ReadonlySet<string> = new Set(['figure', 'li', 'article', 'td']);
const MAX_OPEN_CONTAINERS = 32;

interface Container {
  readonly name: string;
  /** How many images there were when it was opened. */
  readonly firstImage: number;
  licence: string | null;
  caption: string | null;
}

/** An image that is judged when the whole page is known. */
interface LateImage {
  readonly url: string;
  readonly mention: ImageMention;
  caption: string | null;
  readonly licence: string | null;
  readonly creator: string | null;
}

interface PageReaderOptions {
  readonly url: string;
  readonly maxLinks: number;
  readonly maxImages: number;
}

export class PageReader implements MarkupHandler {
  readonly #images: ImageList;
  readonly #links = new Set<string>();
  readonly #maxLinks: number;
  readonly #late: LateImage[] = [];
  readonly #metaRobots: [string, string][] = [];
  readonly #containers: Container[] = [];
  #baseUrl: string;
  #hasBase = false;
  #pageUrl: string;
  #title: string | null = null;
  #tdmReservation: string | null = null;
  #isTruncated = false;
  /** Addresses as written that were resolved against the present base. */
  readonly #resolved = new Map<string, string | null>();
  #resolvedCount = 0;
  #isNofollow = false;
  /** Candidates of the `<source>`s of an open `<picture>`; null outside. */
  #sources: ImageCandidate[] | null = null;
  /** The image that an open `<a>` links to; null outside of such a link. */
  #linkedImage: { readonly url: string; hasThumbnail: boolean } | null = null;
  /** What the text that comes next is for; null when it is for nothing. */
  #text: { readonly element: string; readonly limit: number; length: number; readonly pieces: string[] } | null = null;

  constructor(options: PageReaderOptions) {
    this.#images = new ImageList(options.maxImages);
    this.#maxLinks = options.maxLinks;
    this.#baseUrl = options.url;
    this.#pageUrl = withoutFragment(options.url);
  }

  openTag(name: string, attributes: Attributes): void {
    switch (name) {
      case 'base':
        this.#readBase(attributes);
        break;
      case 'title':
        if (this.#title === null) this.#collectText('title', MAX_TEXT_LENGTH);
        break;
      case 'meta':
        this.#readMeta(attributes);
        break;
      case 'link':
        this.#readLinkElement(attributes);
        break;
      case 'script':
        if (/^\s*application\/ld\+json\s*(?:;|$)/i.test(attributes.get('type') ?? '')) {
          this.#collectText('script', MAX_JSON_LD_LENGTH);
        }
        break;
      case 'picture':
        this.#finishPicture();
        this.#sources = [];
        break;
      case 'source':
        // Sources of audio and video have no srcset. The limit bounds a picture that is never closed.
        if (this.#sources !== null && this.#sources.length < 1000) this.#sources.push(...sourceCandidates(attributes));
        break;
      case 'img':
      case 'image':
      case 'amp-img':
        this.#readImg(attributes);
        break;
      case 'video':
        this.#addSingle(attributes.get('poster'), 'poster');
        break;
      case 'a':
      case 'area':
        this.#readAnchor(attributes, name === 'a');
        break;
      case 'iframe':
      case 'frame':
        this.#addLink(attributes.get('src'));
        break;
      case 'object':
      case 'embed':
        this.#addSingle(imageLike(attributes.get('data') ?? attributes.get('src')), 'img');
        break;
      case 'figcaption':
        this.#collectText('figcaption', MAX_TEXT_LENGTH);
        break;
      default:
        break;
    }
    if (CONTAINERS.has(name) && this.#containers.length < MAX_OPEN_CONTAINERS) {
      this.#containers.push({ name, firstImage: this.#images.images.length, licence: null, caption: null });
    }
    if (name !== 'img' && name !== 'source' && name !== 'amp-img' && name !== 'image') this.#readGallery(attributes);
  }

  closeTag(name: string): void {
    if (this.#text?.element === name) this.#finishText();
    if (name === 'picture') this.#finishPicture();
    else if (name === 'a') this.#linkedImage = null;
    if (CONTAINERS.has(name)) this.#closeContainer(name);
  }

  text(piece: string): void {
    const target = this.#text;
    if (target === null || target.length >= target.limit) return;
    target.pieces.push(piece);
    target.length += piece.length;
  }

  /** What was found. Nothing may be reported to the reader afterwards. */
  finish(): PageExtract {
    this.#finishText();
    this.#finishPicture();
    while (this.#containers.length > 0) this.#closeContainer(this.#containers.at(-1)!.name);
    for (const { url, mention, ...facts } of this.#late) this.#images.add(url, mention, facts);
    return {
      baseUrl: this.#baseUrl,
      title: this.#title,
      images: this.#isNofollow ? this.#images.images.filter(({ mention }) => mention !== 'link') : this.#images.images,
      links: this.#isNofollow ? [] : [...this.#links],
      metaRobots: this.#metaRobots,
      tdmReservation: this.#tdmReservation,
      truncated: this.#isTruncated || this.#images.isFull,
    };
  }

  /** Absolute, http or https, without fragment; null otherwise, and when the page's budget of addresses is used up. */
  #resolve(address: string | undefined): string | null {
    if (address === undefined || address.length > MAX_ADDRESS_LENGTH) return null;
    const known = this.#resolved.get(address);
    if (known !== undefined) return known;
    if (this.#resolvedCount >= MAX_RESOLVED) {
      this.#isTruncated = true;
      return null;
    }
    this.#resolvedCount++;
    const url = resolveAddress(address, this.#baseUrl);
    if (this.#resolved.size < MAX_REMEMBERED) this.#resolved.set(address, url);
    return url;
  }

  #readBase(attributes: Attributes): void {
    if (this.#hasBase || !attributes.has('href')) return;
    const url = this.#resolve(attributes.get('href'));
    if (url === null) return;
    this.#hasBase = true;
    this.#baseUrl = url;
    this.#resolved.clear();
  }

  #readMeta(attributes: Attributes): void {
    const content = attributes.get('content');
    if (content === undefined) return;
    if (attributes.get('http-equiv')?.trim().toLowerCase() === 'refresh') {
      const target = /^[\s\d.]*[;,]?\s*(?:url\s*=\s*)?["']?([^"']*)/i.exec(content.slice(0, 4096))?.[1];
      if (target !== undefined && target.trim() !== '') this.#addLink(target);
      return;
    }
    const name = (attributes.get('name') ?? attributes.get('property') ?? '').trim().toLowerCase();
    switch (name) {
      case 'robots':
      case 'pixcrawler': {
        const rules = content.slice(0, MAX_TEXT_LENGTH).trim().toLowerCase();
        if (/(?:^|[\s,])(?:nofollow|none)(?:$|[\s,])/.test(rules)) this.#isNofollow = true;
        if (this.#metaRobots.length < MAX_META_ROBOTS) this.#metaRobots.push([name, rules]);
        break;
      }
      case 'tdm-reservation':
        this.#tdmReservation ??= content.slice(0, 100).trim();
        break;
      case 'og:image':
      case 'og:image:url':
      case 'og:image:secure_url':
      case 'twitter:image':
      case 'twitter:image:src':
        this.#readOpenGraphImage(content, name === 'og:image:secure_url');
        break;
      case 'og:image:alt':
      case 'twitter:image:alt': {
        const last = this.#late.at(-1);
        if (last?.mention === 'open-graph') last.caption ??= content;
        break;
      }
      default:
        break;
    }
  }

  /** `og:image:secure_url` is another address of the `og:image` before it, and the better one. */
  #readOpenGraphImage(address: string, isSecureCopy: boolean): void {
    const url = this.#resolve(address);
    if (url === null) return;
    const last = this.#late.at(-1);
    if (isSecureCopy && last?.mention === 'open-graph') {
      this.#late.pop();
      if (last.url !== url) this.#images.addVariant(last.url, url);
    }
    this.#addLate({ url, mention: 'open-graph', caption: null, licence: null, creator: null });
  }

  #addLate(image: LateImage): void {
    if (this.#late.length < 10_000) this.#late.push(image);
    else this.#isTruncated = true;
  }

  #readLinkElement(attributes: Attributes): void {
    const relations = relationsOf(attributes);
    if (relations.has('next') || relations.has('prev')) this.#addLink(attributes.get('href'));
    const late = (url: string | null, mention: ImageMention): void => {
      if (url !== null) this.#addLate({ url, mention, caption: null, licence: null, creator: null });
    };
    if (relations.has('image_src')) late(this.#resolve(attributes.get('href')), 'open-graph');
    if (relations.has('preload') && attributes.get('as')?.trim().toLowerCase() === 'image') {
      const candidates = srcsetCandidates(attributes.get('imagesrcset'), 'srcset');
      const best = candidates[bestCandidate(candidates)];
      late(this.#resolve(best?.address ?? attributes.get('href')), best === undefined ? 'img' : 'srcset');
    }
  }

  #readImg(attributes: Attributes): void {
    const candidates = [...(this.#sources ?? []), ...imgCandidates(attributes)];
    if (this.#sources !== null) this.#sources = [];
    if (isPixel(attributes)) return;
    const caption =
      attributes.get('alt')?.trim() || attributes.get('title')?.trim() || attributes.get('aria-label') || null;
    this.#addBest(candidates, caption);
  }

  /** A `<picture>` without `<img>` shows nothing in a browser, but scripts put one there. */
  #finishPicture(): void {
    const sources = this.#sources;
    this.#sources = null;
    if (sources !== null && sources.length > 0) this.#addBest(sources, null);
  }

  #addBest(candidates: readonly ImageCandidate[], caption: string | null): void {
    const bestIndex = bestCandidate(candidates);
    if (bestIndex === -1) return;
    const resolved = candidates.slice(0, 1000).map(({ address }) => this.#resolve(address));
    const best = resolved[bestIndex] ?? resolved.find((url) => url !== null) ?? null;
    if (best === null) return;
    const linked = this.#linkedImage;
    const isThumbnail = linked !== null && !linked.hasThumbnail && linked.url !== best;
    if (isThumbnail) {
      linked.hasThumbnail = true;
      this.#images.describe(linked.url, { caption });
    } else if (!this.#images.isVariant(best)) {
      this.#images.add(best, candidates[bestIndex]!.mention, { caption });
    }
    const kept = isThumbnail ? linked.url : best;
    for (const url of resolved) if (url !== null) this.#images.addVariant(url, kept);
  }

  #addSingle(address: string | undefined, mention: ImageMention): void {
    const url = this.#resolve(address);
    if (url !== null && !this.#images.isVariant(url)) this.#images.add(url, mention);
  }

  #readAnchor(attributes: Attributes, hasContent: boolean): void {
    if (hasContent) this.#linkedImage = null;
    const relations = relationsOf(attributes);
    const url = this.#resolve(attributes.get('href'));
    if (url === null) return;
    if (relations.has('license') || relations.has('licence')) {
      const container = this.#containers.at(-1);
      if (container !== undefined) container.licence ??= url;
      return;
    }
    if (relations.has('nofollow') || this.#isNofollow) return;
    if (!looksLikeImage(url)) {
      this.#addResolvedLink(url);
      return;
    }
    if (this.#images.isVariant(url)) return;
    this.#images.add(url, 'link', { caption: attributes.get('title') ?? null });
    if (hasContent) this.#linkedImage = { url, hasThumbnail: false };
  }

  #addLink(address: string | undefined): void {
    const url = this.#resolve(address);
    if (url !== null) this.#addResolvedLink(url);
  }

  #addResolvedLink(url: string): void {
    if (url === this.#pageUrl || this.#links.has(url)) return;
    if (this.#links.size >= this.#maxLinks) this.#isTruncated = true;
    else this.#links.add(url);
  }

  /** Gallery scripts keep addresses in data attributes and inline backgrounds of any element. */
  #readGallery(attributes: Attributes): void {
    if (attributes.size === 0) return;
    for (const name of GALLERY_ATTRIBUTES) {
      const address = imageLike(attributes.get(name));
      if (address === undefined) continue;
      this.#addSingle(address, 'lazy');
      break;
    }
    const style = attributes.get('style');
    if (style === undefined || !/background/i.test(style)) return;
    const found = /background[^;]{0,200}?url\(\s{0,9}(?:"([^"]*)"|'([^']*)'|([^)\s"']*))\s{0,9}\)/i.exec(
      style.slice(0, 4096),
    );
    this.#addSingle(found?.[1] ?? found?.[2] ?? found?.[3], 'style');
  }

  #collectText(element: string, limit: number): void {
    this.#finishText();
    this.#text = { element, limit, length: 0, pieces: [] };
  }

  #finishText(): void {
    const target = this.#text;
    this.#text = null;
    if (target === null) return;
    const text = target.pieces.join('');
    if (target.element === 'title') {
      this.#title = tidyText(text);
    } else if (target.element === 'figcaption') {
      const figure = this.#containers.findLast(({ name }) => name === 'figure');
      if (figure !== undefined) figure.caption ??= text;
    } else if (target.length <= target.limit) {
      for (const image of readJsonLd(text)) {
        const url = this.#resolve(image.url);
        if (url !== null) this.#addLate({ ...image, url, mention: 'json-ld' });
      }
    }
  }

  /** Closes the innermost container of the name and those left open inside it. */
  #closeContainer(name: string): void {
    const position = this.#containers.findLastIndex((container) => container.name === name);
    if (position === -1) return;
    for (const { firstImage, licence, caption } of this.#containers.splice(position).reverse()) {
      if (licence !== null || caption !== null) this.#images.describeFrom(firstImage, { licence, caption });
    }
  }
}
