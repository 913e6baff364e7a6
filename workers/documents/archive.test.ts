import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Header, pack } from 'tar-stream';
import type { AppError } from '../../shared/errors.ts';
import type { TaskInput, TaskOutput } from '../tasks.ts';
import { unpackArchive } from './archive.ts';

/** The long form is `RELIABILITY=full`. */
const factor = process.env.RELIABILITY === 'full' ? 50 : 1;

const root = mkdtempSync(join(tmpdir(), 'archives-'));
after(() => rmSync(root, { recursive: true }));
let count = 0;

type Limits = Partial<
  Pick<TaskInput<'unpack-archive'>, 'fromEntry' | 'maxEntries' | 'maxEntryBytes' | 'maxTotalBytes' | 'minFreeBytes'>
>;

/** Unpacks, and checks that nothing lies anywhere but in the destination. */
async function unpack(
  archive: Uint8Array,
  limits: Limits = {},
  entryLimit?: number,
): Promise<TaskOutput<'unpack-archive'>> {
  const folder = join(root, String(count++));
  const destination = join(folder, 'out', 'deep');
  mkdirSync(destination, { recursive: true });
  const path = join(folder, 'archive');
  writeFileSync(path, archive);
  const answer = await unpackArchive(
    {
      path,
      destination,
      fromEntry: 0,
      maxEntries: 1e6,
      maxEntryBytes: 1e6,
      maxTotalBytes: 1e7,
      minFreeBytes: 0,
      ...limits,
    },
    entryLimit,
  );
  assert.deepEqual(readdirSync(folder).sort(), ['archive', 'out']);
  assert.deepEqual(readdirSync(join(folder, 'out')), ['deep']);
  const files = answer.entries.flatMap((entry) => (entry.path === null ? [] : [entry.path]));
  assert.deepEqual(
    readdirSync(destination)
      .map((name) => join(destination, name))
      .sort(),
    files.toSorted(),
  );
  for (const entry of answer.entries) {
    assert.equal(entry.path === null, entry.refused !== null);
    if (entry.path !== null) assert.equal(readFileSync(entry.path).length, entry.sizeBytes);
  }
  return answer;
}

const shown = ({ entries }: TaskOutput<'unpack-archive'>): string[] =>
  entries.map(
    ({ name, path, refused }) => `${name}: ${path === null ? refused : readFileSync(path, 'latin1').slice(0, 20)}`,
  );

interface ZipItem {
  readonly name: string;
  readonly data?: string | Uint8Array;
  readonly method?: number;
  readonly mode?: number;
  readonly flags?: number;
  readonly declaredBytes?: number;
  readonly sum?: number;
}

/** Writes a zip with whatever the items claim (APPNOTE 6.3). */
function zip(items: readonly ZipItem[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data = '', method = 0, mode = 0, flags = 0x800, declaredBytes, sum } of items) {
    const raw = Buffer.from(data as string);
    const stored = method === 8 ? deflateRawSync(raw) : raw;
    const nameBytes = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(sum ?? crc32(raw), 10);
    common.writeUInt32LE(stored.length, 14);
    common.writeUInt32LE(declaredBytes ?? raw.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const central = Buffer.alloc(14);
    central.writeUInt32LE((mode << 16) >>> 0, 6);
    central.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, central, nameBytes);
    const body = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, stored]);
    bodies.push(body);
    offset += body.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(items.length, 8);
  end.writeUInt16LE(items.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, central, end]);
}

