import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AppError, ERROR_STATUS, type ErrorCode } from '../../shared/errors.ts';
import { errorReport } from './error-report.ts';

test('an error is told by its code and details, a fault of the interface by where it happened', () => {
  const error = new AppError('conflict', 'The name is taken.', {
    details: { field: 'name', taken: ['a', 'b'], id: 7 },
  });
  assert.equal(errorReport(error), 'code: conflict\nfield: name\ntaken: ["a","b"]\nid: 7');
  assert.equal(errorReport(new AppError('in-use', 'It is open elsewhere.')), 'code: in-use');
  assert.match(
    errorReport(new TypeError('x is not a function')),
    /^TypeError: x is not a function\n.*error-report\.test/s,
  );
  assert.equal(errorReport('odd'), 'odd');
});

test('whatever the details are, each has its line and none breaks the report', () => {
  const codes = fc.constantFrom(...(Object.keys(ERROR_STATUS) as ErrorCode[]));
  const value = fc.oneof(fc.jsonValue(), fc.bigInt(), fc.constant(undefined), fc.constant(Symbol('s')));
  fc.assert(
    fc.property(codes, fc.dictionary(fc.string(), value), (code, details) => {
      const report = errorReport(new AppError(code, 'It failed.', { details }));
      assert.ok(report.startsWith(`code: ${code}`));
      for (const name of Object.keys(details)) assert.ok(report.includes(`${name}: `));
    }),
    { numRuns: 200 },
  );
  const circle: Record<string, unknown> = {};
  circle.itself = circle;
  assert.match(errorReport(new AppError('internal', 'It failed.', { details: circle })), /^code: internal\nitself: /);
});
