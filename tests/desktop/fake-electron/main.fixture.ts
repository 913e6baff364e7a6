/** A small program for the tests of the fake: a window, and a utility process that the page gets a port to. */

import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, ipcMain, MessageChannelMain, protocol, utilityProcess } from 'electron';

protocol.registerSchemesAsPrivileged([{ scheme: 'test', privileges: { standard: true, secure: true } }]);
if (!app.requestSingleInstanceLock()) app.quit();

void app.whenReady().then(async () => {
  protocol.handle('test', () => new Response('<html></html>', { headers: { 'content-type': 'text/html' } }));
  const worker = utilityProcess.fork(fileURLToPath(new URL('./worker.fixture.ts', import.meta.url)), ['a word'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    serviceName: 'worker',
  });
  let output = '';
  const { stdout } = worker;
  const hear = (chunk: Buffer) => {
    output += chunk.toString();
  };
  stdout?.on('data', hear);
  worker.on('exit', (code) => {
    queueMicrotask(() => {
      // Electron has taken all listeners off, and what was written last is still to come.
      stdout?.on('data', hear).on('end', () => Object.assign(globalThis, { workerExit: { code, output } }));
    });
  });
  worker.on('message', (message: unknown) => Object.assign(globalThis, { fromWorker: message }));
  const preload = fileURLToPath(new URL('./preload.fixture.cjs', import.meta.url));
  const window = new BrowserWindow({ webPreferences: { preload } });
  ipcMain.on('connect', (event) => {
    const { port1, port2 } = new MessageChannelMain();
    // Said before the worker has it: nothing of it may be lost, nor come in another order.
    port1.postMessage({ early: 1 });
    worker.postMessage({ connect: true }, [port2]);
    event.sender.postMessage('port', null, [port1]);
  });
  ipcMain.handle('add', (_event, left: number, right: number) => left + right);
  await window.loadURL('test://app/');
});
