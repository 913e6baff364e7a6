/** A core on a data directory of its own, served on a real port; and requests as no well-behaved client makes them. */

import { cp, mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Core, openCore } from '../../core/index.ts';
import { createHttpClient, type HttpClient } from '../../sdk/client.ts';
import { createApp } from '../../server/app.ts';
import { DEFAULT_LIMITS, type Limits } from '../../server/limits.ts';

export const TOKEN = 'a token that nobody guesses'.replaceAll(' ', '-');

export interface OpenHost {
  readonly core: Core;
  readonly origin: string;
  readonly port: number;
  readonly root: string;
  readonly dataDirectory: string;
  /** Where the built interface is looked for; empty at first. */
  readonly interfacePath: string;
  readonly client: HttpClient;
  ask(path: string, options?: AskOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
  /** Default: the bearer. */
  readonly as?: 'program' | 'stranger';
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  readonly json: unknown;
}

export interface HostOptions {
  readonly limits?: Partial<Limits>;
  readonly environment?: Readonly<Record<string, string>>;
  /** A library to begin with. */
  readonly copyOf?: string;
}

export async function openHost({ limits = {}, environment = {}, copyOf }: HostOptions = {}): Promise<OpenHost> {
  const root = await mkdtemp(join(tmpdir(), 'pixcrawler-host-'));
  const dataDirectory = join(root, 'data');
  if (copyOf !== undefined) await cp(copyOf, dataDirectory, { recursive: true });
  const interfacePath = join(root, 'interface');
  const core = await openCore({
    dataDirectory,
    environment: {
      PIXCRAWLER_CRAWL_DELAY_MS: '0',
      PIXCRAWLER_WORKERS_PROCESSES: '1',
      PIXCRAWLER_STORAGE_MIN_FREE_BYTES: '0',
      ...environment,
    },
    version: '0.0.0',
  });
  const app = await createApp({
    core,
    version: '0.0.0',
    interfacePath,
    host: '127.0.0.1',
    token: TOKEN,
    sessionKey: Buffer.from('a key for sessions'),
    limits: { ...DEFAULT_LIMITS, ...limits },
  });
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const port = Number(new URL(origin).port);
  return {
    core,
    origin,
    port,
    root,
    dataDirectory,
    interfacePath,
    client: createHttpClient({ baseUrl: origin, token: TOKEN }),
    ask: (path, options) => ask(port, path, options),
    async close() {
      await app.close();
      await core.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** The path goes out as it is written: no client tidies it. */
function ask(port: number, path: string, { method = 'GET', headers = {}, body, as = 'program' }: AskOptions = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const authorization = as === 'program' ? { authorization: `Bearer ${TOKEN}` } : {};
  const sent = httpRequest(
    { host: '127.0.0.1', port, path, method, headers: { ...authorization, ...headers }, agent: false },
    async (response) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of response) chunks.push(chunk as Buffer);
      } catch (error) {
        reject(error);
        return;
      }
      const bytes = Buffer.concat(chunks);
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        bytes,
        get text() {
          return bytes.toString();
        },
        get json() {
          return JSON.parse(bytes.toString());
        },
      });
    },
  );
  sent.once('error', reject);
  sent.end(body);
  return promise;
}

export interface RawConnection {
  readonly socket: Socket;
  /** What has come so far. */
  text(): string;
  /** Milliseconds from the opening to the end by the host. */
  readonly ended: Promise<number>;
}

/** A connection on which anything may be written. */
export function connectRaw(port: number): RawConnection {
  const startedMs = performance.now();
  const socket = connect({ host: '127.0.0.1', port });
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  const ended = new Promise<number>((resolve) => socket.once('close', () => resolve(performance.now() - startedMs)));
  return { socket, text: () => text, ended };
}
