/**
 * `npm start`: builds what is needed, then opens the desktop where it can run, else the interface in a browser. Electron's binary
 * is fetched when that is all that is missing. `--browser`, or PIXCRAWLER_HOST=browser, opens the browser.
 */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from './build.ts';
import { findOrFetchDesktop, thisMachine, wordsForBrowser } from './desktop.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const BROWSER = '--browser';
const given = process.argv.slice(2).filter((word) => word !== BROWSER);
const LOOK_EVERY_MS = 500;

// Between npm and this process there may be a shell that ends by a signal without passing it on.
const parentId = process.ppid;
const look = setInterval(() => {
  if (process.ppid === parentId) return;
  clearInterval(look);
  process.kill(process.pid, 'SIGTERM');
}, LOOK_EVERY_MS);
look.unref();

await build();
const isTerminal = process.stderr.isTTY === true;
/** On a terminal a line of progress gives way to the next one. */
let isOpenLine = false;
const write = (line: string, stays: boolean): void => {
  process.stderr.write(`${isOpenLine ? '\r\x1b[K' : ''}${line}${stays ? '\n' : ''}`);
  isOpenLine = !stays;
};
const say = (line: string): void => write(line, true);
const desktop = await findOrFetchDesktop(
  thisMachine(process.argv.includes(BROWSER) ? { ...process.env, PIXCRAWLER_HOST: 'browser' } : process.env),
  { say, onProgress: (line) => (isTerminal ? write(line, false) : undefined) },
);
if (desktop.isPossible) {
  say('Opening the desktop: Electron runs here.');
  const child = spawn(desktop.binaryPath, [root, ...given], { stdio: 'inherit' });
  // Ctrl-C reaches both; this process only waits for the other one.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.exitCode = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
} else {
  say(`Opening the browser instead of the desktop, because ${desktop.reason}.`);
  const { globals, rest, dropped } = wordsForBrowser(given);
  if (dropped.length > 0)
    say(`Only the desktop takes ${dropped.join(' ')}: drop it on the page in the browser instead.`);
  process.argv.splice(2, process.argv.length, ...globals, 'serve', '--open', ...rest);
  await import(new URL('../dist/cli.js', import.meta.url).href);
}
