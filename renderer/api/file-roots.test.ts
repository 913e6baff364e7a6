import assert from 'node:assert/strict';
import { posix, win32 } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { rootsOf } from './file-roots.ts';

test('files that came with a folder are held by it, others by themselves', () => {
  assert.deepEqual(
    rootsOf([
      { relativePath: 'cats/a.jpg', path: '/home/me/cats/a.jpg' },
      { relativePath: 'cats/deep/b.jpg', path: '/home/me/cats/deep/b.jpg' },
      { relativePath: 'c.jpg', path: '/home/me/c.jpg' },
    ]),
    ['/home/me/cats', '/home/me/c.jpg'],
  );
  assert.deepEqual(rootsOf([{ relativePath: 'cats/a.jpg', path: 'C:\\cats\\a.jpg' }]), ['C:\\cats']);
});

test('a root is the path of the first name, on every system', () => {
  const name = fc.stringMatching(/^[\p{L}\d .-]{1,12}$/u).filter((each) => !/^\.+$/.test(each));
  fc.assert(
    fc.property(fc.constantFrom(posix, win32), fc.array(name, { minLength: 1, maxLength: 6 }), (system, names) => {
      const base = system === posix ? '/base' : 'C:\\base';
      const path = [base, ...names].join(system.sep);
      assert.deepEqual(rootsOf([{ relativePath: names.join('/'), path }]), [`${base}${system.sep}${names[0]}`]);
    }),
  );
});
