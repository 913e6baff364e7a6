/**
 * `pix://app/`: the built interface, and the library's images below `/media/`. Nothing else is ever loaded into the window,
 * and no address names a path: files are found in a list of what was built, images by their hash.
 */

import { randomBytes } from 'node:crypto';
import { type Dirent, readdirSync } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { CustomScheme, Protocol } from 'electron';
import { NONCE_PLACE, pagePolicy, SECURITY_HEADERS } from '../shared/content-security-policy.ts';
import type { MediaAnswer, MediaKind, MediaRequest } from '../shared/media.ts';

const SCHEME = 'pix';
const HOST = 'app';
export const INTERFACE_ORIGIN = `${SCHEME}://${HOST}`;

/**
 * To be registered before Electron is ready. CORS holds for it as for the web, and no answer lets another origin in.
 */
export const SCHEMES: readonly CustomScheme[] = [
  {
    scheme: SCHEME,
    privileges: {
      standard: true,
      secure: true,
      supportFetchAPI: true,
      corsEnabled: true,
      stream: true,
      codeCache: true,
    },
  },
];

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};
/** What the interface calls its places: whatever else is asked is no page. */
const PAGE = /^\/(?:[a-z0-9-]+(?:\/[a-z0-9-]+)*\/?)?$/;
const OWN = /^\/(?:api|assets|health|media|uploads)(?:\/|$)/;
const MEDIA = /^\/media\/(thumb|image)\/([0-9a-f]{64})$/;
/** So much of a file is read ahead of whoever takes it. */
const PART_BYTES = 256 * 1024;

interface InterfaceOptions {
  /** The built interface; it may lie inside of an archive of the application. */
  readonly folderPath: string;
  /** Asks the core; rejects while there is none. */
  readonly askMedia: (request: MediaRequest) => Promise<MediaAnswer>;
}

/** Whether an address is a place of the interface: the one thing that may be shown in a window. */
export function isInterface(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && isOurs(url) && isPlace(url.pathname);
}

/** Answers for the scheme from now on. Electron must be ready. */
export function serveInterface(protocol: Pick<Protocol, 'handle'>, options: InterfaceOptions): void {
  protocol.handle(SCHEME, createAnswerer(options));
}

/** The answers themselves. Whatever is asked, it resolves. */
export function createAnswerer({ folderPath, askMedia }: InterfaceOptions): (request: Request) => Promise<Response> {
  let files: ReadonlyMap<string, string> | null = null;

  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, { allow: 'GET, HEAD' });
    const url = URL.parse(request.url);
    if (url === null || !isOurs(url)) return refusal(404);
    const isHead = request.method === 'HEAD';
    const { pathname } = url;
    try {
      const [, kind, sha256] = MEDIA.exec(pathname) ?? [];
      if (kind !== undefined && sha256 !== undefined) {
        return await mediaResponse(await askMedia(mediaRequest(kind as MediaKind, sha256, isHead, request.headers)));
      }
      files ??= listFiles(folderPath);
      const path = files.get(pathname);
      if (path !== undefined) return await fileResponse(pathname, path, isHead);
      if (isPlace(pathname)) return await pageResponse(folderPath, isHead);
      return refusal(404);
    } catch {
      return refusal(503);
    }
  };
}

function isOurs({ protocol, host, username, password }: URL): boolean {
  return protocol === `${SCHEME}:` && host === HOST && username === '' && password === '';
}

function isPlace(pathname: string): boolean {
  return PAGE.test(pathname) && !OWN.test(pathname);
}

function refusal(status: 404 | 405 | 503, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status, headers: { ...SECURITY_HEADERS, ...headers } });
}

/** What was built, by the address of each: a link that leads elsewhere is not in it. */
function listFiles(folderPath: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const add = (address: string, folder: string, isWanted: (entry: Dirent) => boolean) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isFile() && isWanted(entry)) files.set(`${address}${entry.name}`, join(folder, entry.name));
    }
  };
  add('/assets/', join(folderPath, 'assets'), ({ name }) => extname(name) in CONTENT_TYPES);
  add('/', folderPath, ({ name }) => extname(name) in CONTENT_TYPES && !name.endsWith('.html'));
  return files;
}

async function fileResponse(address: string, path: string, isHead: boolean): Promise<Response> {
  const bytes = await readFile(path);
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': CONTENT_TYPES[extname(path)] ?? 'application/octet-stream',
    'content-length': String(bytes.length),
    // The names of assets hold the hash of what is in them.
    ...(address.startsWith('/assets/') ? { 'cache-control': 'private, max-age=31536000, immutable' } : {}),
  };
  return new Response(isHead ? null : bytes, { headers });
}

async function pageResponse(folderPath: string, isHead: boolean): Promise<Response> {
  const html = await readFile(join(folderPath, 'index.html'), 'utf8');
  const nonce = randomBytes(16).toString('base64');
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy': pagePolicy(nonce),
  };
  return new Response(isHead ? null : html.replace(NONCE_PLACE, nonce), { headers });
}

function mediaRequest(kind: MediaKind, sha256: string, isHead: boolean, headers: Headers): MediaRequest {
  const named = (['range', 'if-range', 'if-none-match'] as const).flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { kind, sha256, isHead, headers: Object.fromEntries(named) };
}

async function mediaResponse({ status, headers, body }: MediaAnswer): Promise<Response> {
  const init = { status, headers: { ...SECURITY_HEADERS, ...headers } };
  if (body === null || status === 304) return new Response(null, init);
  if (body instanceof Uint8Array) return new Response(Uint8Array.from(body), init);
  return new Response(await streamPart(body), init);
}

interface FilePart {
  readonly path: string;
  /** Both ends are included. */
  readonly start: number;
  readonly end: number;
}

/** Reads as it is taken, and stops when the page no longer wants it. @throws when the file cannot be opened */
async function streamPart({ path, start, end }: FilePart): Promise<ReadableStream<Uint8Array>> {
  const file = await open(path);
  let position = start;
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const bytes = await readPart(file, position, end);
          position += bytes.length;
          controller.enqueue(bytes);
          if (position <= end) return;
          await file.close();
          controller.close();
        } catch (error) {
          await file.close();
          controller.error(error);
        }
      },
      cancel: () => file.close(),
    },
    { highWaterMark: 1 },
  );
}

async function readPart(file: FileHandle, position: number, end: number): Promise<Uint8Array> {
  const length = Math.min(PART_BYTES, end + 1 - position);
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(length), 0, length, position);
  if (bytesRead === 0) throw new Error('The file is shorter than it was.');
  return buffer.subarray(0, bytesRead);
}
