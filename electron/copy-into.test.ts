import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { copyInto } from './copy-into.ts';

async function folders(
  context: TestContext,
): Promise<{ readonly root: string; readonly from: string; readonly to: string }> {
  const root = await mkdtemp(join(tmpdir(), 'pixcrawler-copies-'));
  context.after(() => rm(root, { recursive: true, force: true }));
  const [from, to] = [join(root, 'from'), join(root, 'to')];
  await mkdir(from);
  await mkdir(to);
  return { root, from, to };
}

test('files and folders go beside what is there, which stays as it is', async (context) => {
  const { from, to } = await folders(context);
  await mkdir(join(from, 'cats'));
  await mkdir(join(to, 'cats'));
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

test('a folder that is gone, or is none, is said in words', async (context) => {
  const { root, from, to } = await folders(context);
  const path = join(from, 'a.jpg');
  await writeFile(path, 'bytes');
  await rm(to, { recursive: true });
  await assert.rejects(copyInto(to, [path]), { name: 'AppError', code: 'not-found', message: /Choose another/ });
  await assert.rejects(copyInto(path, [path]), { name: 'AppError', code: 'not-found' });
  assert.deepEqual(await readdir(root), ['from'], 'nothing was made in its place');
});

test('what was copied before something went wrong does not stay, and what was there does', async (context) => {
  const { from, to } = await folders(context);
  const paths = ['a.jpg', 'b.jpg'].map((name) => join(from, name));
  for (const path of paths) await writeFile(path, 'bytes');
  await writeFile(join(to, 'a.jpg'), 'old');
  const gone = join(from, 'gone.jpg');
  await assert.rejects(copyInto(to, [...paths, gone]), {
    name: 'AppError',
    code: 'not-found',
    message: `Expected ${gone}, which was laid out to be copied, but it is no longer there. Copy again.`,
  });
  assert.deepEqual(await readdir(to), ['a.jpg']);
  assert.equal(await readFile(join(to, 'a.jpg'), 'utf8'), 'old');
});
