import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { hash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../shared/errors.ts';
import { openDataDirectory } from './data-directory.ts';
import { FileBlobStore } from './file-blob-store.ts';

let root: string;
before(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'pixcrawler-store-'));
});
after(() => fs.rmSync(root, { recursive: true, force: true }));

let directories = 0;
async function newStore() {
  directories += 1;
  const directory = await openDataDirectory(join(root, `data-${directories}`));
  return { directory, store: new FileBlobStore(directory) };
}

function stage(store: FileBlobStore, bytes: Buffer) {
  const stagingPath = store.stagingPath();
  fs.writeFileSync(stagingPath, bytes, { flag: 'wx' });
  return { stagingPath, sha256: hash('sha256', bytes), sizeBytes: bytes.length };
}

async function listAll(store: FileBlobStore) {
  const files = [];
  for await (const file of store.list()) files.push(file);
  return files;
}

const isAppError = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

describe('adoptMany', () => {
  test('stores each content once, read-only, under its hash, and leaves staging empty', async () => {
    const { store, directory } = await newStore();
    const contents = [randomBytes(10), randomBytes(70_000), Buffer.alloc(0), randomBytes(200_000)];
    const blobs = [...contents, contents[1]!].map((bytes) => stage(store, bytes));
    await store.adoptMany(blobs);
    for (const [index, bytes] of contents.entries()) {
      const { sha256 } = blobs[index]!;
      assert.ok(await store.has(sha256));
      assert.deepEqual(fs.readFileSync(store.pathOf(sha256)), bytes);
      assert.equal(await store.verify(sha256), 'ok');
      assert.equal(fs.statSync(store.pathOf(sha256)).mode & 0o777, 0o444);
      assert.equal(store.pathOf(sha256), join(directory.blobsPath, sha256.slice(0, 2), sha256.slice(2, 4), sha256));
    }
    assert.deepEqual(fs.readdirSync(directory.stagingPath), []);
    const listed = await listAll(store);
    assert.deepEqual(
      listed.map((file) => file.sha256),
      [...new Set(blobs.map((blob) => blob.sha256))].sort(),
    );
  });

  test('adopting content again keeps one file and mends a damaged one', async () => {
    const { store } = await newStore();
    const bytes = randomBytes(5000);
    const first = stage(store, bytes);
    await store.adoptMany([first]);
    fs.chmodSync(store.pathOf(first.sha256), 0o644);
    fs.writeFileSync(store.pathOf(first.sha256), 'damaged');
    assert.equal(await store.verify(first.sha256), 'corrupt');
    await store.adoptMany([stage(store, bytes)]);
    assert.equal(await store.verify(first.sha256), 'ok');
    assert.equal((await listAll(store)).length, 1);
  });

  test('a staged file that was cut short is refused and never gets its name', async () => {
    const { store } = await newStore();
    const blob = stage(store, randomBytes(1000));
    fs.truncateSync(blob.stagingPath, 999);
    await assert.rejects(store.adoptMany([blob]), /Expected 1000 bytes .* holds 999/);
    assert.equal(await store.has(blob.sha256), false);
    assert.equal(fs.existsSync(blob.stagingPath), false);
  });

  test('a store whose root went away is offline, and is not made again', async () => {
    const { store, directory } = await newStore();
    const blob = stage(store, randomBytes(100));
    fs.renameSync(directory.blobsPath, `${directory.blobsPath}-away`);
    await assert.rejects(store.adoptMany([blob]), isAppError('unavailable'));
    assert.equal(fs.existsSync(directory.blobsPath), false);
  });

  test('a folder that was removed behind our back is made again', async () => {
    const { store } = await newStore();
    const bytes = randomBytes(100);
    const blob = stage(store, bytes);
    await store.adoptMany([blob]);
    fs.rmSync(join(store.pathOf(blob.sha256), '..', '..'), { recursive: true });
    await store.adoptMany([stage(store, bytes)]);
    assert.equal(await store.verify(blob.sha256), 'ok');
  });

  test('names that are no hash are refused before anything is touched', async () => {
    const { store } = await newStore();
    for (const sha256 of ['', '../../etc/passwd', 'A'.repeat(64), 'a'.repeat(63), `${'a'.repeat(63)}/`]) {
      const staged = { ...stage(store, randomBytes(8)), sha256 };
      await assert.rejects(store.adoptMany([staged]), isAppError('bad-request'));
      assert.throws(() => store.pathOf(sha256), isAppError('bad-request'));
      assert.ok(fs.existsSync(staged.stagingPath));
    }
  });
});

