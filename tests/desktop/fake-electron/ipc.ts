/** ipcMain, and what pages say to it. */

import { EventEmitter } from 'node:events';
import type Electron from 'electron';
import { declared } from './declared.ts';
import { takePorts } from './message-port-main.ts';
import type { EndId } from './port-end.ts';
import { takeOver } from './port-router.ts';

type Handler = Parameters<Electron.IpcMain['handle']>[1];

const handlers = new Map<string, Handler>();

class IpcMain extends EventEmitter {
  handle(channel: string, handler: Handler): void {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    handlers.set(channel, handler);
  }

  handleOnce(channel: string, handler: Handler): void {
    this.handle(channel, (event, ...parameters) => {
      handlers.delete(channel);
      return handler(event, ...parameters) as unknown;
    });
  }

  removeHandler(channel: string): void {
    handlers.delete(channel);
  }
}

export const ipcMain = new IpcMain();

/** Who speaks. */
export interface Sender {
  readonly sender: Electron.WebContents;
  readonly senderFrame: Electron.WebFrameMain | null;
}

function eventOf({ sender, senderFrame }: Sender): Partial<Electron.IpcMainInvokeEvent> {
  return { type: 'frame', sender, senderFrame, frameId: 1, processId: sender.getProcessId() };
}

/** A page says something. */
export function hear(from: Sender, channel: string, parameters: readonly unknown[], ends: readonly EndId[]): void {
  const event: Partial<Electron.IpcMainEvent> = { ...eventOf(from), ports: takePorts(ends, takeOver) };
  ipcMain.emit(channel, declared<Electron.IpcMainEvent>(event), ...parameters);
}

/** A page asks something. */
export async function answer(from: Sender, channel: string, parameters: readonly unknown[]): Promise<unknown> {
  const handler = handlers.get(channel);
  try {
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    return structuredClone(await handler(declared(eventOf(from)), ...parameters));
  } catch (error) {
    throw new Error(`Error invoking remote method '${channel}': ${error}`);
  }
}
