/** Entry of the core's utility process: opens the library, answers ports that main hands over, and ends when main does. */

import v8 from 'node:v8';
import type { MessagePortMain } from 'electron';
import type { Core, Keychain } from '../core/index.ts';
import { toAppError, unreachable } from '../shared/errors.ts';
import type { MediaAnswer, MediaRequest } from '../shared/media.ts';
import type { CipherTask, CoreStart, MessageToCore, MessageToMain } from './core-protocol.ts';
import { createUtilityProcessHost } from './utility-process-host.ts';

const { parentPort } = process;
const tell = (message: MessageToMain): void => parentPort.postMessage(message);
const processHost = createUtilityProcessHost(tell);
/** What the keychain was asked and has not answered. */
const asked = new Map<number, PromiseWithResolvers<string | null>>();
let lastAsked = 0;
let core: Promise<Core> | null = null;
let stopServing: (() => Promise<void>) | null = null;

// Bodies of images are garbage soon: a young generation that does not grow gives their memory back early, and a
// collector that minds size keeps a crawl's peak a tenth lower.
v8.setFlagsFromString('--semi-space-growth-factor=1');
v8.setFlagsFromString('--optimize-for-size');

parentPort.on('message', ({ data, ports }) => {
  receive(data as MessageToCore, ports).catch(report);
});
// Electron would only warn. A core that goes on half done is of less use than the next one, as in every other host.
process.on('unhandledRejection', (reason) => {
  throw reason;
});
// A terminal's Ctrl-C reaches the whole group; main decides what it means for the core.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);

/** A library that could not be opened has no log; main has been told why. */
function report(error: unknown): void {
  core?.then(
    (opened) => opened.report(error),
    () => undefined,
  );
}

async function receive(message: MessageToCore, [port]: readonly MessagePortMain[]): Promise<void> {
  switch (message.type) {
    case 'open':
      core = open(message.start);
      return answerOpened(message.start);
    case 'connect':
      if (port !== undefined) await (await core)?.answerPort(port);
      return;
    case 'spawned':
      return processHost.onSpawned(message, port);
    case 'exited':
      return processHost.onExited(message);
    case 'media':
      return tell({ type: 'media', id: message.id, answer: await answerMedia(message.request) });
    case 'ciphered':
      asked.get(message.id)?.resolve(message.text);
      asked.delete(message.id);
      return;
    case 'ask-alive':
      return tell({ type: 'alive' });
    case 'close':
      return close();
    default:
      return unreachable(message);
  }
}

async function open({ dataDirectory, create, version, holds }: CoreStart): Promise<Core> {
  const { openCore } = await import('../core/index.ts');
  return openCore({
    dataDirectory,
    create,
    version,
    environment: process.env,
    processHost,
    keychain: keychain(),
    holds,
  });
}

async function answerOpened(start: CoreStart): Promise<void> {
  try {
    const opened = await (core as Promise<Core>);
    await opened.watchDisk();
    tell({ type: 'opened', resumed: await opened.resumeInterrupted() });
    await serveBeside(opened, start);
  } catch (error) {
    const { code, message } = toAppError(error);
    tell({ type: 'refused', code, message });
  }
}

/** The command line, started beside the desktop, talks to this core: it listens for it on loopback, with a token of its own. */
async function serveBeside(opened: Core, { dataDirectory, version, interfacePath }: CoreStart): Promise<void> {
  try {
    const { serve } = await import('../server/headless.ts');
    const serving = await serve({ core: opened, dataDirectory, version, interfacePath, host: '127.0.0.1', port: 0 });
    stopServing = serving.close;
  } catch (error) {
    // The desktop itself needs no socket.
    opened.report(error);
  }
}

async function answerMedia(request: MediaRequest): Promise<MediaAnswer> {
  try {
    const media = await (await (core as Promise<Core>)).media();
    return await media.answer(request);
  } catch (error) {
    report(error);
    return { status: 503, headers: {}, body: null };
  }
}

function keychain(): Keychain {
  const ask = (task: CipherTask, text: string): Promise<string | null> => {
    lastAsked += 1;
    const answer = Promise.withResolvers<string | null>();
    asked.set(lastAsked, answer);
    tell({ type: 'cipher', id: lastAsked, task, text });
    return answer.promise;
  };
  return { encrypt: (text) => ask('encrypt', text), decrypt: (text) => ask('decrypt', text) };
}

async function close(): Promise<void> {
  try {
    await stopServing?.();
    await (await core)?.close();
  } catch (error) {
    report(error);
  } finally {
    process.exit(0);
  }
}
