import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, toAppError } from './errors.ts';

test('what the system refuses is said with the path, not as a fault of the program', () => {
  const codes = {
    EACCES: 'forbidden',
    EPERM: 'forbidden',
    ENOTDIR: 'bad-request',
    ENAMETOOLONG: 'bad-request',
    ELOOP: 'bad-request',
    ENOSPC: 'disk-full',
    EDQUOT: 'disk-full',
    // What Node calls it.
    'Unknown system error -122': 'disk-full',
    EIO: 'unavailable',
    EMFILE: 'unavailable',
    EBADF: 'internal',
  } as const;
  for (const [systemCode, code] of Object.entries(codes)) {
    const error = toAppError(Object.assign(new Error('no'), { code: systemCode, path: '/a/b' }));
    assert.equal(error.code, code, systemCode);
    if (code === 'forbidden' || code === 'bad-request') assert.match(error.message, /"\/a\/b"/);
  }
  const known = new AppError('conflict', 'words');
  assert.equal(toAppError(known), known);
  assert.equal(toAppError(null).code, 'internal');
});
