/** Uses the core of a packed program: `node packed-core.fixture.ts APP_FOLDER DATA_DIRECTORY PICTURES OUT`. Prints what came of it. */

import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as CoreEntry from '../../core/index.ts';

const [appFolder, dataDirectory, pictures, outPath] = process.argv.slice(2) as [string, string, string, string];
const require = createRequire(join(appFolder, 'dist/worker.js'));

// The updater asks Electron who it is only when it is used.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: 'data:text/javascript,', shortCircuit: true } : next(specifier, context),
});
const updater = Object.keys(require('electron-updater'));

const turbo = require('@julusian/jpeg-turbo') as { bufferSize(options: object): number };
const bufferSize = turbo.bufferSize({ width: 8, height: 8, subsampling: 0 });

const { openCore } = (await import(pathToFileURL(join(appFolder, 'dist/core.js')).href)) as typeof CoreEntry;
const core = await openCore({
  dataDirectory,
  version: '0.0.0',
  environment: { PIXCRAWLER_WORKERS_PROCESSES: '1', PIXCRAWLER_STORAGE_MIN_FREE_BYTES: '0' },
});
const { client } = core;

async function end(id: number): Promise<string> {
  for (;;) {
    const { state } = await client.jobs.get({ id });
    if (!['waiting', 'active'].includes(state)) return state;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const { id: datasetId } = await client.datasets.create({ name: 'packed' });
const imported = await end((await client.imports.start({ datasetId, paths: [pictures] })).id);
const { items } = await client.samples.browse({ filter: { datasetId }, limit: 10 });
const facets = await client.samples.facets({ filter: { datasetId, text: 'one', ranges: { shortSide: { min: 1 } } } });
const exported = await end((await client.exports.start({ datasetId, format: 'csv', archive: 'zip', outPath })).id);
await core.close();
process.stdout.write(
  JSON.stringify({ updater, bufferSize, imported, samples: items.length, found: facets.count, exported }),
);
