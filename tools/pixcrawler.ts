/** Builds what has changed, then runs the program in this process, so that signals and exit codes are its own. */

import { build } from './build.ts';

await build({ withInterface: process.argv.includes('serve') });
await import(new URL('../dist/cli.js', import.meta.url).href);
