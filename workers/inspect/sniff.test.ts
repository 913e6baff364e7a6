import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { IMAGE_FORMATS } from '../../shared/vocabulary.ts';
import { sniff } from './sniff.ts';

const formatOf = (text: string, encoding: BufferEncoding = 'latin1'): string =>
  sniff(Buffer.from(text, encoding)).format;

test('signatures tell the raster formats', () => {
  const bitmapHeader = `BM${'\0'.repeat(12)}\x28\0\0\0`;
  assert.equal(formatOf('ffd8ffe0', 'hex'), 'jpeg');
  assert.equal(formatOf('89504e470d0a1a0a', 'hex'), 'png');
  assert.equal(formatOf('RIFF\x10\0\0\0WEBPVP8 '), 'webp');
  assert.equal(formatOf('GIF87a'), 'gif');
  assert.equal(formatOf('GIF89a'), 'gif');
  for (const order of ['49492a00', '4d4d002a', '49492b00', '4d4d002b']) assert.equal(formatOf(order, 'hex'), 'tiff');
  assert.equal(formatOf(bitmapHeader), 'bmp');
  assert.equal(formatOf('BM are also the first letters of a text'), 'unknown');
  assert.equal(formatOf('RIFF\x10\0\0\0WAVEfmt '), 'unknown');
});

test('the brands of a file type box tell AVIF from HEIF and from films', () => {
  const box = (...brands: string[]): string => {
    const [major, ...others] = brands;
    return `\0\0\0${String.fromCharCode(16 + 4 * others.length)}ftyp${major}\0\0\0\0${others.join('')}`;
  };
  assert.equal(formatOf(box('avif', 'mif1')), 'avif');
  assert.equal(formatOf(box('mif1', 'miaf', 'avif')), 'avif');
  assert.equal(formatOf(box('heic', 'mif1')), 'heif');
  assert.equal(formatOf(box('isom', 'mp42')), 'unknown');
  assert.equal(formatOf(`${box('isom', 'mp42')}avif`), 'unknown', 'brands behind the box do not count');
});

test('a drawing is found behind everything XML allows before its root', () => {
  const root = '<svg xmlns="http://www.w3.org/2000/svg">';
  for (const text of [
    root,
    `  \r\n${root}`,
    `\xef\xbb\xbf<?xml version="1.0"?>${root}`,
    `<!-- <html> --><!-- a --> ${root}`,
    `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">${root}`,
    `<!DOCTYPE svg [ <!ENTITY a "<b>"> ]>${root}`,
    '<svg:svg xmlns:svg="http://www.w3.org/2000/svg">',
    '<SVG>',
  ]) {
    assert.equal(formatOf(text), 'svg', text);
  }
  assert.equal(sniff(Buffer.from(`\ufeff${root}`, 'utf16le')).format, 'svg');
  assert.equal(sniff(Buffer.from(`\ufeff${root}`, 'utf16le').swap16()).format, 'svg');
  assert.equal(sniff(gzipSync(`<?xml version="1.0"?>${root}${'<g/>'.repeat(100_000)}`)).format, 'svg');
  for (const text of ['<html><svg></svg></html>', `text ${root}`, '<!-- <svg> -->', '<?xml', '<svgx>', '']) {
    assert.equal(formatOf(text), 'unknown', text);
  }
  assert.equal(sniff(gzipSync('<html>')).format, 'unknown');
});

test('images of formats that are not opened are called by their names', () => {
  assert.deepEqual(sniff(Buffer.from('8BPS\0\x01')), { format: 'unknown', foreign: 'Photoshop' });
  assert.deepEqual(sniff(Buffer.from('ff0a', 'hex')), { format: 'unknown', foreign: 'JPEG XL' });
  assert.deepEqual(sniff(Buffer.from('plain text')), { format: 'unknown', foreign: null });
});

test('any bytes have a format, quickly', () => {
  const starts = [
    '',
    'ffd8ff',
    '89504e470d0a1a0a',
    '52494646',
    '0000001866747970',
    '1f8b08',
    '424d',
    '3c21',
    'fffe',
    'feff',
    '3c21444f435459504520',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), (start, rest) => {
      const { format } = sniff(Buffer.concat([Buffer.from(start, 'hex'), rest]));
      assert.ok(IMAGE_FORMATS.includes(format));
    }),
    { numRuns: 1000 },
  );
  const started = performance.now();
  for (const unit of ['<!--', '<!DOCTYPE [', '<?', '<!', ' ']) sniff(Buffer.from(unit.repeat(4_000_000 / unit.length)));
  sniff(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
  assert.ok(performance.now() - started < 5000);
});
