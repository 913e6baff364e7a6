/** The core of another program, asked as if it were this one's. */

import { Agent, fetch } from 'undici';
import type { CoreClient, OwnerAddress } from '../core/index.ts';
import { createHttpClient } from '../sdk/client.ts';
import { AppError } from '../shared/errors.ts';

/** Longer nobody waits to hear that there is no answer. */
const PATIENCE_MS = 2_000;

/** The contract of the core in another program. @throws AppError `unavailable` when it does not answer soon */
export async function connectTo({ address, token }: OwnerAddress): Promise<CoreClient> {
  try {
    const answer = await fetch(`${address}/health`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    await answer.body?.cancel();
  } catch (cause) {
    throw new AppError('unavailable', `The PixCrawler at ${address} does not answer.`, { cause });
  }
  // Some answers take as long as they take, such as that of an examination of every stored image.
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  return createHttpClient({
    baseUrl: address,
    token,
    fetch: async (request) => {
      const { url, method, headers, signal } = request;
      const body = request.body === null ? null : await request.text();
      const answer = await fetch(url, { method, headers: [...headers], signal, body, dispatcher });
      // Node's own and the package's are two classes with one shape.
      return answer as unknown as Response;
    },
  });
}
