/** Turns the text of a sitemap or feed, in pieces, into the addresses it names. State only; no input and output. */

import { Parser } from 'htmlparser2';
import { looksLikeImage } from '../../shared/image-address.ts';
import { tidyText } from './image-list.ts';
import type { SitemapExtract } from './types.ts';

/** Deeper documents are no sitemaps; the parser's cost grows with the depth. */
const MAX_DEPTH = 64;
/** Longest text of an element that is kept, in characters. */
const MAX_TEXT_LENGTH = 4096;
/** An unfinished line or tag of a document without line ends or `>` is given up at this many characters. */
const MAX_PENDING_LENGTH = 1024 * 1024;
/** Images of one page that wait for its address; Google's extension allows 1,000. */
const MAX_IMAGES_PER_PAGE = 10_000;

interface FoundImage {
  readonly url: string;
  caption: string | null;
  licence: string | null;
}

export class FeedReader {
  readonly #url: string;
  readonly #maxEntries: number;
  readonly #sitemaps = new Set<string>();
  readonly #pages = new Set<string>();
  readonly #images = new Map<string, SitemapExtract['images'][number]>();
  #isTruncated = false;
  #isStopped = false;
  /** Known after the first character that is no white space. */
  #kind: 'unknown' | 'xml' | 'text' = 'unknown';
  #line = '';
  #parser: Parser | null = null;
  /** Characters written since the last tag or text, which the parser keeps. */
  #pendingLength = 0;
  /** Local names of the open elements, outermost first. */
  readonly #path: string[] = [];
  #text = '';
  #page: string | null = null;
  #pageImages: FoundImage[] = [];
  #image: { url: string | null; caption: string | null; title: string | null; licence: string | null } | null = null;

  /** @param url address of the document, for relative addresses in feeds */
  constructor(url: string, maxEntries: number) {
    this.#url = url;
    this.#maxEntries = maxEntries;
  }

  /** True when nothing that follows can add anything. */
  get isFinished(): boolean {
    return this.#isStopped;
  }

