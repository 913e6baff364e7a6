import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exifRows } from './exif-rows.ts';

test('a photograph’s facts have words and units', () => {
  assert.deepEqual(
    exifRows({
      make: 'Canon',
      model: 'Canon EOS 5D',
      lens: 'EF 35mm',
      takenAt: '2023-05-20T17:02:09+02:00',
      exposureTimeS: 1 / 250,
      fNumber: 2.8,
      iso: 400,
      focalLengthMm: 35,
      latitude: -33.86,
      longitude: 151.2,
      software: null,
      artist: '',
    }),
    [
      ['Camera', 'Canon EOS 5D'],
      ['Lens', 'EF 35mm'],
      ['Taken', '20 May 2023, 17:02:09 (UTC+02:00)'],
      ['Exposure', '1/250 s'],
      ['Aperture', 'f/2.8'],
      ['ISO', '400'],
      ['Focal length', '35 mm'],
      ['Position', '33.86° S, 151.2° E'],
    ],
  );
});

test('long exposures are seconds, times without a zone are told as they are, and what is no time too', () => {
  const value = (exif: Parameters<typeof exifRows>[0]) => exifRows(exif)[0]?.[1];
  assert.equal(value({ exposureTimeS: 2.5 }), '2.5 s');
  assert.equal(value({ exposureTimeS: 0.4 }), '0.4 s');
  assert.equal(value({ exposureTimeS: 1 / 3 }), '1/3 s');
  assert.equal(value({ takenAt: '2023-12-24T19:00:00' }), '24 Dec 2023, 19:00:00');
  assert.equal(value({ takenAt: 'long ago' }), 'long ago');
  assert.equal(value({ make: 'Maker', model: 'Three' }), 'Maker Three');
});

test('nothing is lost: names without words stay as they are, and so do values of another type', () => {
  const names = fc.constantFrom('make', 'model', 'takenAt', 'fNumber', 'iso', 'latitude', 'longitude', 'MakerNote');
  const values = fc.oneof(fc.string({ minLength: 1 }), fc.double({ min: 0.001, max: 80, noNaN: true }), fc.boolean());
  fc.assert(
    fc.property(fc.dictionary(names, values), (exif) => {
      const rows = exifRows(exif);
      const shown = rows.map(([, value]) => value).join('\n');
      for (const [name, value] of Object.entries(exif)) {
        if (typeof value !== 'number')
          assert.ok(shown.includes(String(value)) || name === 'make' || name === 'takenAt');
        if (name === 'MakerNote') assert.ok(rows.some((row) => row[0] === name && row[1] === String(value)));
      }
      const pairs = 'make' in exif && 'model' in exif ? 1 : 0;
      assert.ok(rows.length >= Object.keys(exif).length - pairs - 1);
    }),
    { numRuns: 500 },
  );
});
