/** Keeps the core's process alive: starts it, answers what it asks of main, and starts it again when it ends. */

import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannelMain, type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron';
import { unreachable } from '../shared/errors.ts';
import type { MediaAnswer, MediaRequest } from '../shared/media.ts';
import type { HostHold } from '../shared/vocabulary.ts';
import { coreEnvironment } from './core-environment.ts';
import type { CoreStart, MessageToCore, MessageToMain } from './core-protocol.ts';
import { endNow } from './end-now.ts';
import type { MainKeychain } from './keychain.ts';
import type { MainLog } from './log.ts';
import { followOutput } from './process-output.ts';
import { CORE_RESTARTS, planRestart } from './restart-policy.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';
import { createWorkerBroker, type WorkerBroker } from './worker-broker.ts';

/** A core that was told to close and has not ended by then is ended; what it had committed is safe. */
const CLOSING_MS = 10_000;
/** A process that has not begun by then never will: the system could not start it, and Electron says nothing more. */
const SPAWN_MS = 30_000;
/** How long an image is waited for, the restart of a core included. */
const MEDIA_PATIENCE_MS = 30_000;
const NO_MEDIA: MediaAnswer = { status: 503, headers: {}, body: null };

/**
 * `starting`: there is a process, and ports to it answer as soon as the library is open. `restarting`: it has ended, and
 * the next follows by itself. `failed`: nothing more is tried unless a person wants it. `stopping`: the program ends.
 */
export type CoreState = 'starting' | 'running' | 'restarting' | 'failed' | 'stopping' | 'stopped';

/** Why it is given up for now. */
export type CoreProblem =
  /** It ended again and again. */
  | { readonly kind: 'crashed' }
  /** The library cannot be opened; code and message are those of an AppError. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

export interface CoreSupervisorOptions {
  /** The programs of the core's process and of its workers. */
  readonly entry: string;
  readonly workerEntry: string;
  readonly start: Omit<CoreStart, 'holds'>;
  /** Why jobs should rest, asked at each start. */
  readonly holds: () => readonly HostHold[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly keychain: MainKeychain;
  readonly log: MainLog;
  /** Called with each `failed`. */
  readonly onFailed: (problem: CoreProblem) => void;
}

export interface CoreSupervisor {
  readonly state: CoreState;
  /** Tells each state from now on. @returns ends it */
  onState(listener: (state: CoreState) => void): () => void;
  /** Starts the core, also one that has failed: what it did before is forgiven. Does nothing while there is one. */
  start(): void;
  /** The other end of a new port to the core, not started; null while there is no process. */
  openPort(): MessagePortMain | null;
  /** Asks for an image, of the next core if this one ends over it. 503 when none answers within 30 s. */
  media(request: MediaRequest): Promise<MediaAnswer>;
  /** Pauses jobs durably and ends the core: by itself within 10 s, else by force. It is not started again. */
  stop(): Promise<void>;
}

interface AskedMedia {
  readonly request: MediaRequest;
  readonly resolve: (answer: MediaAnswer) => void;
}

/** To be made once the app is ready. */
export function createCoreSupervisor(options: CoreSupervisorOptions): CoreSupervisor {
  return new Supervisor(options);
}

class Supervisor implements CoreSupervisor {
  readonly #options: CoreSupervisorOptions;
  readonly #listeners = new Set<(state: CoreState) => void>();
  readonly #asked = new Map<number, AskedMedia>();
  #lastAsked = 0;
  #state: CoreState = 'stopped';
  #child: UtilityProcess | null = null;
  #broker: WorkerBroker | null = null;
  /** Of a core that has opened its library: before, it may be long over a migration. */
  #watchdog: Watchdog | null = null;
  #endsMs: readonly number[] = [];
  #restart: NodeJS.Timeout | null = null;
  #problem: CoreProblem | null = null;
  #hasOpened = false;
  #stopping: Promise<void> | null = null;

  constructor(options: CoreSupervisorOptions) {
    this.#options = options;
  }

  get state(): CoreState {
    return this.#state;
  }

