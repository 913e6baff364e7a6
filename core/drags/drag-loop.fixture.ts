/** A process to be killed: it stages thousands of images, and says when it has begun. */

import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { startCore } from '../core.ts';
import { openLibrary } from '../library.ts';
import { addSamples, storeBlob } from '../testing/test-library.ts';

const [, , root] = process.argv as [string, string, string];
const library = await openLibrary(join(root, 'data'));
library.database.pragma('synchronous = OFF');
const core = await startCore(library, { environment: {}, version: '0.0.0' });
const project = await core.services.projects.insert('project');
const { id: datasetId } = await core.services.datasets.insert(project.id, 'many', []);
const names = Array.from({ length: 4_000 }, (_each, index) => `picture ${index}`);
const sha256 = await storeBlob(core.services, 'a stored picture');
// All are the same file on the disk: what counts is how many are copied.
core.services.blobStore.pathOf = (
  (pathOf) => () =>
    pathOf(sha256)
)(core.services.blobStore.pathOf.bind(core.services.blobStore));
await addSamples(
  core.services,
  datasetId,
  names.map((name) => ({ name, sizeBytes: Buffer.byteLength('a stored picture') })),
);
const { database } = core.services;
await database.write(() => database.prepare("UPDATE samples SET status = 'accepted'").run());
for await (const { state } of await (await core.drags()).stage({ kind: 'dataset', datasetId, layout: 'files' })) {
  writeSync(1, `${state}\n`);
}
