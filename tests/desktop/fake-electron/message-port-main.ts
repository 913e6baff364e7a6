/** MessagePortMain, of main and of utility processes. */

import { EventEmitter } from 'node:events';
import type Electron from 'electron';
import { declared, faked, tellBare } from './declared.ts';
import type { EndId, PortEnd } from './port-end.ts';

type Take = (id: EndId) => PortEnd;

const ends = new WeakMap<MessagePortMain, PortEnd>();

export class MessagePortMain extends EventEmitter {
  constructor(end: PortEnd, take: Take) {
    super();
    ends.set(this, end);
    end.listener = {
      message: (data, ids) =>
        tellBare<Electron.MessagePortMain, 'message'>(this, 'message', { data, ports: takePorts(ids, take) }),
      closed: () => tellBare<Electron.MessagePortMain, 'close'>(this, 'close'),
    };
  }

  postMessage(message: unknown, transfer: Electron.MessagePortMain[] = []): void {
    endOf(this).post(message, idsOf(transfer));
  }

  start(): void {
    endOf(this).start();
  }

  close(): void {
    endOf(this).close();
  }
}

function endOf(port: MessagePortMain): PortEnd {
  return ends.get(port)!;
}

/** The ends that are given away with a message. @throws for one that cannot be */
export function idsOf(ports: readonly Electron.MessagePortMain[]): EndId[] {
  return ports.map((port, index) => {
    const end = endOf(faked(port, MessagePortMain));
    if (!end.isUsable) throw new Error(`Port at index ${index} is already neutered.`);
    return end.id;
  });
}

/** The ports that came with a message. */
export function takePorts(ids: readonly EndId[], take: Take): Electron.MessagePortMain[] {
  return ids.map((id) => declared<Electron.MessagePortMain>(new MessagePortMain(take(id), take)));
}
