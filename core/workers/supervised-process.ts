/** One worker process as the core sees it: what is in it, whether it lives, and who is to blame when it ends. */

import { AppError } from '../../shared/errors.ts';
import type { MessageToCore, MessageToWorker, WorkerSettings } from '../../workers/protocol.ts';
import { lastBegun, parseMessage } from './messages.ts';
import type { HostedProcess, ProcessExit, ProcessHost } from './process-host.ts';
import type { Outcome, Unit } from './unit.ts';

/** Units lost this often before they were seen to begin are taken to have begun. */
const MAX_LOSSES = 2;

export interface ProcessEnd {
  /** False when it never got ready. */
  readonly wasReady: boolean;
  /** True when this side ended it without blame: recycled, surplus, cancelled or closed. */
  readonly intended: boolean;
  /** Units to be queued again. */
  readonly again: readonly Unit[];
  /** The code or signal and the last words on standard error, for people. */
  readonly description: string;
}

export interface SupervisedProcessEvents {
  /** Something about the process changed: there may be room in it. */
  readonly onChange: () => void;
  /** A unit came back unbegun. */
  readonly onReturned: (unit: Unit) => void;
  readonly onEnd: (process: SupervisedProcess, end: ProcessEnd) => void;
}

export class SupervisedProcess {
  readonly #hosted: HostedProcess;
  readonly #events: SupervisedProcessEvents;
  readonly #units = new Map<number, Unit>();
  #state: 'starting' | 'ready' | 'ended' = 'starting';
  #ending = false;
  #intended = false;
  #breaking: Extract<MessageToCore, { type: 'breaking' }> | null = null;
  #silentTicks = 0;
  #rssBytes = 0;
  #images = 0;
  #longestMs = 0;
  /** To be replaced: takes work only as long as too few others are ready. */
  retiring = false;
  /** Takes nothing more until it is empty and a suspect can run in it alone. */
  reserved = false;

  constructor(host: ProcessHost, entry: string, settings: WorkerSettings, events: SupervisedProcessEvents) {
    this.#events = events;
    this.#hosted = host.spawn(entry, {
      onMessage: (message) => this.#receive(parseMessage(message)),
      onExit: (exit) => this.#end(exit),
    });
    this.#send({ type: 'configure', settings });
  }

  get pid(): number | undefined {
    return this.#hosted.pid;
  }
  /** `ended` from the moment it is told to end. */
  get state(): 'starting' | 'ready' | 'ended' {
    return this.#ending ? 'ended' : this.#state;
  }
  /** In the order in which they were given. */
  get units(): ReadonlyMap<number, Unit> {
    return this.#units;
  }
  /** As of the last message. */
  get rssBytes(): number {
    return this.#rssBytes;
  }
  /** Images inspected since it started. */
  get images(): number {
    return this.#images;
  }
  /** How long the item that runs longest had been going on at the last heartbeat, in ms. */
  get longestMs(): number {
    return this.#longestMs;
  }

  give(unit: Unit): void {
    // Silence counts from the first thing there is to answer.
    if (this.#units.size === 0) this.#silentTicks = 0;
    this.#units.set(unit.id, unit);
    unit.onGiven?.();
    this.#send({ type: 'run', id: unit.id, task: unit.task, input: unit.input, deadlineMs: unit.deadlineMs });
  }

  /** Asks for a unit back; it returns through `onReturned` unless it has begun. */
  takeBack(unit: Unit): void {
    this.#send({ type: 'drop', id: unit.id });
  }

  /** Ends it without blame; what is in it is queued again. */
  retire(): void {
    this.#intended = true;
    this.#kill();
  }

  /**
   * Called at a steady pace; ends the process when it has been silent for `limit` calls. Calls are counted and not time,
   * so that a machine that slept kills nobody.
   */
  tick(limit: number): void {
    if (this.#state === 'ready' && this.#units.size === 0) return;
    this.#silentTicks += 1;
    if (this.#silentTicks > limit) this.#kill();
  }

  #send(message: MessageToWorker): void {
    if (this.state !== 'ended') this.#hosted.send(message);
  }

  #kill(): void {
    this.#ending = true;
    this.#hosted.kill();
  }

  #receive(message: MessageToCore | undefined): void {
    if (this.state === 'ended') return;
    this.#silentTicks = 0;
    switch (message?.type) {
      case 'ready':
        this.#state = 'ready';
        break;
      case 'alive':
        this.#rssBytes = message.rssBytes;
        this.#longestMs = message.running.reduce((longest, { elapsedMs }) => Math.max(longest, elapsedMs), 0);
        for (const { id, index } of message.running) if (index >= 0) this.#units.get(id)?.onSeenOpen?.();
        break;
      case 'done':
      case 'failed':
        if (!this.#finish(message)) return;
        break;
      case 'dropped': {
        const unit = this.#remove(message.id);
        if (unit === undefined) return;
        if (unit.abandoned) unit.settle({ state: 'cancelled' });
        else this.#events.onReturned(unit);
        break;
      }
      case 'breaking':
        this.#breaking = message;
        this.#kill();
        return;
      default:
        this.#kill();
        return;
    }
    this.#events.onChange();
  }

  #finish(message: Extract<MessageToCore, { type: 'done' | 'failed' }>): boolean {
    const unit = this.#remove(message.id);
    if (unit === undefined) return false;
    this.#rssBytes = message.rssBytes;
    this.#images += unit.imageCount;
    this.#longestMs = 0;
    if (unit.abandoned) unit.settle({ state: 'cancelled' });
    else if (message.type === 'done') unit.settle({ state: 'done', output: message.output });
    else unit.settle({ state: 'failed', error: new AppError(message.code ?? 'internal', message.message) });
    return true;
  }

  /** A message about a task that is not here is a breach of the protocol. */
  #remove(id: number): Unit | undefined {
    const unit = this.#units.get(id);
    if (unit === undefined) this.#kill();
    this.#units.delete(id);
    return unit;
  }

  #end(exit: ProcessExit): void {
    const wasReady = this.#state === 'ready';
    this.#state = 'ended';
    const again: Unit[] = [];
    for (const unit of this.#units.values()) {
      const outcome = this.#blame(unit, exit);
      if (outcome === undefined) again.push(unit);
      else unit.settle(outcome);
    }
    this.#units.clear();
    const how = exit.signal ?? (exit.code === null ? 'not started' : `exit code ${exit.code}`);
    const words = exit.errorTail.trim().slice(-1000);
    this.#events.onEnd(this, {
      wasReady,
      intended: this.#intended,
      again,
      description: words === '' ? how : `${how}: ${words}`,
    });
  }

  /** How a unit that was in the process ended; undefined when it must run again. */
  #blame(unit: Unit, exit: ProcessExit): Outcome | undefined {
    if (unit.abandoned) return { state: 'cancelled' };
    const begun = lastBegun(exit.outputTail, unit.id);
    const breaking = this.#breaking;
    if (breaking?.id === unit.id) {
      const index = begun ?? (breaking.index >= 0 ? breaking.index : null);
      return { state: 'broken', why: breaking.why, index, certain: true };
    }
    // Another unit did it, or nobody.
    if ((breaking !== null && breaking.id !== null) || (breaking === null && this.#intended)) return undefined;
    if (begun === null && unit.losses < MAX_LOSSES) {
      unit.losses += 1;
      return undefined;
    }
    return { state: 'broken', why: breaking?.why ?? 'crash', index: begun, certain: unit.alone };
  }
}
