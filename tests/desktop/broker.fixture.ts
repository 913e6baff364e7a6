/** A program of nothing but a broker of workers, and what it told its core, for tests of the broker alone. */

import { fileURLToPath } from 'node:url';
import { app, type MessagePortMain } from 'electron';
import type { MessageToCore } from '../../electron/core-protocol.ts';
import { createWorkerBroker } from '../../electron/worker-broker.ts';

const told: MessageToCore[] = [];
const ports: MessagePortMain[] = [];
const entry = fileURLToPath(new URL('./worker.fixture.ts', import.meta.url));

void app.whenReady().then(() => {
  const tellCore = (message: MessageToCore, given: readonly MessagePortMain[] = []) => {
    told.push(message);
    ports.push(...given);
  };
  Object.assign(globalThis, { broker: createWorkerBroker({ entry, environment: {}, tellCore }), told, ports, entry });
});
