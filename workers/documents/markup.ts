/**
 * One pass over HTML. It uses htmlparser2's tokenizer, not its parser: the parser keeps a stack of open elements that it
 * searches on each closing tag, which takes quadratic time on a page of unclosed tags, and nothing here needs a tree.
 */

import { QuoteType, Tokenizer, type TokenizerCallbacks } from 'htmlparser2';

/** Attributes of a tag by lower-case name; the first of equal names counts, as in browsers. */
export type Attributes = ReadonlyMap<string, string>;

export interface MarkupHandler {
  /** @param name lower case */
  openTag(name: string, attributes: Attributes): void;
  /** Called for closing tags as they stand in the text, matched or not. */
  closeTag(name: string): void;
  /** Text with entities decoded, in pieces; the contents of script and style too. */
  text(piece: string): void;
}

/** More attributes on one tag are ignored. */
const MAX_ATTRIBUTES = 200;

/** Reads a whole HTML text and reports what is in it, in order. Linear in its length; never throws of itself. */
export function scanMarkup(html: string, handler: MarkupHandler): void {
  let tagName = '';
  let attributes = new Map<string, string>();
  let attributeName = '';
  let value: string[] = [];

  const finishOpenTag = (): void => {
    if (tagName === '') return;
    const name = tagName;
    tagName = '';
    handler.openTag(name, attributes);
  };
  const callbacks: TokenizerCallbacks = {
    onopentagname(start, end) {
      tagName = html.slice(start, end).toLowerCase();
      attributes = new Map();
    },
    onattribname(start, end) {
      attributeName = html.slice(start, end).toLowerCase();
      value = [];
    },
    onattribdata(start, end) {
      value.push(html.slice(start, end));
    },
    onattribentity(codepoint) {
      value.push(String.fromCodePoint(codepoint));
    },
    onattribend(quote) {
      if (attributes.size >= MAX_ATTRIBUTES || attributes.has(attributeName)) return;
      attributes.set(attributeName, quote === QuoteType.NoValue ? '' : value.join(''));
    },
    onopentagend() {
      finishOpenTag();
    },
    onselfclosingtag() {
      finishOpenTag();
    },
    onclosetag(start, end) {
      handler.closeTag(html.slice(start, end).toLowerCase());
    },
    ontext(start, end) {
      handler.text(html.slice(start, end));
    },
    ontextentity(codepoint) {
      handler.text(String.fromCodePoint(codepoint));
    },
    oncdata(start, end, endOffset) {
      handler.text(html.slice(start, end - endOffset));
    },
    oncomment() {},
    ondeclaration() {},
    onprocessinginstruction() {},
    onend() {},
  };
  // `<title/>` and `<style/>` inside an inline SVG must not swallow the rest of the page.
  const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true, recognizeSelfClosing: true }, callbacks);
  tokenizer.write(html);
  tokenizer.end();
}
