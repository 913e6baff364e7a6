/**
 * Worker processes of the desktop: utility processes that main starts for the core, each with a port to it. Node itself
 * cannot be started there, since the fuse that would let Electron be Node is off.
 */

import { deserialize, serialize } from 'node:v8';
import type { MessagePortMain } from 'electron';
import type { HostedProcess, ProcessEvents, ProcessExit, ProcessHost } from '../core/index.ts';
import type { MessageToCore, MessageToMain } from './core-protocol.ts';

type Spawned = Extract<MessageToCore, { type: 'spawned' }>;
type Exited = Extract<MessageToCore, { type: 'exited' }>;

export interface UtilityProcessHost extends ProcessHost {
  onSpawned(message: Spawned, port: MessagePortMain | undefined): void;
  onExited(message: Exited): void;
}

/** @param tellMain sends a message to main */
export function createUtilityProcessHost(tellMain: (message: MessageToMain) => void): UtilityProcessHost {
  const processes = new Map<number, UtilityWorker>();
  let lastId = 0;
  return {
    spawn(entry, events) {
      lastId += 1;
      const id = lastId;
      const worker = new UtilityWorker(events, () => tellMain({ type: 'kill', id }));
      processes.set(id, worker);
      tellMain({ type: 'spawn', id, entry });
      return worker;
    },
    onSpawned: ({ id, pid }, port) => processes.get(id)?.begin(pid, port),
    onExited: ({ id, exit }) => {
      processes.get(id)?.end(exit);
      processes.delete(id);
    },
  };
}

class UtilityWorker implements HostedProcess {
  readonly #events: ProcessEvents;
  readonly #killByMain: () => void;
  readonly #early: Uint8Array[] = [];
  #port: MessagePortMain | null = null;
  #pid: number | undefined;
  #isGone = false;

  constructor(events: ProcessEvents, killByMain: () => void) {
    this.#events = events;
    this.#killByMain = killByMain;
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  begin(pid: number | undefined, port: MessagePortMain | undefined): void {
    this.#pid = pid;
    if (port === undefined) {
      this.kill();
      return;
    }
    this.#port = port;
    port.on('message', ({ data }: { readonly data: unknown }) => {
      if (this.#isGone) return;
      let message: unknown;
      try {
        message = deserialize(data as Uint8Array);
      } catch {
        this.kill();
        return;
      }
      this.#events.onMessage(message);
    });
    port.start();
    for (const message of this.#early.splice(0)) port.postMessage(message);
  }

  end(exit: ProcessExit): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#port?.close();
    this.#events.onExit(exit);
  }

  send(message: unknown): void {
    if (this.#isGone) return;
    const bytes = serialize(message);
    if (this.#port === null) this.#early.push(bytes);
    else this.#port.postMessage(bytes);
  }

  kill(): void {
    if (this.#isGone) return;
    // Main's own kill asks politely, which native code that hangs does not hear.
    if (this.#pid !== undefined) {
      try {
        process.kill(this.#pid, 'SIGKILL');
        return;
      } catch {
        // It has ended, or is not ours to end: main knows.
      }
    }
    this.#killByMain();
  }
}
