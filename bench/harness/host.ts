/** A side that runs in a process of its own: functions called by name over the channel that Node gives forked children. */

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a host offers: plain data in, plain data out. */
export type HostFunctions = Readonly<Record<string, (argument: never) => unknown>>;

interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

export interface Host<Functions extends HostFunctions> {
  readonly processId: number;
  call<Name extends keyof Functions & string>(
    name: Name,
    argument: Parameters<Functions[Name]>[0],
  ): Promise<Awaited<ReturnType<Functions[Name]>>>;
  /** Ends the process and waits until it is gone. */
  close(): Promise<void>;
}

/** Starts a file of `bench/` that calls `serveHost`. */
export function startHost<Functions extends HostFunctions>(
  file: URL,
  environment: Readonly<Record<string, string>> = {},
): Host<Functions> {
  const child = fork(fileURLToPath(file), [], {
    env: { ...process.env, ...environment },
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let calls = 0;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.on('message', ({ id, value, error }: Answer) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(value);
    else call?.reject(new Error(error));
  });
  child.once('exit', (code, signal) => {
    for (const call of waiting.values()) call.reject(new Error(`${file.pathname} ended with ${signal ?? code}.`));
  });
  return {
    processId: child.pid!,
    call: (name, argument) => {
      const call = Promise.withResolvers<unknown>();
      const id = calls++;
      waiting.set(id, call);
      child.send({ id, name, argument } satisfies Call);
      return call.promise as never;
    },
    async close() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** Answers calls until the parent disconnects; then `onClose` and the end. */
export function serveHost(functions: HostFunctions, onClose: () => Promise<void> | void = () => {}): void {
  process.on('message', async ({ id, name, argument }: Call) => {
    try {
      const handler = functions[name];
      if (handler === undefined) throw new Error(`There is no function ${name}.`);
      process.send?.({ id, value: await handler(argument as never) } satisfies Answer);
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on('disconnect', async () => {
    await onClose();
    process.exit(0);
  });
}