describe('a disk that fails', () => {
  const calls = ['fdatasync', 'fsync', 'renameSync', 'mkdir', 'openSync', 'fchmodSync'] as const;
  for (const call of calls) {
    for (const code of ['EIO', 'ENOSPC', 'EDQUOT', 'EMFILE'] as const) {
      test(`${call} answering ${code}: no false success, the disk is named, and work goes on afterwards`, async (t) => {
        const { store, directory } = await newStore();
        for (let nth = 0; nth < 3; nth += 1) {
          const blobs = Array.from({ length: 3 }, () => stage(store, randomBytes(500)));
          let count = 0;
          const real = fs[call] as (...parameters: unknown[]) => unknown;
          const mocked = t.mock.method(fs, call, (...parameters: unknown[]) => {
            count += 1;
            if (count !== nth + 1) return real(...parameters);
            const error = Object.assign(new Error(`${code}: injected`), { code });
            const callback = parameters.at(-1);
            if (typeof callback !== 'function') throw error;
            return callback(error);
          });
          const adopted = await store.adoptMany(blobs).then(
            () => true,
            (error) => {
              assert.ok(error instanceof AppError, String(error));
              assert.equal(error.code, code === 'EIO' || code === 'EMFILE' ? 'unavailable' : 'disk-full');
              if (code !== 'EMFILE') assert.ok(error.message.includes(directory.root));
              return false;
            },
          );
          mocked.mock.restore();
          assert.equal(adopted, count <= nth);
          // Bytes whose sync failed must not be there to be adopted later; what has its name is whole.
          if (call === 'fdatasync') assert.ok(blobs.some((blob) => !fs.existsSync(blob.stagingPath)));
          for (const { sha256 } of blobs) assert.notEqual(await store.verify(sha256), 'corrupt');
          const next = stage(store, randomBytes(500));
          await store.adoptMany([next]);
          assert.equal(await store.verify(next.sha256), 'ok');
        }
      });
    }
  }
});

test('killed at 20 random instants, the store holds whole blobs only, and every acknowledged one', async () => {
  const { store, directory } = await newStore();
  const acknowledged = new Set<string>();
  for (let round = 0; round < 20; round += 1) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'adopt-loop.fixture.ts'), directory.root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await collectUntilKilled(child, acknowledged);
  }
  assert.ok(acknowledged.size > 0, 'no round was long enough to acknowledge anything');
  for await (const { sha256, path } of store.list()) {
    assert.ok(sha256 !== null, `a stray file ${path}`);
    assert.equal(await store.verify(sha256), 'ok');
    acknowledged.delete(sha256);
  }
  assert.deepEqual([...acknowledged], []);
  await store.clearStaging();
  assert.deepEqual(fs.readdirSync(directory.stagingPath), []);
});

async function collectUntilKilled(child: ChildProcess, acknowledged: Set<string>): Promise<void> {
  let text = '';
  const started = once(child.stdout!, 'data');
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const closed = once(child, 'close');
  await started;
  await sleep(Math.random() * 40);
  child.kill('SIGKILL');
  await closed;
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  for (const line of whole.split('\n')) if (line.length === 64) acknowledged.add(line);
}

