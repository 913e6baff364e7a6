/** One HTTP server on one loopback address, with a log. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Handler, LocalSite, LoggedRequest } from './types.ts';

export interface SiteServer {
  readonly site: LocalSite;
  close(): Promise<void>;
}

/** Milliseconds on the machine's monotonic clock. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function startLog(site: string, request: IncomingMessage, response: ServerResponse, log: LoggedRequest[]): void {
  const entry: LoggedRequest = {
    site,
    method: request.method ?? '',
    path: request.url ?? '',
    atMs: monotonicMs(),
    endedAtMs: null,
    headers: request.headers,
    status: null,
    remotePort: request.socket.remotePort ?? 0,
  };
  log.push(entry);
  response.once('close', () => {
    entry.endedAtMs = monotonicMs();
    entry.status = response.headersSent ? response.statusCode : null;
  });
}

/**
 * Serves one site. The handler is made once the port is known, because pages name their own address.
 *
 * @param address a loopback address of its own
 * @param log entries are appended in the order of arrival
 */
export async function startSite(
  name: string,
  address: string,
  log: LoggedRequest[],
  makeHandler: (site: LocalSite) => Handler,
): Promise<SiteServer> {
  let handler: Handler | null = null;
  const sockets = new Set<Socket>();
  const server = createServer({ keepAliveTimeout: 30_000, requestTimeout: 0 }, (request, response) => {
    startLog(name, request, response, log);
    handler?.(request, response, new URL(request.url ?? '/', `http://${address}`));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = `${address}:${port}`;
  const site: LocalSite = { name, address, port, host, origin: `http://${host}` };
  handler = makeHandler(site);
  return {
    site,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Answers with a whole body. */
export function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string | string[]>> = {},
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length, ...headers });
  response.end(bytes);
}

export function sendHtml(
  response: ServerResponse,
  body: string,
  headers: Readonly<Record<string, string | string[]>> = {},
): void {
  const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Local</title></head><body>${body}</body></html>`;
  send(response, 200, 'text/html; charset=utf-8', page, headers);
}

export function sendNotFound(response: ServerResponse): void {
  send(response, 404, 'text/plain', 'not found');
}
