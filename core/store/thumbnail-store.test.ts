import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Database from 'better-sqlite3';
import { ThumbnailStore } from './thumbnail-store.ts';

let root: string;
before(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'pixcrawler-thumbnails-'));
});
after(() => fs.rmSync(root, { recursive: true, force: true }));

const row = (imageId: number, text = `thumbnail ${imageId}`) => ({ imageId, bytes: Buffer.from(text) });

test('gives back what was put, across batches and after reopening', () => {
  const path = join(root, 'good.db');
  const store = new ThumbnailStore(path);
  store.putMany(Array.from({ length: 250 }, (_, index) => row(index + 1)));
  store.putMany([row(7, 'newer')]);
  store.removeMany([8, 999]);
  store.close();
  const again = new ThumbnailStore(path);
  const found = again.getMany(Array.from({ length: 251 }, (_, index) => index + 1));
  assert.equal(found.size, 249);
  assert.equal(Buffer.from(found.get(7)!).toString(), 'newer');
  assert.equal(Buffer.from(found.get(250)!).toString(), 'thumbnail 250');
  assert.equal(again.count(), 249);
  again.close();
});

test('a file that is no database, or has another layout, is made anew', () => {
  const garbage = join(root, 'garbage.db');
  fs.writeFileSync(garbage, 'no database at all '.repeat(100));
  const other = join(root, 'other.db');
  const database = new Database(other);
  database.exec('CREATE TABLE thumbnails (something)');
  database.close();
  for (const path of [garbage, other]) {
    const store = new ThumbnailStore(path);
    assert.equal(store.count(), 0);
    store.putMany([row(1)]);
    assert.equal(store.getMany([1]).size, 1);
    store.close();
  }
});

test('damage found in use empties the cache instead of failing', () => {
  const path = join(root, 'damaged.db');
  const first = new ThumbnailStore(path);
  first.putMany(Array.from({ length: 2000 }, (_, index) => row(index + 1, 'x'.repeat(2000))));
  first.close();
  const fd = fs.openSync(path, 'r+');
  fs.writeSync(fd, Buffer.alloc(fs.fstatSync(fd).size - 8192, 0xa5), 0, undefined, 8192);
  fs.closeSync(fd);
  const store = new ThumbnailStore(path);
  assert.equal(store.getMany([1500]).size, 0);
  store.putMany([row(1500)]);
  assert.equal(store.getMany([1500]).size, 1);
  store.close();
});