async function tar(
  items: readonly (Partial<Header> & { name: string; data?: string | Uint8Array })[],
): Promise<Buffer> {
  const stream = pack();
  for (const { data, ...header } of items) stream.entry(header, Buffer.from((data ?? '') as string));
  stream.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

const files = [
  { name: 'cats/1.jpg', data: 'one' },
  { name: 'dogs/é 2.jpg', data: 'two'.repeat(1000) },
  { name: 'empty.jpg', data: '' },
];

test('zip, tar and tar.gz give the same files', async () => {
  const deflated = files.map((file) => ({ ...file, method: 8 }));
  const archives = [zip(files), zip(deflated), await tar(files), gzipSync(await tar(files))];
  for (const archive of archives) {
    const answer = await unpack(archive);
    assert.deepEqual(
      answer.entries.map(({ index, name, sizeBytes, refused }) => [index, name, sizeBytes, refused]),
      [
        [0, 'cats/1.jpg', 3, null],
        [1, 'dogs/é 2.jpg', 3000, null],
        [2, 'empty.jpg', 0, null],
      ],
    );
    assert.deepEqual([answer.nextEntry, answer.done], [3, true]);
    assert.equal(readFileSync(answer.entries[1]!.path!, 'latin1'), 'two'.repeat(1000));
  }
  assert.deepEqual(shown(await unpack(zip([]))), []);
});

test('a tar without the ustar mark is read', async () => {
  const archive = await tar(files.slice(0, 1));
  archive.fill(0, 257, 265);
  archive.write('        ', 148, 'latin1');
  const sum = archive.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  assert.deepEqual(shown(await unpack(archive)), ['cats/1.jpg: one']);
});

test('names are never paths', async () => {
  const names = [
    ...[
      '../x',
      '../../x',
      '/etc/x',
      '..\\..\\x',
      'C:\\x',
      '\\\\s\\x',
      'a/../../x',
      './../x',
      '....//x',
      '..',
      '.',
      'CON',
      'x\0y',
    ],
    ...['%2e%2e/x', '..%2fx', '~/x', 'a:b', '\u202Ex', '//x', 'x'.repeat(5000)],
  ];
  assert.equal(names.length, 20);
  const fromZip = await unpack(zip(names.map((name) => ({ name, data: 'd' }))));
  assert.deepEqual(
    fromZip.entries.map(({ refused }) => refused),
    names.map(() => null),
  );
  assert.deepEqual(
    fromZip.entries.slice(0, 3).map(({ name }) => name),
    names.slice(0, 3),
  );
  const fromTar = await unpack(
    await tar(names.filter((name) => !name.includes('\0')).map((name) => ({ name, data: 'd' }))),
  );
  assert.deepEqual(new Set(fromTar.entries.map(({ refused }) => refused)), new Set([null]));
});

test('links, folders, devices and what systems add are excluded', async () => {
  const fromZip = await unpack(
    zip([
      { name: 'a/' },
      { name: 'link', data: '/etc/passwd', mode: 0o120777 },
      { name: 'fifo', mode: 0o010644 },
      { name: '__MACOSX/a/._b.jpg', data: 'x' },
      { name: 'a/.DS_Store', data: 'x' },
      { name: 'a/b.jpg', data: 'x', mode: 0o100644 },
    ]),
  );
  assert.deepEqual(shown(fromZip), [
    'a/: excluded',
    'link: excluded',
    'fifo: excluded',
    '__MACOSX/a/._b.jpg: excluded',
    'a/.DS_Store: excluded',
    'a/b.jpg: x',
  ]);
  const fromTar = await unpack(
    await tar([
      { name: 'a/', type: 'directory' },
      { name: 'link', type: 'symlink', linkname: '/etc/passwd' },
      { name: 'hard', type: 'link', linkname: '../x' },
      { name: 'dev', type: 'block-device' },
      { name: 'fifo', type: 'fifo' },
      { name: 'b.jpg', data: 'x' },
    ]),
  );
  assert.deepEqual(
    shown(fromTar).map((row) => row.split(': ')[1]),
    ['excluded', 'excluded', 'excluded', 'excluded', 'excluded', 'x'],
  );
});

test('damaged and dishonest zip entries are unreadable, the others are good', async () => {
  const answer = await unpack(
    zip([
      { name: 'good', data: 'good' },
      { name: 'secret', data: 'x', flags: 0x801 },
      { name: 'method', data: 'x', method: 12 },
      { name: 'sum', data: 'x', sum: 5 },
      { name: 'more', data: 'x'.repeat(100_000), method: 8, declaredBytes: 10 },
      { name: 'less', data: 'x', method: 8, declaredBytes: 1000 },
      { name: 'last', data: 'last' },
    ]),
  );
  assert.deepEqual(shown(answer), [
    'good: good',
    'secret: unreadable',
    'method: unreadable',
    'sum: unreadable',
    'more: unreadable',
    'less: unreadable',
    'last: last',
  ]);
});

test('sizes are bounded for each entry and in all', async () => {
  const items = [
    { name: '1', data: 'a'.repeat(100) },
    { name: '2', data: 'b'.repeat(300) },
    { name: '3', data: 'c'.repeat(100) },
    { name: '4', data: 'd'.repeat(100) },
  ];
  for (const archive of [zip(items), await tar(items), gzipSync(await tar(items))]) {
    const single = await unpack(archive, { maxEntryBytes: 200 });
    assert.deepEqual(
      single.entries.map(({ refused }) => refused),
      [null, 'too-large', null, null],
    );
    const total = await unpack(archive, { maxEntryBytes: 200, maxTotalBytes: 250 });
    assert.deepEqual(
      total.entries.map(({ refused }) => refused),
      [null, 'too-large', null, 'too-large'],
    );
    assert.equal(total.done, true);
    const limited = await unpack(archive, {}, 3);
    assert.deepEqual(
      limited.entries.map(({ refused }) => refused),
      [null, null, null, 'too-large'],
    );
    assert.equal(limited.done, true);
    assert.equal((await unpack(archive, {}, 4)).entries.at(-1)?.refused, null);
  }
});

test('nothing is unpacked below the floor of the disk, and that is no fault of the archive', async () => {
  const items = [{ name: 'a.png', data: 'x' }];
  const archives = [zip(items), await tar(items), gzipSync(await tar(items))];
  for (const archive of archives) {
    await assert.rejects(unpack(archive, { minFreeBytes: 2 ** 60 }), (error: AppError) => {
      assert.equal(error.code, 'disk-full');
      assert.match(
        error.message,
        /at least .* MiB free on the disk that holds .* unpacking .*archive,.* but .* MiB are\./,
      );
      return true;
    });
  }
});

test('pages join to the whole', async () => {
  const items = Array.from({ length: 10 }, (_, index) => ({ name: `${index}.jpg`, data: String(index) }));
  for (const archive of [zip(items), await tar(items)]) {
    const names: string[] = [];
    let fromEntry = 0;
    for (;;) {
      const answer = await unpack(archive, { fromEntry, maxEntries: 3 });
      names.push(...answer.entries.map(({ index, name }) => `${index}:${name}`));
      fromEntry = answer.nextEntry;
      if (answer.done) break;
    }
    assert.deepEqual(
      names,
      items.map(({ name }, index) => `${index}:${name}`),
    );
  }
});

test('bombs are stopped', async () => {
  const started = performance.now();
  const zeros = Buffer.alloc(50_000_000);
  const bomb = zip([
    { name: 'bomb', data: zeros, method: 8, declaredBytes: 1000 },
    { name: 'honest', data: zeros, method: 8 },
  ]);
  assert.deepEqual(
    (await unpack(bomb)).entries.map(({ refused }) => refused),
    ['unreadable', 'too-large'],
  );
  const header = (await tar([{ name: 'bomb', data: '' }])).subarray(0, 512);
  header.write('77777777777\0', 124, 'latin1');
  header.write('        ', 148, 'latin1');
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    'latin1',
  );
  const endless = gzipSync(Buffer.concat([header, Buffer.alloc(200_000_000)]), { level: 1 });
  const tarBomb = await unpack(endless);
  assert.deepEqual([tarBomb.entries.map(({ refused }) => refused), tarBomb.done], [['too-large', 'too-large'], true]);
  const nested = await unpack(zip([{ name: 'inner.zip', data: bomb }]));
  assert.equal(nested.entries.length, 1);
  assert.ok(performance.now() - started < 20_000);
});

