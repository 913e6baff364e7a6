/**
 * One end of a message channel, in whichever process it lies: main, a utility process or the test. Main knows where both
 * ends are and passes messages on (`port-router.ts`).
 */

export type EndId = string;

/** What arrives at an end, in order: messages, and at last that the other end is gone. */
export type Arrival =
  | { readonly kind: 'message'; readonly data: unknown; readonly ends: readonly EndId[] }
  | { readonly kind: 'closed' };

/** What an end does to the other one. */
export interface Line {
  post(id: EndId, data: unknown, ends: readonly EndId[]): void;
  close(id: EndId): void;
}

export interface Listener {
  message(data: unknown, ends: readonly EndId[]): void;
  closed(): void;
}

/** Keeps what arrives until it is started, then gives it away one after another. */
export class PortEnd {
  readonly id: EndId;
  listener: Listener | null = null;
  readonly #line: Line;
  #arrived: Arrival[] = [];
  #isStarted = false;
  #isScheduled = false;
  #state: 'open' | 'closed' | 'moved' = 'open';

  constructor(id: EndId, line: Line) {
    this.id = id;
    this.#line = line;
  }

  get isUsable(): boolean {
    return this.#state === 'open';
  }

  post(data: unknown, ends: readonly EndId[] = []): void {
    // Electron's ports say nothing either when they lead nowhere. A copy is made here, whoever reads it.
    const copy = structuredClone(data);
    if (this.isUsable) this.#line.post(this.id, copy, ends);
  }

  start(): void {
    this.#isStarted = true;
    this.#schedule();
  }

  close(): void {
    if (!this.isUsable) return;
    this.#state = 'closed';
    this.#arrived = [];
    this.#line.close(this.id);
    setImmediate(() => this.listener?.closed());
  }

  arrive(arrival: Arrival): void {
    if (!this.isUsable) return;
    this.#arrived.push(arrival);
    this.#schedule();
  }

  /** Gives the end up, for another process or another object. @returns what had arrived and was not given away */
  moveOut(): Arrival[] {
    if (!this.isUsable) throw new Error('This port has been given away or closed already.');
    this.#state = 'moved';
    return this.#arrived.splice(0);
  }

  #schedule(): void {
    if (!this.#isStarted || this.#isScheduled || this.#arrived.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      const arrival = this.isUsable ? this.#arrived.shift() : undefined;
      if (arrival === undefined) return;
      this.#schedule();
      if (arrival.kind === 'message') {
        this.listener?.message(arrival.data, arrival.ends);
      } else {
        this.#state = 'closed';
        this.listener?.closed();
      }
    });
  }
}

/** What passes between main and another process about the ends that lie there. */
export type PortTraffic =
  | { readonly kind: 'arrive'; readonly id: EndId; readonly arrival: Arrival }
  | { readonly kind: 'post'; readonly id: EndId; readonly data: unknown; readonly ends: readonly EndId[] }
  | { readonly kind: 'close'; readonly id: EndId };

/** The ends that lie in a process which is not main. */
export class DistantEnds {
  readonly #ends = new Map<EndId, PortEnd>();
  readonly #line: Line;

  /** @param tellMain sends a message to main */
  constructor(tellMain: (traffic: PortTraffic) => void) {
    this.#line = {
      post: (id, data, ends) => {
        if (ends.length > 0) throw new Error('The fake Electron passes ports on from main and pages alone.');
        tellMain({ kind: 'post', id, data, ends });
      },
      close: (id) => {
        this.#ends.delete(id);
        tellMain({ kind: 'close', id });
      },
    };
  }

  /** An end that came, or comes, with a message: what arrives for it from now on is kept. */
  take(id: EndId): PortEnd {
    const end = this.#ends.get(id) ?? new PortEnd(id, this.#line);
    this.#ends.set(id, end);
    return end;
  }

  receive(traffic: PortTraffic): void {
    if (traffic.kind !== 'arrive') return;
    if (traffic.arrival.kind === 'message') for (const id of traffic.arrival.ends) this.take(id);
    this.#ends.get(traffic.id)?.arrive(traffic.arrival);
  }
}
