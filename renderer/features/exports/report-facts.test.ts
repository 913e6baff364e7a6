import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loadingLine, readExportReport } from './report-facts.ts';

test('a report is read with its counts, the largest first', () => {
  const report = readExportReport({
    outPath: '/a/birds',
    images: 3,
    files: 5,
    bytes: 9,
    writeMs: 1,
    checkMs: 2,
    byLabel: { robin: 1, wren: 2, '': 1 },
    byLicence: { '': 3 },
    warnings: ['Look here.'],
    leftOut: {
      images: 3,
      samples: [
        { sha256: 'ab', name: null, reason: 'file-missing', from: 'https://a.test/b.jpg' },
        { sha256: 'cd', name: 'b.png', reason: 'file-damaged', from: null },
        { sha256: 5 },
      ],
    },
  });
  assert.deepEqual(report.leftOut, {
    images: 3,
    samples: [
      { sha256: 'ab', name: 'https://a.test/b.jpg', reason: 'file-missing' },
      { sha256: 'cd', name: 'b.png', reason: 'file-damaged' },
    ],
  });
  assert.deepEqual(report.byLabel, [
    ['wren', 2],
    ['', 1],
    ['robin', 1],
  ]);
  assert.deepEqual([report.images, report.warnings], [3, ['Look here.']]);
});

test('a report of another version is read as far as it goes', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.anything()), fc.anything(), fc.anything(), (result, byLabel, leftOut) => {
      const report = readExportReport({ ...result, byLabel, leftOut });
      assert.ok(report.byLabel.every(([, count]) => typeof count === 'number'));
    }),
  );
  assert.deepEqual(readExportReport({}).images, null);
  assert.deepEqual(readExportReport({}).leftOut, { images: 0, samples: [] });
});

test('a line that loads it is given where one is known', () => {
  assert.equal(loadingLine('imagefolder', 'none', '/a/"b'), 'load_dataset("imagefolder", data_dir="/a/\\"b")');
  assert.equal(loadingLine('csv', 'none', '/a'), 'pandas.read_csv("/a/samples.csv")');
  assert.equal(loadingLine('jsonl', 'none', '/a'), 'pandas.read_json("/a/samples.jsonl", lines=True)');
  assert.equal(loadingLine('csv', 'zip', '/a.zip'), null);
});
