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
  return createHttpClient({ baseUrl: address, token });
}
