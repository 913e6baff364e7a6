import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import sharp from 'sharp';
import { plainText, readExif } from './exif.ts';

/** A picture's EXIF block as a library of others writes it. */
async function written(tags: Record<string, Record<string, string>>, orientation?: number): Promise<Buffer> {
  const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: '#888' } }).withExif(tags);
  const bytes = await (orientation === undefined ? picture : picture.withMetadata({ orientation }).withExif(tags))
    .jpeg()
    .toBuffer();
  const start = bytes.indexOf('Exif\0\0');
  return bytes.subarray(start, start - 2 + bytes.readUInt16BE(start - 2));
}

/** A big-endian TIFF block whose only directory holds the given entries: [tag, type, count, value]. */
function block(entries: readonly (readonly [number, number, number, number])[], tail = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.alloc(14 + entries.length * 12);
  bytes.write('MM\0*', 'latin1');
  bytes.writeUInt32BE(8, 4);
  bytes.writeUInt16BE(entries.length, 8);
  entries.forEach(([tag, type, count, value], i) => {
    bytes.writeUInt16BE(tag, 10 + i * 12);
    bytes.writeUInt16BE(type, 12 + i * 12);
    bytes.writeUInt32BE(count, 14 + i * 12);
    bytes.writeUInt32BE(value, 18 + i * 12);
  });
  return Buffer.concat([bytes, tail]);
}

test('the facts of a photograph', async () => {
  const bytes = await written({
    IFD0: { Make: 'Maker', Model: '  Model  3 ', Software: 'Developer 1.0', Artist: 'Ana Muller', Copyright: 'Ana' },
    IFD2: {
      ExposureTime: '1/250',
      FNumber: '28/10',
      ISOSpeedRatings: '400',
      FocalLength: '35/1',
      DateTimeOriginal: '2023:05:20 17:02:09',
      OffsetTimeOriginal: '+02:00',
      LensModel: 'Lens',
    },
    IFD3: {
      GPSLatitudeRef: 'S',
      GPSLatitude: '33/1 51/1 3600/100',
      GPSLongitudeRef: 'E',
      GPSLongitude: '151/1 12/1 0/1',
    },
  });
  const { facts } = readExif(bytes);
  assert.deepEqual(facts, {
    make: 'Maker',
    model: 'Model 3',
    software: 'Developer 1.0',
    artist: 'Ana Muller',
    copyright: 'Ana',
    exposureTimeS: 1 / 250,
    fNumber: 2.8,
    iso: 400,
    focalLengthMm: 35,
    takenAt: '2023-05-20T17:02:09+02:00',
    lens: 'Lens',
    latitude: -33.86,
    longitude: 151.2,
  });
});

test('the orientation is read and bounded', () => {
  assert.equal(readExif(block([[0x0112, 3, 1, 6 << 16]])).orientation, 6);
  assert.equal(readExif(block([[0x0112, 3, 1, 9 << 16]])).orientation, 1);
  assert.equal(readExif(block([[0x0112, 2, 1, 6 << 16]])).orientation, 1);
  assert.deepEqual(readExif(null), { orientation: 1, facts: null });
});

test('values that make no sense are left out', () => {
  const latitude = block(
    [[0x8825, 4, 1, 26]],
    // One directory with a latitude of 120 degrees and no longitude.
    Buffer.from(`0001${'0002000500000001'}${'0000002c'}${'00000000'}${'0000007800000001'}`, 'hex'),
  );
  assert.equal(readExif(latitude).facts, null);
  assert.equal(readExif(block([[0x0132, 2, 20, 26]], Buffer.from('2023:13:45 99:00:00\0'))).facts, null);
  assert.equal(
    readExif(block([[0x0132, 2, 20, 26]], Buffer.from('2023:12:24 19:00:00\0'))).facts?.takenAt,
    '2023-12-24T19:00:00',
  );
  assert.equal(readExif(block([[0x8769, 4, 1, 8]])).facts, null, 'a directory that points at itself');
});

test('text is cleaned, capped and always well formed', () => {
  assert.equal(plainText(' a\u0000b\u001b[31mc\n\td\u202ee ', 200), 'a b [31mc d e');
  assert.equal(plainText('x'.repeat(500), 200).length, 200);
  assert.ok(plainText(`${'x'.repeat(199)}😀`, 200).isWellFormed());
  const name = Buffer.from('Ana Müller ©\0');
  assert.equal(readExif(block([[0x013b, 2, name.length, 26]], name)).facts?.artist, 'Ana Müller ©');
  const long = readExif(block([[0x010f, 2, 0xffffffff, 26]], Buffer.alloc(70_000, 0x61))).facts;
  assert.equal(long?.make?.length, 200);
});

test('any bytes are read without an error, and huge counts cost nothing', async () => {
  const sound = await written({ IFD0: { Make: 'Maker' }, IFD2: { FNumber: '28/10' } });
  const edits = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 10 });
  fc.assert(
    fc.property(edits, fc.nat(sound.length), (changes, length) => {
      const bytes = Buffer.from(sound.subarray(0, length));
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      const { orientation } = readExif(bytes);
      assert.ok(orientation >= 1 && orientation <= 8);
    }),
    { numRuns: 1000 },
  );
  fc.assert(fc.property(fc.uint8Array(), (rest) => void readExif(Buffer.concat([Buffer.from('Exif\0\0II*\0'), rest]))));
  const entries = Array.from({ length: 60_000 }, (_, i) => [i, 5, 0xffffffff, 8] as const);
  const greedy = block(entries, Buffer.alloc(4 * 1024 * 1024));
  const started = performance.now();
  readExif(greedy);
  assert.ok(performance.now() - started < 500);
});
