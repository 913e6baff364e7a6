/** The contract's client over HTTP. Runs in browsers and in Node. */

import { createORPCClient, ORPCError } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import { contract } from '../shared/contract/index.ts';
import { answered } from './answers.ts';

export type HttpClient = ContractRouterClient<typeof contract>;

export interface HttpClientOptions {
  /** Scheme, host and port of the host, without a path. */
  readonly baseUrl: string;
  /** Sent as a bearer token. Default none: a browser's cookie lets it in. */
  readonly token?: string;
  /** Default the global one. */
  readonly fetch?: (request: Request, init?: RequestInit) => Promise<Response>;
}

/**
 * Every call rejects with the AppError the core threw, or with `unavailable` when the host cannot be reached, or with
 * `cancelled` when its signal fired. A stream ends when its signal fires, and rejects with `unavailable` when the
 * connection is lost.
 */
export function createHttpClient({ baseUrl, token, fetch = globalThis.fetch }: HttpClientOptions): HttpClient {
  const link = new OpenAPILink(contract, {
    url: `${baseUrl}/api/v1`,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    fetch: (request, init) => fetch(request, init),
    customErrorResponseBodyDecoder: (body, response) => {
      const { code, message, details } = (body ?? {}) as { code?: unknown; message?: unknown; details?: unknown };
      if (typeof code !== 'string' || typeof message !== 'string') return null;
      return new ORPCError(code, { status: response.status, message, data: { details } });
    },
    interceptors: [answered],
  });
  return createORPCClient<HttpClient>(link);
}
