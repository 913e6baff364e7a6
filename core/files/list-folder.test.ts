import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { listFolder } from './list-folder.ts';

let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'pixcrawler-files-'));
  await mkdir(join(root, 'zebras'));
  await mkdir(join(root, 'Apes'));
  await mkdir(join(root, '.hidden'));
  for (const name of ['10.jpg', '9.JPG', 'list.csv', 'all.tar.gz', 'notes.md'])
    await writeFile(join(root, name), 'bytes');
  await symlink(join(root, 'Apes'), join(root, 'linked'));
  await symlink(join(root, 'nowhere'), join(root, 'broken.png'));
});

after(() => rm(root, { recursive: true, force: true }));

test('folders come first, then files in the order of people, with kinds and sizes', async () => {
  const listing = await listFolder(root);
  assert.deepEqual(
    listing.entries.map(({ name, kind, sizeBytes }) => [name, kind, sizeBytes]),
    [
      ['Apes', 'folder', null],
      ['linked', 'folder', null],
      ['zebras', 'folder', null],
      ['9.JPG', 'image', 5],
      ['10.jpg', 'image', 5],
      ['all.tar.gz', 'archive', 5],
      ['broken.png', 'image', 0],
      ['list.csv', 'list', 5],
      ['notes.md', 'other', 5],
    ],
  );
  assert.equal(listing.parent, tmpdir());
  assert.equal(listing.isTruncated, false);
  assert.equal(listing.isWritable, true);
  assert.ok(listing.freeBytes > 0);
});

test('the home folder is where one starts, and the root has no parent', async () => {
  assert.equal((await listFolder()).path, homedir());
  assert.equal((await listFolder('/')).parent, null);
  assert.equal((await listFolder('~')).path, homedir());
  assert.equal((await listFolder('~/.')).path, homedir());
  await assert.rejects(listFolder('~/absent-pixcrawler'), {
    message: `There is no folder ${join(homedir(), 'absent-pixcrawler')}.`,
  });
});

test('what is no folder is said in words', async () => {
  await assert.rejects(listFolder(join(root, 'absent')), { code: 'not-found' });
  await assert.rejects(listFolder(join(root, 'notes.md')), { code: 'bad-request', message: /is a file/ });
  await assert.rejects(listFolder('relative/path'), {
    code: 'bad-request',
    message: /whole path.* got "relative\/path"/,
  });
  await assert.rejects(listFolder('~somebody/pictures'), { code: 'bad-request' });
  await assert.rejects(listFolder(`${root}\0`), { code: 'bad-request' });
});
