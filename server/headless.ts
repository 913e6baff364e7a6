/** The core behind HTTP on this machine: `pixcrawler serve`. */

import { createHmac, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Core } from '../core/index.ts';
import { writeFileAtomically } from '../core/store/durable-file.ts';
import { AppError } from '../shared/errors.ts';
import { isLoopbackHost } from './access.ts';
import { createApp } from './app.ts';

/** So long a program that has the port may take to say who it is. */
const PATIENCE_MS = 1_000;
/** Shorter ones can be guessed by whoever reaches the host. */
const LEAST_TOKEN_CHARACTERS = 16;

export interface ServeOptions {
  readonly core: Core;
  readonly dataDirectory: string;
  readonly version: string;
  /** Where to listen. */
  readonly host: string;
  /** 0 takes one that is free. */
  readonly port: number;
  /** Lets programs and browsers in. Minted when absent, which is only allowed on loopback. */
  readonly token?: string | undefined;
  readonly interfacePath: string;
}

export interface Serving {
  /** `http://127.0.0.1:4310` */
  readonly origin: string;
  /** The address to open first: with the token, which a cookie then replaces. */
  readonly url: string;
  /** Ends connections; the core is closed by its owner. */
  close(): Promise<void>;
}

/**
 * Listens, and tells other programs of this user where.
 * @throws AppError `bad-request` for a host that others can reach without a token of their own, or a token too short;
 *   `conflict` when the port is taken
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const token = checkedToken(options);
  const app = await createApp({
    core: options.core,
    version: options.version,
    interfacePath: options.interfacePath,
    host: options.host,
    token,
    sessionKey: await sessionKey(options.dataDirectory, options.token ?? ''),
  });
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await app.close();
    throw portError(error, options, await whoListens(options));
  }
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const origin = `http://${urlHost(options.host)}:${port}`;
  await options.core.publishAddress({ address: origin, token });
  return {
    origin,
    url: `${origin}/?token=${encodeURIComponent(token)}`,
    async close() {
      await options.core.publishAddress(null);
      await app.close();
    },
  };
}

function checkedToken({ host, token }: ServeOptions): string {
  if (token === undefined) {
    if (isLoopbackHost(host)) return randomBytes(32).toString('base64url');
    throw new AppError(
      'bad-request',
      `Listening on ${host} lets other machines reach this library. Choose a token of at least ${LEAST_TOKEN_CHARACTERS} characters that they must ` +
        'know, with --token or PIXCRAWLER_TOKEN; whoever has it can read, change and delete everything, and read and write files as you can. ' +
        'The connection is not encrypted. Where others can listen, keep to 127.0.0.1 and reach it through a tunnel: ssh -L PORT:127.0.0.1:PORT.',
    );
  }
  if (token.length < LEAST_TOKEN_CHARACTERS || !/^[\x21-\x7e]+$/.test(token)) {
    throw new AppError(
      'bad-request',
      `Expected a token of at least ${LEAST_TOKEN_CHARACTERS} visible characters without spaces, got ${token.length}.`,
    );
  }
  return token;
}

/** Sessions outlive a restart, so that an open page goes on; another token ends them. */
async function sessionKey(dataDirectory: string, token: string): Promise<Buffer> {
  const path = join(dataDirectory, 'session-key');
  let key = await readFile(path, 'utf8').catch(() => '');
  if (!/^[\w-]{43}\n$/.test(key)) {
    key = `${randomBytes(32).toString('base64url')}\n`;
    await writeFileAtomically(path, key);
  }
  return createHmac('sha256', key.trim()).update(token).digest();
}

/** Everywhere is not a place to go to. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** Who has the port: only another PixCrawler says so. */
async function whoListens({ host, port }: ServeOptions): Promise<string> {
  try {
    const answer = await fetch(`http://${urlHost(host)}:${port}/health`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const { name } = (await answer.json()) as { name?: unknown };
    return name === 'pixcrawler' ? 'another PixCrawler, with another data directory' : 'another program';
  } catch {
    return 'another program';
  }
}

function portError(error: unknown, { host, port }: ServeOptions, who: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return new AppError(
        'conflict',
        `Port ${port} of ${host} is in use by ${who}. Name another with --port, or --port 0 for one that is free.`,
        { cause: error },
      );
    case 'EACCES':
      return new AppError(
        'forbidden',
        `The system does not let PixCrawler listen on port ${port}. Name one above 1023.`,
        {
          cause: error,
        },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new AppError('bad-request', `Expected an address of this machine, got "${host}".`, { cause: error });
    default:
      return error;
  }
}
