/** Main's side of worker processes: starts one for each `spawn` of the core and hands either a port to the other. */

import { MessageChannelMain, type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron';
import { WORKER_FLAGS, WORKER_TAIL_BYTES, workerEnvironment } from '../shared/worker-environment.ts';
import type { MessageToCore } from './core-protocol.ts';
import { endNow } from './end-now.ts';
import { followOutput } from './process-output.ts';

/** How long the output of a process may outlive it before its exit is told anyway. */
const DRAIN_MS = 1000;

export interface WorkerBrokerOptions {
  /** The one program that may be started. */
  readonly entry: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Sends a message to the core that the workers belong to. */
  readonly tellCore: (message: MessageToCore, ports?: MessagePortMain[]) => void;
}

/** The workers of one core process. */
export interface WorkerBroker {
  /** Starts a process; its start and its end are told to the core under the id. */
  spawn(id: number, entry: string): void;
  kill(id: number): void;
  /** The core is gone: so are its workers, and nothing is told any more. */
  close(): void;
}

export function createWorkerBroker({ entry: allowed, environment, tellCore }: WorkerBrokerOptions): WorkerBroker {
  const workers = new Map<number, UtilityProcess>();
  let isClosed = false;

  const tell = (message: MessageToCore, ports: MessagePortMain[] = []): void => {
    if (!isClosed) tellCore(message, ports);
  };
  const tellFailed = (id: number, why: string): void =>
    tell({ type: 'exited', id, exit: { code: null, signal: null, outputTail: '', errorTail: why } });

  function start(id: number): void {
    const worker = utilityProcess.fork(allowed, [], {
      serviceName: 'PixCrawler worker',
      env: workerEnvironment(environment),
      // Electron hands flags of V8 on in this switch alone.
      execArgv: [`--js-flags=${WORKER_FLAGS.join(' ')}`],
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    workers.set(id, worker);
    const output = keepTail(worker, worker.stdout);
    const errors = keepTail(worker, worker.stderr);
    let lastWords = '';
    // V8 gives up, and Electron tells it here instead of writing it down. What nobody hears would be thrown in main.
    worker.on('error', (type, location) => {
      lastWords = `${type} in ${location}\n`;
    });
    const { port1: workersEnd, port2: coresEnd } = new MessageChannelMain();
    worker.postMessage(null, [workersEnd]);
    worker.once('spawn', () => {
      // It was to be killed before it had a process.
      if (isClosed || workers.get(id) !== worker) endNow(worker);
      tell({ type: 'spawned', id, pid: worker.pid }, [coresEnd]);
    });
    worker.once('exit', async (code) => {
      workers.delete(id);
      await Promise.race([Promise.all([output.ended, errors.ended]), wait(DRAIN_MS)]);
      const errorTail = `${errors.tail()}${lastWords}`;
      tell({ type: 'exited', id, exit: { code, signal: null, outputTail: output.tail(), errorTail } });
    });
  }

  return {
    spawn(id, entry) {
      if (isClosed) return;
      if (entry !== allowed) {
        tellFailed(id, `Only ${allowed} may be started, not ${entry}.`);
        return;
      }
      try {
        start(id);
      } catch (error) {
        tellFailed(id, String(error));
      }
    },
    kill(id) {
      const worker = workers.get(id);
      if (worker === undefined) return;
      workers.delete(id);
      endNow(worker);
    },
    close() {
      isClosed = true;
      for (const worker of workers.values()) endNow(worker);
      workers.clear();
    },
  };
}

/** Reads a stream to its end and remembers the last of it. */
function keepTail(
  worker: UtilityProcess,
  stream: NodeJS.ReadableStream | null,
): { tail(): string; readonly ended: Promise<void> } {
  let tail: Buffer = Buffer.alloc(0);
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const keep = (chunk: Buffer | string) => {
    tail = Buffer.concat([tail, Buffer.from(chunk)]).subarray(-WORKER_TAIL_BYTES);
  };
  if (stream === null) resolve();
  else followOutput(worker, stream, keep, resolve);
  return { tail: () => tail.toString('utf8'), ended };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
