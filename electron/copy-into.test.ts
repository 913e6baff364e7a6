import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { copyInto } from './copy-into.ts';

test('files and folders go beside what is there, which stays as it is', async (context) => {
  const root = await mkdtemp(join(tmpdir(), 'pixcrawler-copies-'));
  context.after(() => rm(root, { recursive: true, force: true }));
  const [from, to] = [join(root, 'from'), join(root, 'to')];
  await mkdir(join(from, 'cats'), { recursive: true });
  await mkdir(join(to, 'cats'), { recursive: true });
  await writeFile(join(from, 'cats', 'a.jpg'), 'new cat');
  await writeFile(join(from, 'b.jpg'), 'new b');
  await writeFile(join(to, 'cats', 'a.jpg'), 'old cat');
  await writeFile(join(to, 'B.JPG'), 'old b');
  const paths = [join(from, 'cats'), join(from, 'b.jpg')];
  await copyInto(to, paths);
  await copyInto(to, paths);
  assert.deepEqual((await readdir(to)).sort(), ['B.JPG', 'b (2).jpg', 'b (3).jpg', 'cats', 'cats (2)', 'cats (3)']);
  assert.equal(await readFile(join(to, 'cats', 'a.jpg'), 'utf8'), 'old cat');
  assert.equal(await readFile(join(to, 'cats (2)', 'a.jpg'), 'utf8'), 'new cat');
  assert.equal(await readFile(join(to, 'B.JPG'), 'utf8'), 'old b');
});
