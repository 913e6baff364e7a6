/** Every way a server can misbehave that speaks HTTP at all, each under its name. `raw-faults.ts` has the others. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { RAW_FAULTS } from './raw-faults.ts';
import { send } from './site-server.ts';

/** What a fault may use. */
export interface FaultContext {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** `http://ADDRESS:PORT` of the faulty site. */
  readonly origin: string;
  /** A small honest JPEG. */
  readonly jpeg: Buffer;
  /** How often this path was asked for before. */
  readonly visits: number;
  /** The part of the path after the fault's name, such as `/3`; empty for the fault itself. */
  readonly rest: string;
}

/** How one fetch of it, without any retry, ends when done well. */
export interface Fault {
  readonly expect: 'ok' | 'transient' | 'permanent' | 'refused';
  /** The code of the vocabulary; null for success. */
  readonly reason: string | null;
  /** True when it is ended only by a deadline of the client. */
  readonly endless?: true;
  readonly serve: (context: FaultContext) => void;
}

/** Quick, where the default takes a third of a second a picture. */
function brotli(body: Buffer): Buffer {
  return brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } });
}

const BOMB_BYTES = 80 * 1024 * 1024;

/** Made once each, when first asked for; each is 80 MiB of zeros in at most 400 kB. */
const bombs = new Map<string, Buffer>();
function bomb(encoding: string): Buffer {
  const known = bombs.get(encoding);
  if (known !== undefined) return known;
  const zeros = Buffer.alloc(BOMB_BYTES);
  const made = {
    gzip: () => gzipSync(zeros, { level: 1 }),
    deflate: () => deflateSync(zeros, { level: 1 }),
    'deflate-raw': () => deflateRawSync(zeros, { level: 1 }),
    br: () =>
      brotliCompressSync(zeros, {
        params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_QUALITY]: 5 },
      }),
    zstd: () => zstdCompressSync(zeros),
    'gzip, gzip': () => gzipSync(bomb('gzip'), { level: 9 }),
    'gzip, br': () => brotli(bomb('gzip')),
  }[encoding]!();
  bombs.set(encoding, made);
  return made;
}

function sendBomb(encoding: string, header = encoding): Fault {
  return {
    expect: 'refused',
    reason: 'too-large',
    serve: ({ response }) => send(response, 200, 'image/jpeg', bomb(encoding), { 'content-encoding': header }),
  };
}

function status(code: number, expect: Fault['expect'] = 'permanent'): Fault {
  return { expect, reason: `http-${code}`, serve: ({ response }) => send(response, code, 'text/plain', String(code)) };
}

function redirect(
  code: number,
  target: (context: FaultContext) => string,
  fault: Pick<Fault, 'expect' | 'reason'>,
): Fault {
  return {
    ...fault,
    serve: (context) => {
      context.response.writeHead(code, { location: target(context), 'content-length': 0 });
      context.response.end();
    },
  };
}

function encoded(header: string, encode: (body: Buffer) => Buffer): Fault {
  return {
    expect: 'ok',
    reason: null,
    serve: ({ response, jpeg }) => send(response, 200, 'image/jpeg', encode(jpeg), { 'content-encoding': header }),
  };
}

/** 429 or 503 on the first visit, the picture afterwards. */
function unlessAskedAgain(code: number, retryAfter: () => string): Fault {
  return {
    expect: 'transient',
    reason: `http-${code}`,
    serve: ({ response, jpeg, visits }) => {
      if (visits > 0) send(response, 200, 'image/jpeg', jpeg);
      else send(response, code, 'text/plain', 'later', { 'retry-after': retryAfter() });
    },
  };
}

/** Writes a little again and again until the other side leaves. */
function trickle(response: ServerResponse, chunk: Uint8Array, everyMs: number): void {
  const timer = setInterval(() => response.write(chunk), everyMs);
  response.once('close', () => clearInterval(timer));
}

const refusedAddress = { expect: 'refused', reason: 'address-refused' } as const;
const refusedScheme = { expect: 'refused', reason: 'scheme-refused' } as const;
const tooMany = { expect: 'permanent', reason: 'too-many-redirects' } as const;
const fine = { expect: 'ok', reason: null } as const;