describe('linkMany', () => {
  test('takes local files in without touching them, and says what it could not take', async () => {
    const { store, directory } = await newStore();
    const bytes = randomBytes(3000);
    const source = join(root, 'mine.jpg');
    fs.writeFileSync(source, bytes, { mode: 0o644 });
    const file = { sourcePath: source, sha256: hash('sha256', bytes), sizeBytes: bytes.length };
    const absent = { ...file, sourcePath: join(root, 'absent.jpg'), sha256: 'a'.repeat(64) };
    const changed = { ...file, sizeBytes: 2999, sha256: 'b'.repeat(64) };
    const folder = { ...file, sourcePath: root, sha256: 'c'.repeat(64) };
    const [outcome, ...others] = await store.linkMany([file, absent, changed, folder]);
    assert.ok(['reflink', 'hard-link', 'copy'].includes(outcome!));
    assert.deepEqual(others, ['missing', 'changed', 'missing']);
    assert.equal(await store.verify(file.sha256), 'ok');
    assert.equal(fs.statSync(source).mode & 0o777, 0o644);
    assert.deepEqual(await store.linkMany([file]), ['present']);
    assert.deepEqual(fs.readdirSync(directory.stagingPath), []);
  });

  test('the same file twice in one batch, and through a symbolic link', async () => {
    const { store, directory } = await newStore();
    const bytes = randomBytes(3000);
    const source = join(root, 'twice.jpg');
    fs.writeFileSync(source, bytes);
    fs.symlinkSync(source, join(root, 'twice-link.jpg'));
    const file = { sourcePath: source, sha256: hash('sha256', bytes), sizeBytes: bytes.length };
    await store.linkMany([file, { ...file, sourcePath: join(root, 'twice-link.jpg') }, file]);
    assert.ok(fs.lstatSync(store.pathOf(file.sha256)).isFile());
    assert.equal(await store.verify(file.sha256), 'ok');
    assert.deepEqual(fs.readdirSync(directory.stagingPath), []);
  });

  test('leaves nothing in staging when the store cannot take them in', async (context) => {
    const { store, directory } = await newStore();
    const files = Array.from({ length: 5 }, (_each, index) => {
      const bytes = randomBytes(3000);
      const sourcePath = join(root, `unstorable-${index}.jpg`);
      fs.writeFileSync(sourcePath, bytes);
      return { sourcePath, sha256: hash('sha256', bytes), sizeBytes: bytes.length };
    });
    context.mock.method(fs, 'renameSync', () => {
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    });
    await assert.rejects(store.linkMany(files), { code: 'disk-full' });
    assert.deepEqual(fs.readdirSync(directory.stagingPath), []);
    for (const { sourcePath } of files) assert.equal(fs.statSync(sourcePath).size, 3000);
  });

  test('from another file system it copies, and re-hashes what it copied', {
    skip: fs.existsSync('/dev/shm') ? false : 'needs /dev/shm',
  }, async () => {
    const { store } = await newStore();
    const source = join(fs.mkdtempSync('/dev/shm/pixcrawler-'), 'far.jpg');
    try {
      const bytes = randomBytes(3000);
      fs.writeFileSync(source, bytes, { mode: 0o400 });
      const file = { sourcePath: source, sha256: hash('sha256', bytes), sizeBytes: bytes.length };
      assert.deepEqual(await store.linkMany([file, { ...file, sha256: 'd'.repeat(64) }]), ['copy', 'changed']);
      assert.equal(await store.verify(file.sha256), 'ok');
    } finally {
      fs.rmSync(join(source, '..'), { recursive: true });
    }
  });
});

test('trash keeps blobs until they are old enough, and deletes only its own', async () => {
  const { store, directory } = await newStore();
  const blobs = [randomBytes(10), randomBytes(20)].map((bytes) => stage(store, bytes));
  await store.adoptMany(blobs);
  assert.equal(await store.trashMany([...blobs.map((blob) => blob.sha256), 'e'.repeat(64)]), 2);
  assert.equal(await store.has(blobs[0]!.sha256), false);
  assert.equal(await store.emptyTrash(7 * 86_400_000), 0);
  const [day] = fs.readdirSync(directory.trashPath);
  fs.renameSync(join(directory.trashPath, day!), join(directory.trashPath, '2020-02-29'));
  fs.mkdirSync(join(directory.trashPath, 'keep-me'));
  fs.writeFileSync(join(directory.trashPath, '2020-02-29', 'note.txt'), 'not ours');
  assert.equal(await store.emptyTrash(7 * 86_400_000), 2);
  assert.deepEqual(fs.readdirSync(directory.trashPath).sort(), ['2020-02-29', 'keep-me']);
});
