import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { AppError } from '../../shared/errors.ts';
import { openDataDirectory } from './data-directory.ts';
import { freeBytes, requireFreeSpace } from './disk.ts';
import { lockDataDirectory, readOwnerAddress } from './lock.ts';

let root: string;
before(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'pixcrawler-directory-'));
});
after(() => fs.rmSync(root, { recursive: true, force: true }));

const isAppError = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

describe('openDataDirectory', () => {
  test('lays out a new one for its owner alone, and opens it again', async () => {
    const path = join(root, 'deep', 'new');
    const directory = await openDataDirectory(path);
    assert.equal(fs.statSync(path).mode & 0o777, 0o700);
    for (const folder of ['blobs', 'staging', 'trash', 'quarantine', 'logs', 'backups']) {
      assert.equal(fs.statSync(join(path, folder)).mode & 0o777, 0o700);
    }
    assert.deepEqual(await openDataDirectory(path, { create: 'never' }), directory);
  });

  test('takes up a creation that was cut short', async () => {
    const path = join(root, 'half');
    fs.mkdirSync(join(path, 'blobs'), { recursive: true });
    fs.writeFileSync(join(path, 'pixcrawler-data.json.00aa.tmp'), '{');
    await openDataDirectory(path);
    await openDataDirectory(path, { create: 'never' });
  });

  test('takes a folder for new in which a desktop has only begun', async () => {
    const path = join(root, 'begun-by-a-desktop');
    fs.mkdirSync(join(path, 'desktop', 'Cache'), { recursive: true });
    fs.mkdirSync(join(path, 'logs'));
    fs.writeFileSync(join(path, 'logs', 'main.log'), '{}\n');
    await openDataDirectory(path);
    assert.equal(fs.readFileSync(join(path, 'logs', 'main.log'), 'utf8'), '{}\n');
    const foreign = join(root, 'foreign-logs');
    fs.mkdirSync(join(foreign, 'logs'), { recursive: true });
    fs.writeFileSync(join(foreign, 'logs', 'theirs.log'), '');
    await assert.rejects(openDataDirectory(foreign), isAppError('bad-request'));
  });

  test('refuses a file, and a folder with other things in it, and leaves them as they were', async () => {
    const file = join(root, 'file');
    fs.writeFileSync(file, 'mine');
    await assert.rejects(openDataDirectory(file), isAppError('bad-request'));
    const photos = join(root, 'photos');
    fs.mkdirSync(join(photos, 'blobs'), { recursive: true });
    fs.writeFileSync(join(photos, 'blobs', 'mine.jpg'), 'mine');
    await assert.rejects(openDataDirectory(photos), isAppError('bad-request'));
    assert.deepEqual(fs.readdirSync(photos), ['blobs']);
  });

  test('what has existed and is gone is offline, and is not made again', async () => {
    const path = join(root, 'gone');
    await assert.rejects(openDataDirectory(path, { create: 'never' }), isAppError('unavailable'));
    assert.equal(fs.existsSync(path), false);
    fs.mkdirSync(path);
    await assert.rejects(openDataDirectory(path, { create: 'never' }), isAppError('unavailable'));
    fs.mkdirSync(join(path, 'logs'));
    fs.writeFileSync(join(path, 'logs', 'main.log'), '');
    await assert.rejects(openDataDirectory(path, { create: 'never' }), isAppError('unavailable'));
    await openDataDirectory(path);
    fs.rmdirSync(join(path, 'blobs'));
    await assert.rejects(openDataDirectory(path), isAppError('unavailable'));
    assert.equal(fs.existsSync(join(path, 'blobs')), false);
  });

  test('refuses a newer format and an unreadable marker, untouched', async () => {
    for (const text of ['{"format":"pixcrawler-data","version":2}', 'garbage', '{"version":"1"}']) {
      const path = fs.mkdtempSync(join(root, 'marker-'));
      fs.writeFileSync(join(path, 'pixcrawler-data.json'), text);
      await assert.rejects(openDataDirectory(path), isAppError('conflict'));
      assert.deepEqual(fs.readdirSync(path), ['pixcrawler-data.json']);
      assert.equal(fs.readFileSync(join(path, 'pixcrawler-data.json'), 'utf8'), text);
    }
  });
});

describe('lockDataDirectory', () => {
  test('excludes a second owner, who is told about the first', async () => {
    const directory = await openDataDirectory(join(root, 'locked'));
    const lock = await lockDataDirectory(directory);
    await lock.updateAddress({ address: 'http://127.0.0.1:4242', token: 'a secret' });
    await assert.rejects(lockDataDirectory(directory), (error) => {
      assert.ok(isAppError('in-use')(error));
      assert.deepEqual((error as AppError).details.owner, lock.owner);
      assert.doesNotMatch(JSON.stringify([error, (error as AppError).message]), /a secret/);
      assert.match((error as AppError).message, new RegExp(`process ${process.pid} .*http://127.0.0.1:4242`));
      return true;
    });
    assert.deepEqual(await readOwnerAddress(directory.ownerPath), {
      address: 'http://127.0.0.1:4242',
      token: 'a secret',
    });
    await lock.release();
    assert.equal(await readOwnerAddress(directory.ownerPath), null);
    await (await lockDataDirectory(directory)).release();
  });

  test('excludes another process, and is free again once that is killed', async () => {
    const directory = await openDataDirectory(join(root, 'killed'));
    const child = spawn(process.execPath, [join(import.meta.dirname, 'hold-lock.fixture.ts'), directory.root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await assert.rejects(lockDataDirectory(directory), (error) => {
      assert.equal(((error as AppError).details.owner as { pid: number }).pid, child.pid);
      return isAppError('in-use')(error);
    });
    child.kill('SIGKILL');
    await once(child, 'close');
    const lock = await lockDataDirectory(directory);
    assert.equal(lock.owner.pid, process.pid);
    await lock.release();
  });
});

test('the floor of free space is kept', async () => {
  await requireFreeSpace(root, 0);
  const free = await freeBytes(root);
  assert.ok(free > 0);
  await assert.rejects(requireFreeSpace(root, free, 2 ** 40), isAppError('disk-full'));
});
