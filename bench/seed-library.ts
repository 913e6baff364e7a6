/**
 * `npm run seed`: a library to try the interface on, with thumbnails but without originals.
 *
 *   --samples N     how many samples; default 500000
 *   --data-dir DIR  where; default PIXCRAWLER_DATA_DIR, else the data folder of this system. It must be empty or missing.
 */

import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { parseArgs } from 'node:util';
import { dataDirectoryOf } from '../cli/paths.ts';
import { seedLibrary } from './seed.ts';

const { values } = parseArgs({
  options: { samples: { type: 'string', default: '500000' }, 'data-dir': { type: 'string' } },
});

function fail(message: string): never {
  process.stderr.write(`error: ${message}\n`);
  process.exit(2);
}

const count = Number(values.samples);
if (!Number.isInteger(count) || count < 1 || count > 10_000_000) {
  fail(`Expected --samples to be a whole number from 1 to 10000000, got "${values.samples}".`);
}
const place = {
  environment: process.env,
  platform: process.platform,
  homeDirectory: homedir(),
  workingDirectory: process.cwd(),
};
const dataDirectory = dataDirectoryOf(place, values['data-dir']);
if (existsSync(dataDirectory) && readdirSync(dataDirectory).length > 0) {
  fail(`Expected an empty data directory, but ${dataDirectory} holds something. Name another with --data-dir.`);
}
const startedMs = performance.now();
await seedLibrary(dataDirectory, count, { onProgress: (text) => console.log(text) });
const seconds = Math.round((performance.now() - startedMs) / 1000);
console.log(`${count.toLocaleString('en')} samples are in ${dataDirectory}, made in ${seconds} s.`);
