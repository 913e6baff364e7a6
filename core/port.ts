/** The contract over a message port: no socket, and nothing in between. */

import { RPCHandler } from '@orpc/server/message-port';
import { z } from 'zod';
import type { ContractRouter } from './procedures.ts';

/** What both kinds of ports can do. */
interface Port {
  postMessage(message: unknown): void;
  close(): void;
  start(): void;
}
type Listener = (event: { readonly data: unknown }) => unknown;
/** Electron's MessagePortMain. */
interface EmittingPort extends Port {
  on(event: 'message', listener: Listener): unknown;
  on(event: 'close', listener: () => void): unknown;
}
/** The MessagePort of Node and of browsers. */
interface EventTargetPort extends Port {
  addEventListener(event: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(event: 'close', listener: () => void): void;
}
export type ContractPort = EmittingPort | EventTargetPort;

/** What clients of ours send, as JSON: a call by its path, or that its answer is not wanted any more. */
const clientMessage = z.union([
  z.object({
    i: z.string(),
    t: z.literal(1).optional(),
    p: z.object({
      u: z
        .string()
        .startsWith('/')
        .refine((path) => URL.canParse(`http://host${path}`)),
      h: z.record(z.string(), z.string()).optional(),
      b: z.unknown(),
    }),
  }),
  z.object({ i: z.string(), t: z.literal(4) }),
]);

/** @throws for what is no message of a client */
function parseMessage(data: unknown): unknown {
  return clientMessage.parse(JSON.parse(z.string().parse(data)));
}

/**
 * Answers calls that come through a port until it closes; streams end with it. One that is sent what is no call is closed.
 * @param onClosed called once, when either end has closed it
 */
export function answerPort(router: ContractRouter, port: ContractPort, onClosed: () => void): void {
  const handler = new RPCHandler(router);
  const guarded = {
    postMessage: (message: unknown) => port.postMessage(message),
    on: (event: string, callback: (event?: { data: unknown }) => void) => {
      if (event === 'close') {
        if ('addEventListener' in port) port.addEventListener('close', () => callback());
        else port.on('close', () => callback());
        return;
      }
      const take: Listener = ({ data }) => {
        let message: unknown;
        try {
          message = parseMessage(data);
        } catch {
          port.close();
          return;
        }
        // The handler lets nobody know when it could not read a message: it gets those alone that it can.
        callback({ data: message });
      };
      if ('addEventListener' in port) port.addEventListener('message', take);
      else port.on('message', take);
    },
  };
  handler.upgrade(guarded, { context: {} });
  if ('addEventListener' in port) port.addEventListener('close', onClosed);
  else port.on('close', onClosed);
  port.start();
}
