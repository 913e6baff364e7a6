import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseSrcset } from './srcset.ts';

/** The long form is `RELIABILITY=full`. */
const factor = process.env.RELIABILITY === 'full' ? 50 : 1;

test('candidates are read as the specification says', () => {
  const rows: [string, string[]][] = [
    ['', []],
    [' , ,', []],
    ['a.jpg', ['a.jpg']],
    ['a.jpg, b.jpg 2x', ['a.jpg', 'b.jpg 2x']],
    ['a.jpg 400w, b.jpg 1.5x, c.jpg 800w 600h', ['a.jpg 400w', 'b.jpg 1.5x', 'c.jpg 800w']],
    ['/w_100,h_200/a.jpg 1x, /w_200,h_400/b.jpg 2x', ['/w_100,h_200/a.jpg 1x', '/w_200,h_400/b.jpg 2x']],
    ['a.jpg,b.jpg 2x', ['a.jpg,b.jpg 2x']],
    ['a.jpg,, b.jpg 2x,,', ['a.jpg', 'b.jpg 2x']],
    ['data:image/png;base64,AA== 1x, b.jpg 2x', ['data:image/png;base64,AA== 1x', 'b.jpg 2x']],
    ['a.jpg 0w, b.jpg -1x, c.jpg 1q, d.jpg 1x 2x, e.jpg 1w 1x, f.jpg 5h, g.jpg 1.w, h.jpg +1x', []],
    ['a.jpg 1x (b, c.jpg 2x), d.jpg 3x', ['d.jpg 3x']],
    ['a.jpg .5x, b.jpg 1e1x, c.jpg 1.x', ['a.jpg 0.5x', 'b.jpg 10x']],
    ['a.jpg\n\t100w\f,b.jpg 50w', ['a.jpg 100w', 'b.jpg 50w']],
    ['a.jpg\u00a02x', ['a.jpg\u00a02x']],
    ['a.jpg 1x', ['a.jpg 1x']],
    ['a.jpg 2x (', []],
  ];
  for (const [input, expected] of rows) {
    const shown = parseSrcset(input).map(({ url, width, density }) =>
      width !== null ? `${url} ${width}w` : density !== null ? `${url} ${density}x` : url,
    );
    assert.deepEqual(shown, expected, JSON.stringify(input));
  }
});

test('well-formed candidates come back as they were written', () => {
  const address = fc.stringMatching(/^[a-z/][a-z0-9/,.:?=&%-]{0,20}[a-z0-9]$/);
  const candidate = fc.record({
    url: address,
    descriptor: fc.oneof(
      fc.constant(''),
      fc.integer({ min: 1, max: 9999 }).map((width) => ` ${width}w`),
      fc.integer({ min: 0, max: 80 }).map((tenths) => ` ${tenths / 10}x`),
    ),
    gap: fc.constantFrom(', ', ' , ', ',\n', ' ,\t,'),
  });
  fc.assert(
    fc.property(fc.array(candidate, { minLength: 1, maxLength: 8 }), (candidates) => {
      const text = candidates.map(({ url, descriptor, gap }) => url + descriptor + gap).join('');
      const expected = candidates.map(({ url, descriptor }) => ({
        url,
        width: descriptor.endsWith('w') ? Number(descriptor.slice(1, -1)) : null,
        density: descriptor.endsWith('x') ? Number(descriptor.slice(1, -1)) : null,
      }));
      assert.deepEqual(parseSrcset(text), expected);
    }),
    { numRuns: 500 * factor },
  );
});

test('without parentheses it agrees with a naive reading', () => {
  const naive = (input: string): string[] => {
    const urls: string[] = [];
    let rest = input;
    for (;;) {
      rest = rest.replace(/^[ \t\n\f\r,]+/, '');
      if (rest === '') return urls;
      const token = /^[^ \t\n\f\r]+/.exec(rest)![0];
      rest = rest.slice(token.length);
      const url = token.replace(/,+$/, '');
      const comma = url === token ? rest.indexOf(',') : -1;
      const descriptors = (url !== token ? '' : comma === -1 ? rest : rest.slice(0, comma))
        .split(/[ \t\n\f\r]+/)
        .filter(Boolean);
      if (url === token) rest = comma === -1 ? '' : rest.slice(comma + 1);
      const units = descriptors
        .map((descriptor) => descriptor.at(-1))
        .sort()
        .join('');
      const isValid = descriptors.every((descriptor) => /^[1-9][0-9]*[wh]$|^[0-9]+(\.[0-9]+)?x$/.test(descriptor));
      if (isValid && ['', 'w', 'x', 'hw'].includes(units)) urls.push(url);
    }
  };
  const piece = fc.constantFrom(
    'a',
    'b.jpg',
    ',',
    ' ',
    '\t',
    '1',
    '2w',
    '3x',
    '4h',
    '0',
    '.5',
    'w',
    'x',
    ', ',
    ' 7w',
    ' 8x',
    '-',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      // The naive reading does not know fractions without a digit in front, nor zero.
      const text = pieces.join('').replaceAll('.5', '5').replaceAll('0', '1');
      assert.deepEqual(
        parseSrcset(text).map(({ url }) => url),
        naive(text),
      );
    }),
    { numRuns: 3000 * factor },
  );
});

test('any text gives candidates in linear time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void parseSrcset(text)),
    { numRuns: 1000 * factor },
  );
  const started = performance.now();
  for (const unit of [',', '(', 'a ', 'a 1x,', 'a (', ' ', 'a,']) parseSrcset(unit.repeat(200_000));
  assert.ok(performance.now() - started < 5000);
});
