/** Reads `srcset` attributes. Source: WHATWG HTML, "parse a srcset attribute" (section 4.8.4.3.10 and following). */

export interface SrcsetCandidate {
  readonly url: string;
  /** Value of the `w` descriptor in pixels; null when absent. */
  readonly width: number | null;
  /** Value of the `x` descriptor; null when absent, which means 1. */
  readonly density: number | null;
}

/** HTML's ASCII whitespace; `\s` would also split at no-break spaces. */
const WHITESPACE = ' \t\n\f\r';

/** The valid candidates in their order. Malformed ones are left out, as a browser leaves them out. Never throws. */
export function parseSrcset(input: string): SrcsetCandidate[] {
  const candidates: SrcsetCandidate[] = [];
  let position = 0;
  for (;;) {
    while (position < input.length && (input[position] === ',' || WHITESPACE.includes(input[position]!))) position++;
    if (position >= input.length) return candidates;
    const start = position;
    while (position < input.length && !WHITESPACE.includes(input[position]!)) position++;
    let end = position;
    while (end > start && input[end - 1] === ',') end--;
    const url = input.slice(start, end);
    let descriptors: string[] = [];
    if (end === position) {
      const scanned = scanDescriptors(input, position);
      descriptors = scanned.descriptors;
      position = scanned.position;
    }
    const candidate = readDescriptors(url, descriptors);
    if (candidate !== null) candidates.push(candidate);
  }
}

/** Tokens up to the next comma outside parentheses; the position is behind that comma. */
function scanDescriptors(input: string, from: number): { descriptors: string[]; position: number } {
  const descriptors: string[] = [];
  let position = from;
  let start = -1;
  let inParentheses = false;
  const finish = (): void => {
    if (start !== -1) descriptors.push(input.slice(start, position));
    start = -1;
  };
  for (; position < input.length; position++) {
    const character = input[position]!;
    if (inParentheses) {
      if (character === ')') inParentheses = false;
    } else if (WHITESPACE.includes(character)) {
      finish();
    } else if (character === ',') {
      finish();
      return { descriptors, position: position + 1 };
    } else {
      if (start === -1) start = position;
      // A parenthesis that opens a token is part of an ordinary token in the specification's "after descriptor" state too.
      if (character === '(') inParentheses = true;
    }
  }
  finish();
  return { descriptors, position };
}

/** Null when the descriptors are in error: unknown, doubled, zero or negative, `w` beside `x`, `h` without `w`. */
function readDescriptors(url: string, descriptors: readonly string[]): SrcsetCandidate | null {
  let width: number | null = null;
  let density: number | null = null;
  let height: number | null = null;
  for (const descriptor of descriptors) {
    const unit = descriptor.at(-1);
    const value = descriptor.slice(0, -1);
    if (unit === 'w' && /^[0-9]+$/.test(value)) {
      if (width !== null || density !== null) return null;
      width = Number(value);
      if (width === 0) return null;
    } else if (unit === 'x' && /^-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(value)) {
      if (width !== null || density !== null || height !== null) return null;
      density = Number(value);
      if (density < 0) return null;
    } else if (unit === 'h' && /^[0-9]+$/.test(value)) {
      if (height !== null || density !== null) return null;
      height = Number(value);
      if (height === 0) return null;
    } else {
      return null;
    }
  }
  return height !== null && width === null ? null : { url, width, density };
}
