import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { createUploads, type Uploads } from './uploads.ts';

let folder: string;
let uploads: Uploads;
let inUse: string[] = [];
let minFreeBytes = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-uploads-'));
  uploads = createUploads({ folderPath: folder, minFreeBytes: () => minFreeBytes, parametersInUse: () => inUse });
});

after(() => rm(folder, { recursive: true, force: true }));

async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(path, join(entry.parentPath, entry.name)));
}

test('a file keeps its folders and its bytes', async () => {
  const { batchId, folderPath } = await uploads.begin();
  const { sizeBytes } = await uploads.write(batchId, 'cats/tabby/1.jpg', Readable.from([Buffer.from('bytes')]));
  assert.equal(sizeBytes, 5);
  assert.equal(await readFile(join(folderPath, 'cats/tabby/1.jpg'), 'utf8'), 'bytes');
});

test('whatever the path says, the file is inside the batch, or refused', async () => {
  const { batchId, folderPath } = await uploads.begin();
  const before = new Set(await filesOf(folder));
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ maxLength: 40 }),
        fc
          .array(fc.constantFrom('..', '.', '', 'a', 'CON', 'x.jpg', 'C:', '\0', '\\', '~'), { maxLength: 6 })
          .map((parts) => parts.join('/')),
      ),
      async (path) => {
        try {
          await uploads.write(batchId, path, Readable.from([Buffer.from('x')]));
        } catch (error) {
          assert.match(String((error as { code?: unknown }).code), /^(bad-request|EISDIR|EEXIST|ENOTDIR)$/);
        }
      },
    ),
    { numRuns: 200 },
  );
  const batch = relative(folder, folderPath);
  for (const file of await filesOf(folder)) assert.ok(before.has(file) || file.startsWith(`${batch}/`), file);
});

test('paths that differ stay apart, whatever safe names they get, and the same one is replaced', async () => {
  const { batchId, folderPath } = await uploads.begin();
  const send = (path: string, text: string) => uploads.write(batchId, path, Readable.from([Buffer.from(text)]));
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(
        fc
          .tuple(
            fc.constantFrom('CON', '_CON', 'a'.repeat(300), 'é', 'e\u0301', 'x?'),
            fc.constantFrom('a', 'A', 'NUL', 'b:'),
          )
          .map(([folder, name]) => `${folder}/${name.replace(':', '\u202e')}.jpg`),
        { minLength: 2, maxLength: 8 },
      ),
      async (paths) => {
        const at = new Map<string, string>();
        for (const path of paths) at.set(path, (await send(path, path)).path);
        for (const path of paths) assert.equal((await send(path, `${path}!`)).path, at.get(path));
        for (const [path, file] of at) {
          assert.ok(file.startsWith(folderPath));
          assert.equal(await readFile(file, 'utf8'), `${path}!`);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('a stream that breaks off leaves nothing, and a full disk is said', async () => {
  const { batchId, folderPath } = await uploads.begin();
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('half');
      throw new Error('the connection was lost');
    })(),
  );
  await assert.rejects(uploads.write(batchId, 'a.jpg', broken), /connection was lost/);
  minFreeBytes = Number.MAX_SAFE_INTEGER;
  await assert.rejects(uploads.write(batchId, 'b.jpg', Readable.from(['x'])), { code: 'disk-full' });
  minFreeBytes = 0;
  assert.deepEqual(await filesOf(folderPath), []);
});

test('an unknown batch is not found, however it is spelt', async () => {
  for (const batchId of ['', '..', 'a', '00000000-0000-4000-8000-000000000000']) {
    await assert.rejects(uploads.write(batchId, 'a.jpg', Readable.from(['x'])), { code: 'not-found' });
  }
});

test('a batch goes when its job has ended, or when nobody claims it within a day, unless a job needs it', async () => {
  const [draft, ended, needed] = await Promise.all([uploads.begin(), uploads.begin(), uploads.begin()]);
  for (const each of [draft, ended, needed]) await uploads.write(each.batchId, 'a.jpg', Readable.from(['x']));
  await uploads.sweep(JSON.stringify({ paths: [ended.folderPath] }));
  const there = await readdir(folder);
  assert.ok(!there.includes(ended.batchId));
  assert.ok([draft, needed].every((each) => there.includes(each.batchId)));
  inUse = [JSON.stringify({ paths: [needed.folderPath] })];
  const restarted = (now: number) =>
    createUploads({ folderPath: folder, minFreeBytes: () => 0, parametersInUse: () => inUse, now: () => now });
  await restarted(Date.now()).sweep();
  assert.ok((await readdir(folder)).includes(draft.batchId), 'a draft outlives a restart');
  await restarted(Date.now() + 25 * 60 * 60 * 1000).sweep();
  assert.deepEqual(await readdir(folder), [needed.batchId]);
});