  onState(listener: (state: CoreState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    if (this.#child !== null || this.#stopping !== null) return;
    this.#endsMs = [];
    this.#begin();
  }

  openPort(): MessagePortMain | null {
    if (this.#child === null) return null;
    const { port1, port2 } = new MessageChannelMain();
    this.#child.postMessage({ type: 'connect' } satisfies MessageToCore, [port1]);
    return port2;
  }

  media(request: MediaRequest): Promise<MediaAnswer> {
    if (this.#child === null && this.#restart === null) return Promise.resolve(NO_MEDIA);
    this.#lastAsked += 1;
    const id = this.#lastAsked;
    const { promise, resolve } = Promise.withResolvers<MediaAnswer>();
    const timer = setTimeout(resolve, MEDIA_PATIENCE_MS, NO_MEDIA);
    this.#asked.set(id, { request, resolve });
    this.#tell({ type: 'media', id, request });
    return promise.finally(() => {
      clearTimeout(timer);
      this.#asked.delete(id);
    });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#watchdog?.stop();
    this.#become('stopping');
    const child = this.#child;
    if (child !== null) {
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      child.once('exit', () => resolve());
      const timer = setTimeout(() => {
        this.#options.log.write('warning', 'The core did not close in time and was ended.');
        endNow(child);
      }, CLOSING_MS);
      this.#tell({ type: 'close' });
      // One that never began never ends.
      await (child.pid === undefined ? Promise.race([ended, sleep(CLOSING_MS)]) : ended);
      clearTimeout(timer);
    }
    this.#become('stopped');
  }

  #begin(): void {
    const { entry, workerEntry, environment, holds, log, start } = this.#options;
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#restart = null;
    this.#problem = null;
    const child = utilityProcess.fork(entry, [], {
      serviceName: 'PixCrawler core',
      env: coreEnvironment(environment),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const broker = createWorkerBroker({
      entry: workerEntry,
      environment,
      tellCore: (message, ports) => child.postMessage(message, ports),
    });
    this.#broker = broker;
    child.on('message', (message: MessageToMain) => this.#receive(message, child, broker));
    child.on('error', (type, location) => log.write('error', `The core met a ${type}.`, { location }));
    const onEnd = (code: number): void => {
      clearTimeout(spawning);
      if (this.#child === child) this.#ended(code);
    };
    const spawning = setTimeout(() => {
      log.write('error', 'The process of the core did not begin.', { waitedMs: SPAWN_MS });
      child.kill();
      onEnd(-1);
    }, SPAWN_MS);
    child.once('spawn', () => clearTimeout(spawning));
    child.once('exit', onEnd);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      stream.setEncoding('utf8');
      followOutput(child, stream, (text) => log.write('warning', String(text).trimEnd(), { from: 'core' }));
    }
    const create = this.#hasOpened ? 'never' : start.create;
    this.#tell({ type: 'open', start: { ...start, create, holds: holds() } });
    for (const [id, { request }] of this.#asked) this.#tell({ type: 'media', id, request });
    this.#become('starting');
  }

  #tell(message: MessageToCore): void {
    this.#child?.postMessage(message);
  }

  #receive(message: MessageToMain, child: UtilityProcess, broker: WorkerBroker): void {
    const { keychain, log } = this.#options;
    switch (message.type) {
      case 'opened':
        this.#hasOpened = true;
        log.write('info', 'The core is ready.', { pid: child.pid, resumed: message.resumed });
        this.#watch(child);
        this.#become('running');
        return;
      case 'refused':
        log.write('error', message.message, { code: message.code });
        this.#problem = { kind: 'refused', code: message.code, message: message.message };
        // It has opened nothing, and would only wait.
        endNow(child);
        return;
      case 'alive':
        this.#watchdog?.onAnswer();
        return;
      case 'spawn':
        broker.spawn(message.id, message.entry);
        return;
      case 'kill':
        broker.kill(message.id);
        return;
      case 'media':
        this.#asked.get(message.id)?.resolve(message.answer);
        return;
      case 'cipher':
        void keychain
          .apply(message.task, message.text)
          .then((text) => child.postMessage({ type: 'ciphered', id: message.id, text } satisfies MessageToCore));
        return;
      default:
        unreachable(message);
    }
  }

  #watch(child: UtilityProcess): void {
    this.#watchdog = createWatchdog({
      ask: () => child.postMessage({ type: 'ask-alive' } satisfies MessageToCore),
      onSilent: (silentMs) => {
        this.#options.log.write('error', 'The core does not answer and is ended.', { silentMs });
        endNow(child);
      },
    });
  }

  #ended(code: number): void {
    this.#child = null;
    this.#watchdog?.stop();
    this.#watchdog = null;
    this.#broker?.close();
    if (this.#stopping !== null) return;
    if (this.#problem !== null) {
      this.#fail(this.#problem);
      return;
    }
    const plan = planRestart(CORE_RESTARTS, this.#endsMs, performance.now(), Math.random());
    this.#endsMs = plan.endsMs;
    this.#options.log.write('error', 'The core ended unexpectedly.', { code, restartInMs: plan.delayMs });
    if (plan.delayMs === null) {
      this.#fail({ kind: 'crashed' });
      return;
    }
    this.#restart = setTimeout(() => this.#begin(), plan.delayMs);
    this.#become('restarting');
  }

  #fail(problem: CoreProblem): void {
    for (const { resolve } of this.#asked.values()) resolve(NO_MEDIA);
    this.#become('failed');
    this.#options.onFailed(problem);
  }

  #become(state: CoreState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
