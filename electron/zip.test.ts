import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromBufferPromise } from 'yauzl';
import { type ZipEntry, zipOf } from './zip.ts';

async function read(archive: Buffer): Promise<{ name: string; content: Buffer }[]> {
  const zip = await fromBufferPromise(archive, { strictFileNames: true, validateEntrySizes: true });
  const entries: { name: string; content: Buffer }[] = [];
  for await (const entry of zip.eachEntry()) {
    const stream = await zip.openReadStreamPromise(entry);
    entries.push({ name: entry.fileName, content: Buffer.concat(await stream.toArray()) });
  }
  return entries;
}

const entries: fc.Arbitrary<ZipEntry[]> = fc.array(
  fc.record({
    name: fc.stringMatching(/^[a-zäöü0-9]{1,12}(\/[a-z0-9.]{1,12}[a-z])?$/),
    content: fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 500 })),
  }),
  { maxLength: 12 },
);

test('another reader finds in the archive what was put into it', async () => {
  await fc.assert(
    fc.asyncProperty(entries, async (given) => {
      const expected = given.map(({ name, content }) => ({ name, content: Buffer.from(content) }));
      assert.deepEqual(await read(zipOf(given)), expected);
    }),
    { numRuns: 200 },
  );
});
