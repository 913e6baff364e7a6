import assert from 'node:assert/strict';
import { win32 } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { FORMAT_EXTENSION, type ImageFormat } from '../../shared/vocabulary.ts';
import { foundNames } from './plain-files.ts';

const formats = Object.keys(FORMAT_EXTENSION) as ImageFormat[];
const hostile = fc.constantFrom(
  null,
  '',
  '.jpg',
  'CON',
  'con.jpg',
  'nul .png',
  '../../etc/passwd',
  'C:\\windows\\x.jpg',
  'a:b.jpg',
  'trailing. ',
  'e\u0301.jpg',
  'é.jpg',
  'IMG_1.JPEG',
  'img_1.jpg',
  '\u202Egpj.exe',
  'x'.repeat(400),
);
const name = fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 60 }));
const sample = fc.record({
  name,
  sha256: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 }),
  format: fc.constantFrom(...formats),
});

test('names are safe on three systems, unique where case and Unicode form do not count, and end as what they are', () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 40 }), (samples) => {
      const nameOf = foundNames();
      const names = samples.map(nameOf);
      const folded = new Set(names.map((each) => each.normalize('NFD').toUpperCase().toLowerCase()));
      assert.equal(folded.size, names.length);
      for (const [index, each] of names.entries()) {
        assert.ok(Buffer.byteLength(each) <= 120, each);
        assert.doesNotMatch(each, /[<>:"/\\|?*\p{Cc}]|^\.|[. ]$/u);
        assert.doesNotMatch(each, /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\.|$)/i);
        assert.equal(win32.extname(each), `.${FORMAT_EXTENSION[(samples[index] as { format: ImageFormat }).format]}`);
      }
    }),
    { numRuns: 500 },
  );
});

test('an image keeps the name it was found under, or has that of its content', () => {
  const nameOf = foundNames();
  const sha256 = 'ab'.repeat(32);
  const names = [
    { name: 'Fox at dawn.JPEG', sha256, format: 'jpeg' },
    { name: 'fox at dawn.jpg', sha256, format: 'jpeg' },
    { name: 'really a.png', sha256, format: 'webp' },
    { name: 'v1.2', sha256, format: 'png' },
    { name: null, sha256, format: 'gif' },
  ] as const;
  assert.deepEqual(names.map(nameOf), [
    'Fox at dawn.jpg',
    'fox at dawn (2).jpg',
    'really a.webp',
    'v1.2.png',
    'abababababababab.gif',
  ]);
});
