/** What one connection may take: a client that dawdles or floods holds nothing up. */

import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError, FastifyInstance, FastifyReply } from 'fastify';

export interface Limits {
  /** For the headers of a request to arrive, from the first byte of the connection on. */
  readonly headersMs: number;
  /** For the body of a request to arrive; files that are sent have none, since they may be large. */
  readonly bodyMs: number;
  /** A connection on which nothing moves ends, unless an answer is being worked out. */
  readonly idleMs: number;
}

export const DEFAULT_LIMITS: Limits = { headersMs: 15_000, bodyMs: 60_000, idleMs: 60_000 };

/** Headers of one request, its address among them. */
export const MAX_HEADER_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 512;
/** How often slow headers are looked for. */
export const CHECK_EVERY_MS = 1_000;

/** Ends connections that break the limits. Call before any other hook is added. */
export function addLimits(app: FastifyInstance, { bodyMs, idleMs }: Limits): void {
  const answers = new WeakMap<Socket, FastifyReply>();
  app.server.maxConnections = MAX_CONNECTIONS;
  app.server.setTimeout(idleMs);
  app.server.on('timeout', (socket: Socket) => {
    const answer = answers.get(socket);
    // The core is at work: whoever waits for it is not idle. An answer that is not taken is not being worked out.
    const isWorking = answer?.request.raw.complete && !answer.raw.writableEnded && !answer.raw.writableNeedDrain;
    if (!isWorking) socket.destroy();
  });
  app.addHook('onRequest', async (request, reply) => {
    answers.set(request.raw.socket, reply);
    const isFile = request.method === 'PUT' && request.url.startsWith('/uploads/');
    if (request.raw.complete || isFile) return;
    const timer = setTimeout(() => {
      if (!request.raw.complete) request.raw.socket.destroy();
    }, bodyMs);
    request.raw.once('close', () => clearTimeout(timer));
  });
}

/** Answers what is no HTTP, too long or too slow before any route sees it, and ends the connection. */
export function answerBrokenRequest(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = brokenRequest(error.code);
  const body = JSON.stringify({ code: 'bad-request', message, details: {} });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `x-content-type-options: nosniff\r\nconnection: close\r\n\r\n${body}`,
  );
}

function brokenRequest(code: string | undefined): readonly [number, string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return [431, `Expected headers of at most ${MAX_HEADER_BYTES} bytes.`];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, 'Expected the request sooner.'];
    default:
      return [400, 'Expected a request of HTTP/1.1.'];
  }
}