  write(piece: string): void {
    if (this.#isStopped) return;
    if (this.#kind === 'unknown') {
      const start = piece.replace(/^[\s\uFEFF]+/, '');
      if (start === '') return;
      this.#kind = start.startsWith('<') ? 'xml' : 'text';
      this.#writeKnown(start);
    } else {
      this.#writeKnown(piece);
    }
  }

  finish(): SitemapExtract {
    if (!this.#isStopped) {
      if (this.#kind === 'text') this.#addPage(this.#resolve(this.#line));
      this.#parser?.end();
      this.#finishPage();
    }
    return {
      sitemaps: [...this.#sitemaps],
      pages: [...this.#pages],
      images: [...this.#images.values()],
      truncated: this.#isTruncated,
    };
  }

  #writeKnown(piece: string): void {
    if (this.#kind === 'xml') {
      this.#parser ??= this.#createParser();
      this.#pendingLength += piece.length;
      this.#parser.write(piece);
      if (this.#pendingLength > MAX_PENDING_LENGTH) this.#stop();
      return;
    }
    const lines = (this.#line + piece).split(/\r\n|\n|\r/);
    this.#line = lines.pop()!;
    for (const line of lines) {
      if (!line.startsWith('#')) this.#addPage(this.#resolve(line));
      if (this.#isStopped) return;
    }
    if (this.#line.length > MAX_PENDING_LENGTH) this.#stop();
  }

  #stop(): void {
    this.#finishPage();
    this.#isTruncated = true;
    this.#isStopped = true;
    this.#parser?.pause();
  }

  #createParser(): Parser {
    const progress = (): void => {
      this.#pendingLength = 0;
    };
    return new Parser(
      {
        onopentag: (name, attributes) => {
          progress();
          if (!this.#isStopped) this.#openTag(name, attributes);
        },
        onclosetag: (name) => {
          progress();
          if (!this.#isStopped) this.#closeTag(localName(name));
        },
        ontext: (text) => {
          progress();
          if (this.#text.length < MAX_TEXT_LENGTH) this.#text += text;
        },
        oncomment: progress,
        onprocessinginstruction: progress,
      },
      { xmlMode: true, decodeEntities: true },
    );
  }

  #openTag(name: string, attributes: Readonly<Record<string, string>>): void {
    const local = localName(name);
    this.#path.push(local);
    this.#text = '';
    if (this.#path.length > MAX_DEPTH) {
      this.#stop();
      return;
    }
    switch (local) {
      case 'url':
      case 'item':
      case 'entry':
        this.#finishPage();
        break;
      case 'image':
        // RSS has an <image> of the channel: the feed's logo.
        this.#image = this.#path.includes('url') ? { url: null, caption: null, title: null, licence: null } : null;
        break;
      case 'enclosure':
        this.#readEnclosure(attributes.url, attributes.type, undefined);
        break;
      case 'content':
        // Atom's own <content> has a type but no url.
        this.#readEnclosure(attributes.url, attributes.type, attributes.medium);
        break;
      case 'link':
        this.#readAtomLink(attributes);
        break;
      default:
        break;
    }
  }

  #closeTag(local: string): void {
    if (this.#path.at(-1) !== local) return;
    this.#path.pop();
    const parent = this.#path.at(-1);
    const text = this.#text.length > MAX_TEXT_LENGTH ? '' : this.#text;
    this.#text = '';
    if (local === 'loc') this.#readLocation(text, parent);
    else if (local === 'link' && parent === 'item') this.#page ??= this.#resolve(text);
    else if (local === 'url' || local === 'item' || local === 'entry') this.#finishPage();
    else if (local === 'image') this.#finishImage();
    else if (this.#image !== null && parent === 'image') {
      if (local === 'caption') this.#image.caption = text;
      else if (local === 'title') this.#image.title = text;
      else if (local === 'license' || local === 'licence') this.#image.licence = text;
    }
  }

  #readLocation(text: string, parent: string | undefined): void {
    const url = this.#resolve(text);
    if (parent === 'image' && this.#image !== null) this.#image.url = url;
    else if (parent === 'sitemap') this.#add(this.#sitemaps, url);
    else if (parent === 'url') this.#page ??= url;
  }

  #readEnclosure(address: string | undefined, type: string | undefined, medium: string | undefined): void {
    const url = address === undefined ? null : this.#resolve(address);
    if (url === null) return;
    const kind = medium ?? type?.split('/', 1)[0];
    if (kind === undefined || kind === '' ? looksLikeImage(url) : kind.trim().toLowerCase() === 'image') {
      this.#holdImage({ url, caption: null, licence: null });
    }
  }

  #readAtomLink(attributes: Readonly<Record<string, string>>): void {
    const relation = attributes.rel ?? 'alternate';
    if (this.#path.at(-2) !== 'entry' || attributes.href === undefined) return;
    if (relation === 'enclosure') this.#readEnclosure(attributes.href, attributes.type, undefined);
    else if (relation === 'alternate') this.#page ??= this.#resolve(attributes.href);
  }

  #finishImage(): void {
    const image = this.#image;
    this.#image = null;
    if (image === null || image.url === null) return;
    const caption = tidyText(image.caption) ?? tidyText(image.title);
    this.#holdImage({ url: image.url, caption, licence: tidyText(image.licence) });
  }

  #holdImage(image: FoundImage): void {
    if (this.#pageImages.length < MAX_IMAGES_PER_PAGE) this.#pageImages.push(image);
    else this.#isTruncated = true;
  }

  #finishPage(): void {
    const page = this.#page;
    const images = this.#pageImages;
    this.#page = null;
    this.#pageImages = [];
    this.#addPage(page);
    for (const { url, caption, licence } of images) {
      if (this.#images.has(url)) continue;
      if (!this.#hasRoom()) return;
      this.#images.set(url, { url, pageUrl: page ?? this.#url, caption, licence });
    }
  }

  #addPage(url: string | null): void {
    this.#add(this.#pages, url);
  }

  #add(to: Set<string>, url: string | null): void {
    if (url !== null && !to.has(url) && this.#hasRoom()) to.add(url);
  }

  #hasRoom(): boolean {
    if (this.#sitemaps.size + this.#pages.size + this.#images.size < this.#maxEntries) return true;
    this.#isTruncated = true;
    this.#isStopped = true;
    this.#parser?.pause();
    return false;
  }

  /** Absolute, http or https; null otherwise. Text sitemaps must not turn prose into relative addresses. */
  #resolve(address: string): string | null {
    const trimmed = address.trim();
    if (trimmed === '' || trimmed.length > MAX_TEXT_LENGTH) return null;
    const url = this.#kind === 'text' ? URL.parse(trimmed) : URL.parse(trimmed, this.#url);
    return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') ? url.href : null;
  }
}

/** Without the namespace prefix, lower case: `image:loc` is `loc`. */
function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1).toLowerCase();
}
