import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

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
