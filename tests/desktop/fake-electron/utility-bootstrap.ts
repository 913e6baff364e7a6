/** Loaded before the entry of a utility process: gives it `process.parentPort`, and ends it when main has ended. */

import { EventEmitter } from 'node:events';
import { isMainThread } from 'node:worker_threads';
import type Electron from 'electron';
import { tellBare } from './declared.ts';
import { takePorts } from './message-port-main.ts';
import { DistantEnds } from './port-end.ts';
import type { UtilityMessage } from './utility-messages.ts';

// Electron has its own way to main: nobody else may use, or break, this one.
const send = process.send?.bind(process) as (message: UtilityMessage) => void;
const tell = (message: UtilityMessage): void => {
  if (process.connected) send(message);
};
const ends = new DistantEnds((traffic) => tell({ kind: 'ports', traffic }));
const take = ends.take.bind(ends);

class ParentPort extends EventEmitter {
  postMessage(message: unknown): void {
    tell({ kind: 'program', data: structuredClone(message), ends: [] });
  }
}
const parentPort = new ParentPort();
/** What came before somebody listened. */
let early: Extract<UtilityMessage, { kind: 'program' }>[] | null = [];

function emit({ data, ends: ids }: Extract<UtilityMessage, { kind: 'program' }>): void {
  tellBare<Electron.ParentPort, 'message'>(parentPort, 'message', { data, ports: takePorts(ids, take) });
}

parentPort.on('newListener', (event) => {
  if (event !== 'message' || early === null) return;
  setImmediate(() => {
    for (const message of early ?? []) emit(message);
    early = null;
  });
});
process.on('message', (message: UtilityMessage) => {
  switch (message.kind) {
    case 'program':
      for (const id of message.ends) take(id);
      if (early === null) emit(message);
      else early.push(message);
      break;
    case 'ports':
      ends.receive(message.traffic);
      break;
  }
});
// Electron lets rejections pass in the process's own thread only, Node's option also in those that it starts.
if (!isMainThread) {
  process.on('unhandledRejection', (reason) => {
    throw reason;
  });
}
// A utility process whose browser process is gone is ended at once.
process.on('disconnect', () => process.exit(0));

for (const name of ['send', 'disconnect'] as const) Reflect.deleteProperty(process, name);
Object.defineProperty(process, 'parentPort', { value: parentPort });
Object.defineProperty(process, 'type', { value: 'utility' });
