import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../shared/errors.ts';
import { isFolder, placeProblem } from './place-problem.ts';

const failure = (code: unknown) => Object.assign(new Error('as the system has it'), { code });

test('whatever the file system says, a person is told which place, why, and what to do', () => {
  const place = tmpdir();
  for (const [systemCode, code, words] of [
    ['EACCES', 'forbidden', /does not let PixCrawler write/],
    ['EPERM', 'forbidden', /permissions/],
    ['EROFS', 'forbidden', /another folder/],
    ['ENOSPC', 'disk-full', /Free some space/],
    ['Unknown system error -122', 'disk-full', /is full/],
    ['EFBIG', 'payload-too-large', /another file system/],
    ['ENAMETOOLONG', 'bad-request', /shorter path/],
    ['EINVAL', 'bad-request', /of this name/],
    ['EIO', 'unavailable', /Check its disk/],
    ['ETIMEDOUT', 'unavailable', /the connection/],
  ] as const) {
    const problem = placeProblem(failure(systemCode), place);
    assert.ok(problem instanceof AppError, systemCode);
    assert.equal(problem.code, code, systemCode);
    assert.match(problem.message, words);
    assert.ok(problem.message.includes(place));
    assert.deepEqual(problem.details, { systemCode });
  }
});

test('a folder that is gone is what is wrong, whatever its disk answers', () => {
  const gone = join(tmpdir(), 'pixcrawler-never-made');
  fc.assert(
    fc.property(fc.constantFrom('ENOENT', 'EIO', 'ENOTDIR', 'ENXIO', 'EACCES', 'ERR_FS_CP_ENOTDIR'), (code) => {
      const problem = placeProblem(failure(code), gone);
      assert.ok(problem instanceof AppError);
      assert.deepEqual(
        [problem.code, problem.message.includes(`${gone}, but it is no longer there`)],
        ['not-found', true],
      );
    }),
    { numRuns: 100 },
  );
});

test('what is no failure of the file system stays as it is', () => {
  const others = [
    new AppError('cancelled', 'No longer wanted.'),
    new TypeError('a mistake'),
    failure('ERR_INVALID_ARG_TYPE'),
    failure('EMFILE'),
    failure(7),
    undefined,
  ];
  for (const other of others) assert.equal(placeProblem(other, tmpdir()), other);
});

test('a path that the system will not look at is no folder', () => {
  assert.ok(isFolder(tmpdir()));
  for (const path of [join(tmpdir(), 'gone'), import.meta.filename, join(tmpdir(), 'x'.repeat(5_000)), '\0']) {
    assert.ok(!isFolder(path), path);
  }
});
