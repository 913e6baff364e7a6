/** Bytes of a document to text, by the order of the WHATWG: byte order mark, transport, declaration inside, content. */

/** How far into the document a declaration is looked for, in bytes. Browsers stop at 1,024; real pages do not. */
const DECLARATION_BYTES = 4096;
const DECLARATION = /<(?:meta\s[^>]{0,500}?charset|\?xml\s[^>]{0,200}?encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})/i;

/**
 * Never throws: unknown labels are passed over, and malformed sequences become U+FFFD.
 * Without any declaration it is UTF-8 when the bytes are valid UTF-8, else windows-1252.
 *
 * @param contentType the Content-Type header; null when absent
 */
export function decodeDocument(bytes: Uint8Array, contentType: string | null): string {
  const label = byteOrderMark(bytes) ?? knownLabel(headerCharset(contentType)) ?? knownLabel(declaredCharset(bytes));
  return new TextDecoder(label ?? guessCharset(bytes)).decode(bytes);
}

/** The encoding that a byte order mark states; null without one. */
export function byteOrderMark(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return null;
}

/** The label of an XML or HTML declaration in the first bytes, when a decoder for it exists; null otherwise. */
export function declaredEncoding(bytes: Uint8Array): string | null {
  return knownLabel(declaredCharset(bytes));
}

function headerCharset(contentType: string | null): string | null {
  return /;\s*charset\s*=\s*["']?\s*([^\s"';,]{1,40})/i.exec((contentType ?? '').slice(0, 1000))?.[1] ?? null;
}

function declaredCharset(bytes: Uint8Array): string | null {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, DECLARATION_BYTES));
  const label = DECLARATION.exec(start)?.[1] ?? null;
  // A declaration that could be read as ASCII is not in UTF-16, whatever it says.
  return label !== null && /^utf-?16/i.test(label) ? 'utf-8' : label;
}

function knownLabel(label: string | null): string | null {
  if (label === null) return null;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}

function guessCharset(bytes: Uint8Array): string {
  try {
    // `stream` forgives a sequence that the end of the bytes cuts.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}
