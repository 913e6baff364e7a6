/** `npm run test:electron`: the main journeys in Electron itself, or one line that says why they are skipped. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { build } from './build.ts';
import { findDesktop, thisMachine } from './desktop.ts';

const TIMEOUT_MS = 300_000;

const { PIXCRAWLER_HOST: _host, ...environment } = process.env;
const machine = thisMachine(environment);
const desktop = await findDesktop(machine);
if (!desktop.isPossible) console.log(`skipped: the journeys in Electron, because ${desktop.reason}`);
else {
  await build();
  const folder = join(machine.root, 'tests/electron');
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.journey.ts'))
    .map((name) => join(folder, name));
  process.env.PIXCRAWLER_ELECTRON = desktop.binaryPath;
  // One at a time: each has the display to itself.
  run({ files, concurrency: 1, timeout: TIMEOUT_MS, cwd: machine.root })
    .on('test:fail', () => {
      process.exitCode = 1;
    })
    .compose(spec)
    .pipe(process.stdout);
}
