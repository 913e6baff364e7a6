/**
 * Many plain sites for measurements: pictures from memory over kept connections, with a few headers, at a cost of some
 * microseconds each, so that a client on the same machine is not measured against its server.
 */

import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { draw, encode } from './draw.ts';
import { monotonicMs } from './site-server.ts';
import type { LocalSite, LoggedRequest } from './types.ts';

const DRAWN_FILES = 24;
const HEAD_END = '\r\n\r\n';

export interface BulkSites {
  readonly sites: readonly LocalSite[];
  close(): Promise<void>;
}

/** JPEGs of about 60 to 90 kB. */
async function drawFiles(seed: number): Promise<Buffer[]> {
  const files: Buffer[] = [];
  for (let index = 0; index < DRAWN_FILES; index++) {
    files.push((await encode(draw(seed * 7_919 + index, 500, 375), 'jpeg', { quality: 90 })).bytes);
  }
  return files;
}

/** A JPEG comment segment, which makes each copy of a file a content of its own. */
function comment(number: number): Buffer {
  const text = `copy ${String(number).padStart(9, '0')}`;
  const segment = Buffer.alloc(4 + text.length);
  segment.writeUInt16BE(0xfffe, 0);
  segment.writeUInt16BE(2 + text.length, 2);
  segment.write(text, 4, 'latin1');
  return segment;
}

function answer(status: string, contentType: string, body: string): string {
  const bytes = Buffer.byteLength(body);
  return `HTTP/1.1 ${status}\r\ncontent-type: ${contentType}\r\ncontent-length: ${bytes}${HEAD_END}${body}`;
}

/**
 * Serves `imageCount` pictures spread evenly over `hostCount` addresses from 127.1.0.1 on. Site k names its own at `/`
 * (all on one page) and serves picture i at `/i/NUMBER.jpg`, i counting over all sites; there is no robots.txt (404).
 *
 * @param log null keeps none
 */
export async function startBulkSites(
  seed: number,
  hostCount: number,
  imageCount: number,
  filePaths: readonly string[] | undefined,
  log: LoggedRequest[] | null,
): Promise<BulkSites> {
  const files =
    filePaths === undefined ? await drawFiles(seed) : await Promise.all(filePaths.map((path) => readFile(path)));
  const perHost = Math.ceil(imageCount / hostCount);
  const heads = files.map(
    (file) =>
      `HTTP/1.1 200 OK\r\ncontent-type: image/jpeg\r\ncontent-length: ${file.length + comment(0).length}${HEAD_END}`,
  );

  const respond = (socket: Socket, site: string, hostIndex: number, path: string): number => {
    const number = /^\/i\/(\d+)\.jpg$/.exec(path)?.[1];
    if (number !== undefined && Number(number) < imageCount) {
      const index = Number(number) % files.length;
      const file = files[index]!;
      socket.cork();
      socket.write(heads[index]!, 'latin1');
      socket.write(file.subarray(0, 2)); // start of image
      socket.write(comment(Number(number)));
      socket.write(file.subarray(2));
      socket.uncork();
      return 200;
    }
    if (path === '/') {
      const from = hostIndex * perHost;
      const count = Math.max(0, Math.min(perHost, imageCount - from));
      const images = Array.from({ length: count }, (_, each) => `<img src="/i/${from + each}.jpg">`);
      socket.write(answer('200 OK', 'text/html', `<!doctype html><title>${site}</title>${images.join('\n')}`));
      return 200;
    }
    socket.write(answer('404 Not Found', 'text/plain', 'not found'));
    return 404;
  };

  const sockets = new Set<Socket>();
  const serve = (socket: Socket, site: string, hostIndex: number): void => {
    let pending = '';
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      pending += text;
      for (let end = pending.indexOf(HEAD_END); end !== -1; end = pending.indexOf(HEAD_END)) {
        const [method = '', path = ''] = pending.slice(0, pending.indexOf('\r\n')).split(' ', 2);
        pending = pending.slice(end + HEAD_END.length);
        const atMs = log === null ? 0 : monotonicMs();
        const status = respond(socket, site, hostIndex, path);
        const remotePort = socket.remotePort ?? 0;
        log?.push({ site, method, path, atMs, endedAtMs: monotonicMs(), headers: {}, status, remotePort });
      }
    });
  };

  const servers: Server[] = [];
  const sites: LocalSite[] = [];
  for (let hostIndex = 0; hostIndex < hostCount; hostIndex++) {
    const name = `bulk-${hostIndex}`;
    const address = `127.1.${Math.floor(hostIndex / 250)}.${1 + (hostIndex % 250)}`;
    const server = createServer((socket) => serve(socket, name, hostIndex));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, address, 511, resolve);
    });
    const { port } = server.address() as AddressInfo;
    servers.push(server);
    sites.push({ name, address, port, host: `${address}:${port}`, origin: `http://${address}:${port}` });
  }
  return {
    sites,
    async close() {
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}
