/** MessageChannelMain, which only main has. */

import type Electron from 'electron';
import { declared } from './declared.ts';
import { MessagePortMain } from './message-port-main.ts';
import { createChannel, takeOver } from './port-router.ts';

export class MessageChannelMain {
  port1: Electron.MessagePortMain;
  port2: Electron.MessagePortMain;

  constructor() {
    const [first, second] = createChannel();
    this.port1 = declared(new MessagePortMain(first, takeOver));
    this.port2 = declared(new MessagePortMain(second, takeOver));
  }
}
