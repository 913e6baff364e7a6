/** A worker process's line to the core: a pipe, or in Electron a port that main hands over. Both carry whole messages as bytes. */

import { Socket } from 'node:net';
import { createFrameReader, frameHeader } from '../shared/frames.ts';

/** The pipe to the core; standard output carries begun items, standard error is for libraries. */
const CHANNEL_FD = 3;

export interface Channel {
  send(message: Buffer): void;
}

/** What of Electron a utility process has: declared here, since nothing but the desktop's shell may know the package. */
interface MessagePortMain {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  on(event: 'close', listener: () => void): void;
  postMessage(message: unknown): void;
  start(): void;
}
interface ParentPort {
  once(event: 'message', listener: (event: { readonly ports: readonly MessagePortMain[] }) => void): void;
}

/**
 * Opens the line. Messages that are sent before it is there are kept.
 * @param onGone called when the core is gone
 */
export function openChannel(onMessage: (message: Uint8Array) => void, onGone: () => void): Channel {
  const { parentPort } = process as { parentPort?: ParentPort };
  return parentPort === undefined ? openPipe(onMessage, onGone) : openPort(parentPort, onMessage, onGone);
}

function openPipe(onMessage: (message: Uint8Array) => void, onGone: () => void): Channel {
  const pipe = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
  for (const event of ['close', 'error', 'end'] as const) pipe.on(event, onGone);
  pipe.on('data', createFrameReader(0xffff_ffff, onMessage));
  return {
    send(message) {
      pipe.cork();
      pipe.write(frameHeader(message.length));
      pipe.write(message);
      pipe.uncork();
    },
  };
}

function openPort(parentPort: ParentPort, onMessage: (message: Uint8Array) => void, onGone: () => void): Channel {
  const early: Buffer[] = [];
  let port: MessagePortMain | null = null;
  parentPort.once('message', ({ ports: [given] }) => {
    if (given === undefined) return onGone();
    port = given;
    port.on('message', ({ data }) => (data instanceof Uint8Array ? onMessage(data) : onGone()));
    port.on('close', onGone);
    port.start();
    for (const message of early.splice(0)) port.postMessage(message);
  });
  return {
    send(message) {
      if (port === null) early.push(message);
      else port.postMessage(message);
    },
  };
}
