/** A process to be killed: owns a data directory for ever. */

import { writeSync } from 'node:fs';
import { openDataDirectory } from './data-directory.ts';
import { lockDataDirectory } from './lock.ts';

await lockDataDirectory(await openDataDirectory(process.argv[2]!));
writeSync(1, 'locked\n');
setInterval(() => {}, 60_000);
