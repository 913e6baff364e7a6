/** A process to be killed: an export whose samples never end. */

import { hash, randomBytes } from 'node:crypto';
import { writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportSample } from './export-types.ts';
import { runExport } from './run-export.ts';

const [, , outPath, dataDirectory] = process.argv as [string, string, string, string];
const bytes = randomBytes(50_000);
const path = join(dataDirectory, 'blobs', hash('sha256', bytes));
writeFileSync(path, bytes);

async function* endless(): AsyncGenerator<ExportSample[]> {
  for (let index = 0; ; index += 1) {
    if (index === 20) writeSync(1, 'under way\n');
    yield [
      {
        sha256: index.toString(16).padStart(64, '0'),
        label: null,
        split: null,
        status: 'accepted',
        reasons: [],
        width: 1,
        height: 1,
        format: 'jpeg',
        bytes: bytes.length,
        caption: null,
        name: null,
        tags: [],
        origins: [],
      },
    ];
  }
}

await runExport({
  format: 'csv',
  archive: 'tar',
  outPath,
  dataDirectory,
  content: () => ({ dataset: { name: 'endless', labels: [] }, images: Number.POSITIVE_INFINITY, samples: endless() }),
  pathOf: () => path,
  productVersion: '0',
});