test('damage ends the archive behind what was good', async () => {
  const whole = await tar(files);
  const cut = await unpack(whole.subarray(0, 2500));
  assert.deepEqual(
    cut.entries.map(({ refused }) => refused),
    [null, 'unreadable'],
  );
  const zipped = gzipSync(
    await tar([
      { name: '1', data: 'one' },
      { name: '2', data: Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251)) },
    ]),
  );
  const half = await unpack(zipped.subarray(0, zipped.length - 500));
  assert.equal(half.entries.at(-1)?.refused, 'unreadable');
  for (const archive of [
    zip(files).subarray(0, 100),
    Buffer.from('nothing like an archive'),
    Buffer.alloc(0),
    Buffer.alloc(2000),
  ]) {
    const answer = await unpack(archive);
    assert.deepEqual([answer.entries.map(({ refused }) => refused), answer.done], [['unreadable'], true]);
  }
  await assert.rejects(unpack(Buffer.from('Rar!\x1a\x07\x00', 'latin1')), {
    code: 'unsupported-media-type',
    message: /RAR/,
  });
});

test('no mutation of an archive throws', async () => {
  const seeds = [
    zip(files),
    zip(files.map((file) => ({ ...file, method: 8 }))),
    await tar(files),
    gzipSync(await tar(files)),
  ];
  const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.array(change, { maxLength: 8 }),
      fc.double({ min: 0.3, max: 1, noNaN: true }),
      async (seed, changes, keep) => {
        const mutant = Buffer.from(seed);
        for (const { at, byte } of changes) mutant[Math.min(mutant.length - 1, Math.floor(at * mutant.length))] = byte;
        const answer = await unpack(mutant.subarray(0, Math.ceil(keep * mutant.length)));
        assert.equal(answer.done, true);
      },
    ),
    { numRuns: 600 * factor },
  );
});
