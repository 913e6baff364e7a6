/** Runs the bundle of main in plain Node, with the fake in place of `electron`, and answers the test. */

import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { constants, runInThisContext } from 'node:vm';
import { acts, contentsOf } from './acts.ts';
import { app, becomeReady } from './app.ts';
import { configuration, type Traces } from './configuration.ts';
import type { MessageToProgram, MessageToTest } from './control-messages.ts';
import * as electron from './electron.ts';
import { refuseLinks } from './linkless-disk.ts';
import { withoutNodeOptions } from './node-options.ts';
import { fileAt } from './page.ts';
import { moveTo, type Place, receiveFrom } from './port-router.ts';
import { replacePowerSupplies } from './power-supplies.ts';
import { recorded } from './recorded.ts';
import { WebContents } from './web-contents.ts';

/** A program whose main waits at its top level for what comes after it would wait for ever. */
const PATIENCE_MS = 10_000;

const { entry, machine, tracesPath } = configuration;
const send = process.send?.bind(process) as (message: MessageToTest) => void;
const test: Place = { send: (traffic) => tell({ kind: 'ports', traffic }) };

function tell(message: MessageToTest): void {
  if (process.connected) send(message);
}

async function call({ id, windowId, source, parameter }: Extract<MessageToProgram, { kind: 'call' }>): Promise<void> {
  try {
    const value = await (windowId === null
      ? (runInThisContext(`(${source})`, { importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER })(
          { electron, recorded, acts },
          parameter,
        ) as unknown)
      : WebContents.pageOf(contentsOf(windowId)).run(source, { parameter, fileAt }));
    tell({ kind: 'answer', id, value: value as unknown });
  } catch (error) {
    const { message, stack } = error as Error;
    tell({ kind: 'failure', id, message, stack: stack ?? '' });
  }
}

process.on('message', (message: MessageToProgram) => {
  switch (message.kind) {
    case 'call':
      void call(message);
      break;
    case 'stand-in':
      WebContents.standIn(contentsOf(message.windowId), ({ data, ends }) => {
        tell({ kind: 'posted', windowId: message.windowId, data, ends });
        for (const id of ends) moveTo(id, test);
      });
      break;
    case 'ports':
      receiveFrom(test, message.traffic);
      break;
    case 'quit':
      app.quit();
      break;
  }
});
process.on('exit', () => {
  const { utilityProcesses, windows, dialogs } = recorded;
  const traces: Traces = {
    utilityProcesses: utilityProcesses.map(({ modulePath }) => basename(modulePath)),
    windowCount: windows.length,
    dialogs: dialogs.map(({ options }) => options.message ?? ''),
  };
  writeFileSync(tracesPath, JSON.stringify(traces));
});
// The test is gone.
process.on('disconnect', () => process.exit(1));

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' || specifier === 'electron/main'
      ? { url: new URL('./electron.ts', import.meta.url).href, shortCircuit: true }
      : next(specifier, context),
});
replacePowerSupplies();
refuseLinks();
withoutNodeOptions(process.env);
for (const name of ['send', 'disconnect'] as const) Reflect.deleteProperty(process, name);
const given = process.argv.slice(2);
const set = (name: string, value: unknown) => Object.defineProperty(process, name, { value, writable: true });
set('type', 'browser');
set('platform', machine.platform);
set('versions', { ...process.versions, electron: '45.5.0', chrome: '150.0.0.0' });
set('resourcesPath', join(machine.home, 'resources'));
set('defaultApp', !machine.isPackaged);
set('argv', [process.execPath, ...(machine.isPackaged ? [] : [entry]), ...given]);

const patience = setTimeout(() => {
  process.stderr.write('Main has not been evaluated to its end: Electron is not ready before that.\n');
  process.exit(1);
}, PATIENCE_MS);
performance.mark('fake:entry');
await import(pathToFileURL(entry).href);
clearTimeout(patience);
becomeReady();
tell({ kind: 'ready' });
