/** Runs a program of ours, and rejects a promise that nobody waits for. Given: the program. */

import { pathToFileURL } from 'node:url';

await import(pathToFileURL(process.argv[2] ?? '').href);
void Promise.reject(new Error('nobody waits for this'));
