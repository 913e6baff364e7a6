/** `npm start`: builds what is needed, then opens the desktop where it can run, else the interface in a browser. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from './build.ts';
import { findDesktop } from './desktop.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const given = process.argv.slice(2);
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
const desktop = await findDesktop({
  root,
  platform: process.platform,
  environment: process.env,
  userId: process.getuid?.(),
});
if (desktop.isPossible) {
  process.stderr.write('Opening the desktop: Electron runs here.\n');
  const child = spawn(desktop.binaryPath, [root, ...given], { stdio: 'inherit' });
  // Ctrl-C reaches both; this process only waits for the other one.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.exitCode = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
} else {
  process.stderr.write(`Opening the browser instead of the desktop, because ${desktop.reason}.\n`);
  const globals = given.flatMap((word, index) => (word === '--data-dir' ? [word, given[index + 1] ?? ''] : []));
  const rest = given.filter((word, index) => word !== '--data-dir' && given[index - 1] !== '--data-dir');
  process.argv.splice(2, given.length, ...globals, 'serve', '--open', ...rest);
  await import(new URL('../dist/cli.js', import.meta.url).href);
}
