import type { CoreEvent } from '../../shared/contract/events.ts';

type EventBody = CoreEvent extends infer E ? (E extends { eventId: number } ? Omit<E, 'eventId'> : never) : never;

/** Events remembered for those who come back after an id, and queued for one slow listener. */
const REMEMBERED = 1000;

/** Past-tense facts to whoever listens. Publishing never waits; a slow listener loses events and is told so. */
export class EventHub {
  readonly #recent: CoreEvent[] = [];
  readonly #listeners = new Set<Subscription>();
  #nextId: number;

  /**
   * @param firstId above every id of an earlier core, so that whoever comes back with one of those is told that events were
   *   missed; by default the time tells
   */
  constructor(firstId: number = Date.now() * 1_000) {
    this.#nextId = firstId;
  }

  publish(body: EventBody): void {
    const event = { ...body, eventId: this.#nextId++ } as CoreEvent;
    this.#recent.push(event);
    if (this.#recent.length > REMEMBERED) this.#recent.shift();
    for (const listener of this.#listeners) listener.push(event);
  }

  /** Events after an id (or from now on), until the signal fires or the iterator is returned. Listens at once. */
  watch(afterEventId: number | undefined, signal: AbortSignal | undefined): AsyncIteratorObject<CoreEvent, void, void> {
    const missed: CoreEvent[] = [];
    if (afterEventId !== undefined) {
      const first = this.#recent[0]?.eventId ?? this.#nextId;
      if (afterEventId >= this.#nextId) {
        // An id that was not given yet is one of an earlier core: what came since is not known.
        missed.push({ type: 'events.missed', eventId: this.#nextId - 1 });
      } else {
        if (afterEventId + 1 < first) missed.push({ type: 'events.missed', eventId: first - 1 });
        missed.push(...this.#recent.filter((event) => event.eventId > afterEventId));
      }
    }
    const end = () => void subscription.return();
    const subscription = new Subscription(missed, () => {
      this.#listeners.delete(subscription);
      signal?.removeEventListener('abort', end);
    });
    this.#listeners.add(subscription);
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted === true) void subscription.return();
    return subscription;
  }
}

class Subscription implements AsyncIteratorObject<CoreEvent, void, void> {
  readonly #queue: CoreEvent[];
  readonly #onEnd: () => void;
  /** Calls of `next` that no event has answered yet, in order. */
  readonly #waiting: ((result: IteratorResult<CoreEvent, void>) => void)[] = [];
  #ended = false;

  constructor(queue: CoreEvent[], onEnd: () => void) {
    this.#queue = queue;
    this.#onEnd = onEnd;
  }

  push(event: CoreEvent): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting({ value: event, done: false });
      return;
    }
    this.#queue.push(event);
    if (this.#queue.length > REMEMBERED) {
      this.#queue.splice(0, this.#queue.length, { type: 'events.missed', eventId: event.eventId });
    }
  }

  next(): Promise<IteratorResult<CoreEvent, void>> {
    const event = this.#queue.shift();
    if (event !== undefined) return Promise.resolve({ value: event, done: false });
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  return(): Promise<IteratorResult<CoreEvent, void>> {
    this.#ended = true;
    this.#queue.length = 0;
    this.#onEnd();
    for (const waiting of this.#waiting.splice(0)) waiting({ value: undefined, done: true });
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
