import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvLine, readCsv } from './csv.ts';

const cell = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', '=', '+', '-', '@', '\t', "'", ' ', 'a') }),
  fc.constant(null),
);
const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 5 });

test('what is written is read back, from pieces cut anywhere', () => {
  fc.assert(
    fc.property(table, fc.integer({ min: 1, max: 9 }), (rows, length) => {
      const text = rows.map(csvLine).join('');
      const pieces = Array.from({ length: Math.ceil(text.length / length) }, (_, at) =>
        text.slice(at * length, (at + 1) * length),
      );
      assert.deepEqual([...readCsv(pieces)], rows);
    }),
    { numRuns: 500 },
  );
});

test('another reader sees the same cells, and none that a spreadsheet would run', () => {
  fc.assert(
    fc.property(table, (rows) => {
      const records = parse(rows.map(csvLine).join(''), {
        relax_column_count: true,
        record_delimiter: '\r\n',
      }) as string[][];
      for (const value of records.flat()) assert.doesNotMatch(value, /^[=+\-@\t\r]/);
      assert.deepEqual(
        records.map((record) => record.map((value) => value.replace(/^'/, ''))),
        rows.map((row) => row.map((value) => value ?? '')),
      );
    }),
    { numRuns: 200 },
  );
});

test('numbers are not guarded, and text that is no CSV is refused', () => {
  assert.equal(csvLine([-1, '-1', '', null]), '-1,\'-1,"",\r\n');
  for (const text of ['a,b', '"a', '"a"b\r\n', 'a"b\r\n', 'a\rb', 'a\nb\r\n']) {
    assert.throws(() => [...readCsv([text])], /Expected/);
  }
});
