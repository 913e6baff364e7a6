/** Ids of events as streams of server-sent events carry them, so that a browser's own client can come back after one. */

import { withEventMeta } from '@orpc/server';
import type { CoreEvent } from '../../shared/contract/events.ts';

type Events = AsyncIteratorObject<CoreEvent, void, void>;

/** The same events, each with its id beside it. */
export function withIds(events: Events): Events {
  return {
    async next() {
      const { done, value } = await events.next();
      return done === true ? { done, value } : { done: false, value: withEventMeta(value, { id: `${value.eventId}` }) };
    },
    async return() {
      await events.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await this.return?.();
    },
  };
}

/** The id that a client says it has seen last; undefined when that is none of ours. */
export function idOf(lastEventId: string | undefined): number | undefined {
  const id = /^\d+$/.test(lastEventId ?? '') ? Number(lastEventId) : Number.NaN;
  return Number.isSafeInteger(id) ? id : undefined;
}
