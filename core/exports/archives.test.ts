import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import tarStream from 'tar-stream';
import yauzl from 'yauzl';
import { type ArchiveEntry, readTar, readZip } from './archive-reader.ts';
import { TarWriter } from './tar-writer.ts';
import { ZipWriter } from './zip-writer.ts';

let root: string;
before(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'pixcrawler-archives-'));
});
after(() => fs.rmSync(root, { recursive: true, force: true }));

const path = (name: string) => join(root, name);

function entriesOf(file: string, read: (fd: number) => Generator<ArchiveEntry>): ArchiveEntry[] {
  const fd = fs.openSync(file, 'r');
  try {
    return [...read(fd)];
  } finally {
    fs.closeSync(fd);
  }
}

const segment = fc
  .string({ unit: fc.constantFrom('a', 'Z', '9', ' ', '.', '-', 'é', '狐', '🦊', "'"), minLength: 1, maxLength: 130 })
  .filter((text) => !/^\.+$/.test(text));
const names = fc.uniqueArray(
  fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
  {
    minLength: 1,
    maxLength: 6,
  },
);
const files = names.chain((list) =>
  fc.tuple(...list.map((name) => fc.record({ name: fc.constant(name), bytes: fc.uint8Array({ maxLength: 1200 }) }))),
);

test('any name and size comes back from tar and zip, by our readers and by others', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(files, async (list) => {
      run += 1;
      const [tar, zip] = [path(`${run}.tar`), path(`${run}.zip`)];
      const writers = [new TarWriter(tar), new ZipWriter(zip, path(`${run}.directory`))];
      for (const [index, { name, bytes }] of list.entries()) {
        const source = path(`${run}-${index}`);
        fs.writeFileSync(source, bytes);
        for (const writer of writers) writer.add(name, source, bytes.length);
        fs.rmSync(source);
      }
      for (const writer of writers) await writer.finish();
      const expected = list.map(({ name, bytes }) => [name, Buffer.from(bytes)]);
      for (const [file, read] of [
        [tar, readTar],
        [zip, readZip],
      ] as const) {
        const whole = fs.readFileSync(file);
        const found = entriesOf(file, read).map(({ name, offset, sizeBytes }) => [
          name,
          whole.subarray(offset, offset + sizeBytes),
        ]);
        assert.deepEqual(found, expected);
      }
      const byTarStream = [];
      for await (const entry of fs.createReadStream(tar).pipe(tarStream.extract())) {
        byTarStream.push([entry.header.name, await buffer(entry)]);
      }
      assert.deepEqual(byTarStream, expected);
      assert.deepEqual(await readWithYauzl(zip), expected);
    }),
    { numRuns: 100 },
  );
});

function readWithYauzl(file: string): Promise<[string, Buffer][]> {
  return new Promise((resolve, reject) => {
    const found: [string, Buffer][] = [];
    yauzl.open(file, { lazyEntries: true }, (error, zip) => {
      if (error !== null) return reject(error);
      zip.on('error', reject);
      zip.on('end', () => resolve(found));
      zip.on('entry', (entry: yauzl.Entry) => {
        zip.openReadStream(entry, async (failure, stream) => {
          if (failure !== null) return reject(failure);
          found.push([entry.fileName, await buffer(stream)]);
          zip.readEntry();
        });
      });
      zip.readEntry();
    });
  });
}

test('more than 65,535 entries: zip64 counts them', async () => {
  const count = 66_000;
  const source = path('tiny');
  fs.writeFileSync(source, 'x');
  const writer = new ZipWriter(path('many.zip'), path('many.directory'));
  for (let index = 0; index < count; index += 1) writer.add(`folder/${index}`, source, 1);
  await writer.finish();
  assert.equal(entriesOf(path('many.zip'), readZip).length, count);
  const seen = await new Promise<number>((resolve, reject) => {
    yauzl.open(path('many.zip'), (error, zip) => (error === null ? resolve(zip.entryCount) : reject(error)));
  });
  assert.equal(seen, count);
});

test('files larger than the buffer, and sources that are not as they should be', async () => {
  const source = path('large');
  fs.writeFileSync(source, Buffer.alloc(9_000_001, 'large'));
  const tar = new TarWriter(path('large.tar'));
  const zip = new ZipWriter(path('large.zip'), path('large.directory'));
  for (const writer of [tar, zip]) {
    writer.add('first', source, 9_000_001);
    assert.throws(() => writer.add('second', source, 9_000_000), /Expected 9000000 bytes/);
    assert.throws(() => writer.add('third', path('absent'), 1), /Could not read .*absent/);
  }
  const whole = new TarWriter(path('whole.tar'));
  whole.add('first', source, 9_000_001);
  await whole.finish();
  assert.deepEqual(entriesOf(path('whole.tar'), readTar), [
    { name: 'first', offset: 512, sizeBytes: 9_000_001, crc32: null },
  ]);
});

test('a flipped or missing byte anywhere in a header is noticed by the readers', async () => {
  const source = path('small');
  fs.writeFileSync(source, 'content');
  const tar = new TarWriter(path('small.tar'));
  tar.add('name', source, 7);
  await tar.finish();
  const bytes = fs.readFileSync(path('small.tar'));
  for (let at = 0; at < 265; at += 1) {
    // The checksum ends at byte 154; the one after it says nothing.
    if (at === 155) continue;
    const damaged = Buffer.from(bytes);
    damaged[at]! ^= 0x04;
    fs.writeFileSync(path('damaged.tar'), damaged);
    assert.throws(() => entriesOf(path('damaged.tar'), readTar), `byte ${at}`);
  }
  for (const length of [0, 100, 512, 1024, 1536, bytes.length - 1]) {
    fs.writeFileSync(path('cut.tar'), bytes.subarray(0, length));
    assert.throws(() => entriesOf(path('cut.tar'), readTar), `cut at ${length}`);
  }
});
