import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exportPath, folderProblem, freeName, fromHome, nameFor, nameProblem } from './export-path.ts';

const archives = fc.constantFrom('none' as const, 'zip' as const, 'tar' as const);

test('a path is a folder and a name, with the ending of an archive once', () => {
  assert.equal(exportPath('/home/ann', 'birds', 'none'), '/home/ann/birds');
  assert.equal(exportPath('/', 'birds', 'zip'), '/birds.zip');
  assert.equal(exportPath('/home/ann', 'birds.ZIP', 'zip'), '/home/ann/birds.ZIP');
  assert.equal(exportPath('C:\\data', 'birds', 'tar'), 'C:\\data\\birds.tar');
});

test('a name never leads out of its folder', () => {
  fc.assert(
    fc.property(fc.string(), archives, (name, archive) => {
      const path = exportPath('/home/ann', name, archive);
      assert.ok(path.startsWith('/home/ann/'));
      assert.doesNotMatch(path.slice('/home/ann/'.length), /[/\\\0]/);
    }),
  );
});

test('~ is the home folder, at the beginning alone', () => {
  assert.equal(fromHome('~', '/home/ann'), '/home/ann');
  assert.equal(fromHome('~/sets', '/home/ann'), '/home/ann/sets');
  assert.equal(fromHome('~/sets', '/'), '/sets');
  assert.equal(fromHome('~\\sets', 'C:\\Users\\ann'), 'C:\\Users\\ann\\sets');
  for (const folder of ['~bob/sets', '/a/~/b', 'sets', '']) assert.equal(fromHome(folder, '/home/ann'), folder);
  assert.equal(fromHome('~/sets', undefined), '~/sets');
});

test('a folder is a whole path', () => {
  for (const whole of ['/', '/a b', 'C:\\data', 'd:/data', '\\\\server\\share'])
    assert.equal(folderProblem(whole), null);
  const problems = ['', ' ', 'sets', './sets', '../sets', '~bob/sets', 'C:sets'].map(folderProblem);
  assert.deepEqual(problems, ['empty', 'empty', ...Array(5).fill('relative')]);
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('/home/ann', '/', 'C:\\Users\\ann'), (typed, home) => {
      // Whatever is taken leads from the root, and what begins at home is always taken.
      const folder = fromHome(`~/${typed}`, home);
      assert.equal(folderProblem(folder), null);
      assert.ok(folder.startsWith(home));
    }),
  );
});

test('the name of a dataset becomes one of a file, and is never empty', () => {
  assert.deepEqual(['Birds of 2026!', '…', 'größe'].map(nameFor), ['birds-of-2026', 'dataset', 'größe']);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (dataset) => {
      const name = nameFor(dataset);
      assert.ok(name !== '' && !/[/\\]/.test(name) && !/^[-.]/.test(name));
    }),
  );
});

test('names that some system does not take are told apart', () => {
  const problems = ['', '..', 'a/b', 'a\\b', 'a:b', 'con.zip', 'birds.', 'ö'.repeat(101), 'birds-2.zip'].map(
    nameProblem,
  );
  assert.deepEqual(problems, ['empty', 'dots', 'separator', 'separator', 'forbidden', 'device', 'end', 'long', null]);
  fc.assert(
    fc.property(fc.string(), archives, (name, archive) => {
      if (nameProblem(name) !== null) return;
      // A name without a problem is written as it was typed.
      assert.ok(exportPath('/a', name, archive).startsWith(`/a/${name.trim()}`));
    }),
  );
});

test('a taken name gets the next number, whatever its case', () => {
  assert.equal(freeName('birds', '/a', 'zip', []), 'birds');
  assert.equal(freeName('birds', '/a', 'zip', ['/A/Birds.ZIP']), 'birds-2');
  assert.equal(freeName('birds-2', '/a', 'none', ['/a/birds-2', '/a/birds-3']), 'birds-4');
  fc.assert(
    fc.property(fc.constantFrom('birds', 'birds-2', 'a'), fc.array(fc.nat(6)), archives, (name, numbers, archive) => {
      const taken = numbers.flatMap((number) => [
        exportPath('/a', number === 0 ? name : `${name.replace(/-\d+$/, '')}-${number}`, archive),
      ]);
      const free = freeName(name, '/a', archive, taken);
      assert.ok(!taken.includes(exportPath('/a', free, archive)));
    }),
  );
});
