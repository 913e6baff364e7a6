/**
 * The local web in a process of its own: for kills, measurements, and servers that must go on when a client dies.
 * Imported, it offers `startWebProcess`; forked, it serves until its parent goes.
 */

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoggedRequest, WebDescription, WebOptions } from './types.ts';
import { startWeb } from './web.ts';

export interface WebProcess extends WebDescription {
  readonly processId: number;
  requests(): Promise<readonly LoggedRequest[]>;
  clearRequests(): Promise<void>;
  /** CPU time the servers have used so far, in milliseconds. */
  cpuMs(): Promise<number>;
  close(): Promise<void>;
}

type Question = 'requests' | 'clear' | 'cpu' | 'close';
type Message = { readonly id: number; readonly question: Question };
type Reply = { readonly id: number; readonly answer: unknown };

/** Starts the web in a child process and waits until it serves. */
export async function startWebProcess(options: WebOptions = {}): Promise<WebProcess> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)], { stdio: 'inherit' });
  const waiting = new Map<number, (answer: unknown) => void>();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const description = await new Promise<WebDescription>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The local web ended with code ${code} before it served.`)));
    child.on('message', (message: { ready: WebDescription } | Reply) => {
      if ('ready' in message) resolve(message.ready);
      else waiting.get(message.id)?.(message.answer);
    });
  });
  let questions = 0;
  const ask = (question: Question): Promise<unknown> =>
    new Promise((resolve) => {
      const id = questions++;
      waiting.set(id, (answer) => {
        waiting.delete(id);
        resolve(answer);
      });
      child.send({ id, question } satisfies Message);
    });
  return {
    ...description,
    processId: child.pid!,
    requests: async () => (await ask('requests')) as LoggedRequest[],
    clearRequests: async () => void (await ask('clear')),
    cpuMs: async () => (await ask('cpu')) as number,
    async close() {
      await Promise.race([ask('close'), ended]);
      await ended;
    },
  };
}

async function serve(options: WebOptions): Promise<void> {
  const web = await startWeb(options);
  process.on('disconnect', () => process.exit(0));
  process.on('message', ({ id, question }: Message) => {
    const reply = (answer: unknown): void => void process.send?.({ id, answer } satisfies Reply);
    switch (question) {
      case 'requests':
        reply(web.requests());
        break;
      case 'clear':
        web.clearRequests();
        reply(null);
        break;
      case 'cpu': {
        const { user, system } = process.cpuUsage();
        reply((user + system) / 1_000);
        break;
      }
      case 'close':
        reply(null);
        web.close().then(() => process.exit(0));
        break;
    }
  });
  const { sites, bulk, allowHosts, pictures } = web;
  process.send?.({ ready: { sites, bulk, allowHosts, pictures } satisfies WebDescription });
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.send !== undefined) {
  await serve(JSON.parse(process.argv[2] ?? '{}') as WebOptions);
}
