import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SAMPLE_SORTS } from '../../shared/contract/samples.ts';
import { t } from './index.ts';

const ROOT = join(import.meta.dirname, '..');
/** Text between tags, in attributes and properties that people read, and in the errors that they are shown. */
const LITERALS = [
  />\s*[A-Z][A-Za-z]+[^<>{}=;&()]*<\//g,
  /\b(?:title|label|placeholder|hint|alt|text|aria-label)(?:=|: )["'`][A-Z][^"'`]*["'`]/g,
  /new AppError\([^,]+, ["'`][^"'`]*["'`]/g,
];

test('every text of the interface is in the catalogue', () => {
  const files = globSync('**/*.{ts,tsx}', { cwd: ROOT, exclude: ['messages/**', '**/*.test.ts', '**/testing/**'] });
  assert.ok(files.length > 150, `only ${files.length} files were read`);
  const found = files.flatMap((file) => {
    const source = readFileSync(join(ROOT, file), 'utf8').replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, '');
    return LITERALS.flatMap((literal) => [...source.matchAll(literal)].map(([text]) => `${file}: ${text}`));
  });
  assert.deepEqual(found, []);
});

test('a direction is named after what is sorted by', () => {
  const order = (by: (typeof SAMPLE_SORTS)[number]) =>
    (['ascending', 'descending'] as const).map((direction) => t.samples.order({ by, direction }));
  assert.deepEqual(order('added'), ['Oldest first', 'Newest first']);
  assert.deepEqual(order('name'), ['A to Z', 'Z to A']);
  for (const by of SAMPLE_SORTS) assert.equal(new Set(order(by)).size, 2, by);
});

test('one source says its number alone, several say theirs together', () => {
  assert.equal(t.crawls.estimateTold(1, 400), '1 source says 400.');
  assert.equal(t.crawls.estimateTold(2, 1_400), '2 sources say 1,400 together.');
});

test('spaces of colour are written as they are', () => {
  assert.deepEqual(['srgb', 'b-w', 'cmyk', 'multiband', ''].map(t.samples.colourSpace), [
    'sRGB',
    'Greyscale',
    'CMYK',
    'multiband',
    'Not known',
  ]);
});
