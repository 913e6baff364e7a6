/** Builds what has changed, then runs the program in this process, so that signals and exit codes are its own. */

import './build.ts';

await import(new URL('../dist/cli.js', import.meta.url).href);
