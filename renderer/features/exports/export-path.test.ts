import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exportPath, nameFor } from './export-path.ts';

test('a path is a folder and a name, with the ending of an archive once', () => {
  assert.equal(exportPath('/home/ann', 'birds', 'none'), '/home/ann/birds');
  assert.equal(exportPath('/', 'birds', 'zip'), '/birds.zip');
  assert.equal(exportPath('/home/ann', 'birds.ZIP', 'zip'), '/home/ann/birds.ZIP');
  assert.equal(exportPath('C:\\data', 'birds', 'tar'), 'C:\\data\\birds.tar');
});

test('a name never leads out of its folder', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('none' as const, 'zip' as const, 'tar' as const), (name, archive) => {
      const path = exportPath('/home/ann', name, archive);
      assert.ok(path.startsWith('/home/ann/'));
      assert.doesNotMatch(path.slice('/home/ann/'.length), /[/\\\0]/);
    }),
  );
});

test('the name of a dataset becomes one of a file, and is never empty', () => {
  assert.deepEqual(['Birds of 2026!', '…', 'größe'].map(nameFor), ['birds-of-2026', 'dataset', 'größe']);
  fc.assert(
    fc.property(fc.string(), (dataset) => {
      const name = nameFor(dataset);
      assert.ok(name !== '' && !/[/\\]/.test(name) && !/^[-.]/.test(name));
    }),
  );
});