/** Each is served below `/fault/NAME` of the faulty site. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'not-found': status(404),
  gone: status(410),
  forbidden: status(403),
  unauthorised: status(401),
  'internal-error': status(500),
  'bad-gateway': status(502, 'transient'),
  'gateway-timeout': status(504, 'transient'),
  'always-unavailable': status(503, 'transient'),
  'always-too-many': status(429, 'transient'),
  'too-many-once-seconds': unlessAskedAgain(429, () => '1'),
  'too-many-once-date': unlessAskedAgain(429, () => new Date(Date.now() + 2_000).toUTCString()),
  'too-many-once-malformed': unlessAskedAgain(429, () => 'soon'),
  'unavailable-once': unlessAskedAgain(503, () => '1'),

  'slow-head': {
    expect: 'transient',
    reason: 'timeout',
    endless: true,
    serve: () => {}, // never answers
  },
  'slow-body': {
    expect: 'transient',
    reason: 'too-slow',
    endless: true,
    serve: ({ response, jpeg }) => {
      response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': jpeg.length });
      response.write(jpeg.subarray(0, 100)); // and then nothing
    },
  },
  'trickled-body': {
    expect: 'transient',
    reason: 'too-slow',
    endless: true,
    serve: ({ response }) => {
      response.writeHead(200, { 'content-type': 'image/jpeg' });
      trickle(response, Buffer.from([0xff]), 20);
    },
  },
  'trickled-error-body': {
    expect: 'permanent',
    reason: 'http-404',
    endless: true,
    serve: ({ response }) => {
      response.writeHead(404, { 'content-type': 'text/html' });
      trickle(response, Buffer.from('.'), 20);
    },
  },
  'endless-early-hints': {
    expect: 'transient',
    reason: 'timeout',
    endless: true,
    serve: ({ response }) => {
      const timer = setInterval(() => response.writeEarlyHints({ link: '</a.css>; rel=preload' }), 10);
      response.once('close', () => clearInterval(timer));
    },
  },
  'endless-body': {
    expect: 'refused',
    reason: 'too-large',
    serve: ({ response }) => {
      response.writeHead(200, { 'content-type': 'image/jpeg' });
      const chunk = Buffer.alloc(64 * 1024, 0x55);
      const pump = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', pump);
      pump();
    },
  },
  'endless-error-body': {
    expect: 'permanent',
    reason: 'http-404',
    serve: ({ response }) => {
      response.writeHead(404, { 'content-type': 'text/html' });
      const pump = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', pump);
      pump();
    },
  },
  'announced-too-large': {
    expect: 'refused',
    reason: 'too-large',
    serve: ({ response }) => {
      response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': 1e12 });
      response.write('x');
    },
  },
  'empty-body': { ...fine, serve: ({ response }) => send(response, 200, 'image/jpeg', '') },
  'no-content': {
    ...fine,
    serve: ({ response }) => {
      response.writeHead(204);
      response.end();
    },
  },

  'redirect-chain': redirect(
    302,
    ({ rest, origin }) => {
      const step = Number(rest.slice(1) || '0');
      return step < 4 ? `${origin}/fault/redirect-chain/${step + 1}` : `${origin}/picture.jpg`;
    },
    fine,
  ),
  'redirect-relative': redirect(301, () => '../picture.jpg#there', fine),
  'redirect-307': redirect(307, () => '/picture.jpg', fine),
  'redirect-308': redirect(308, () => '/picture.jpg', fine),
  'redirect-303': redirect(303, () => '/picture.jpg', fine),
  'redirect-loop': redirect(302, () => '/fault/redirect-loop', tooMany),
  'redirect-pair': redirect(
    302,
    ({ rest }) => (rest === '' ? '/fault/redirect-pair/b' : '/fault/redirect-pair'),
    tooMany,
  ),
  'redirect-maze': redirect(302, ({ rest }) => `/fault/redirect-maze/${Number(rest.slice(1) || '0') + 1}`, tooMany),
  'redirect-nowhere': {
    expect: 'permanent',
    reason: 'bad-redirect',
    serve: ({ response }) => send(response, 302, 'text/plain', ''),
  },
  'redirect-nonsense': redirect(302, () => 'http://', { expect: 'permanent', reason: 'bad-redirect' }),
  'redirect-loopback': redirect(302, () => 'http://127.0.0.1:9/', refusedAddress),
  'redirect-localhost': redirect(302, () => 'http://localhost:9/', refusedAddress),
  'redirect-private': redirect(301, () => 'http://10.0.0.1/', refusedAddress),
  'redirect-metadata': redirect(307, () => 'http://169.254.169.254/latest/meta-data/', refusedAddress),
  'redirect-metadata-v6': redirect(302, () => 'http://[::ffff:a9fe:a9fe]/', refusedAddress),
  'redirect-octal': redirect(302, () => 'http://0177.0.0.1:9/', refusedAddress),
  'redirect-decimal': redirect(302, () => '//2130706433:9/', refusedAddress),
  'redirect-file': redirect(302, () => 'file:///etc/passwd', refusedScheme),
  'redirect-ftp': redirect(302, () => 'ftp://127.0.0.1/a.jpg', refusedScheme),
  'redirect-gopher': redirect(302, () => 'gopher://127.0.0.1:9/_x', refusedScheme),
  'redirect-data': redirect(302, () => 'data:image/gif;base64,R0lGOD', refusedScheme),
  'redirect-javascript': redirect(302, () => 'javascript:alert(1)', refusedScheme),

  'html-as-jpeg': {
    ...fine,
    serve: ({ response }) => send(response, 200, 'image/jpeg', '<html><body>no picture</body></html>'),
  },
  'jpeg-as-text': { ...fine, serve: ({ response, jpeg }) => send(response, 200, 'text/plain', jpeg) },
  'jpeg-as-html': { ...fine, serve: ({ response, jpeg }) => send(response, 200, 'text/html', jpeg) },
  'no-type': {
    ...fine,
    serve: ({ response, jpeg }) => {
      response.writeHead(200, { 'content-length': jpeg.length });
      response.end(jpeg);
    },
  },

  'honest-gzip': encoded('gzip', (body) => gzipSync(body)),
  'honest-x-gzip': encoded('x-gzip', (body) => gzipSync(body)),
  'honest-deflate': encoded('deflate', (body) => deflateSync(body)),
  'honest-raw-deflate': encoded('deflate', (body) => deflateRawSync(body)),
  'honest-brotli': encoded('br', brotli),
  'honest-zstd': encoded('zstd', (body) => zstdCompressSync(body)),
  'honest-stacked': encoded('gzip, br', (body) => brotli(gzipSync(body))),
  'honest-identity': encoded('identity', (body) => body),
  'three-encodings': {
    expect: 'permanent',
    reason: 'protocol-error',
    serve: ({ response, jpeg }) =>
      send(response, 200, 'image/jpeg', gzipSync(gzipSync(gzipSync(jpeg))), { 'content-encoding': 'gzip, gzip, gzip' }),
  },
  'unknown-encoding': {
    expect: 'permanent',
    reason: 'protocol-error',
    serve: ({ response, jpeg }) => send(response, 200, 'image/jpeg', jpeg, { 'content-encoding': 'rot13' }),
  },
  'false-gzip': {
    expect: 'permanent',
    reason: 'protocol-error',
    serve: ({ response, jpeg }) => send(response, 200, 'image/jpeg', jpeg, { 'content-encoding': 'gzip' }),
  },
  'cut-gzip': cutEncoding('gzip', (body) => gzipSync(body)),
  'cut-brotli': cutEncoding('br', brotli),
  'cut-zstd': cutEncoding('zstd', (body) => zstdCompressSync(body)),
  'bomb-gzip': sendBomb('gzip'),
  'bomb-deflate': sendBomb('deflate'),
  'bomb-raw-deflate': sendBomb('deflate-raw', 'deflate'),
  'bomb-brotli': sendBomb('br'),
  'bomb-zstd': sendBomb('zstd'),
  'bomb-gzip-gzip': sendBomb('gzip, gzip'),
  'bomb-gzip-brotli': sendBomb('gzip, br'),

  ...RAW_FAULTS,
};

function cutEncoding(header: string, encode: (body: Buffer) => Buffer): Fault {
  return {
    expect: 'transient',
    reason: 'truncated-body',
    serve: ({ response, jpeg }) => {
      const whole = encode(jpeg);
      send(response, 200, 'image/jpeg', whole.subarray(0, whole.length >> 1), { 'content-encoding': header });
    },
  };
}
