import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { createJsonFile } from './json-file.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'pixcrawler-json-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const schema = z.strictObject({ count: z.number() });

function fileAt(path: string, errors: unknown[] = []) {
  return createJsonFile({ path, schema, onError: (error) => errors.push(error), delayMs: 20 });
}

test('many changes are one write, whole, and are known before it', async () => {
  const path = join(folder, 'a.json');
  const file = fileAt(path);
  for (let count = 1; count <= 100; count++) file.write({ count });
  assert.deepEqual(file.read(), { count: 100 });
  assert.throws(() => readFileSync(path), /ENOENT/);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), { count: 100 });
  assert.deepEqual(readdirSync(folder), ['a.json']);
});

test('what waits is written at the end', () => {
  const path = join(folder, 'b.json');
  const file = fileAt(path);
  file.write({ count: 7 });
  file.flush();
  assert.deepEqual(fileAt(path).read(), { count: 7 });
});

test('what is not of its kind is as if it were not there', () => {
  const path = join(folder, 'c.json');
  for (const text of ['', '{', 'null', '[]', '{"count":"1"}', '{"count":1,"more":2}', '\0']) {
    writeFileSync(path, text);
    assert.equal(fileAt(path).read(), null, text);
  }
});

test('a disk that refuses is told of, and does not stop the program', () => {
  const errors: unknown[] = [];
  writeFileSync(join(folder, 'file'), '');
  const file = fileAt(join(folder, 'file', 'd.json'), errors);
  file.write({ count: 1 });
  file.flush();
  assert.equal(errors.length, 1);
});
