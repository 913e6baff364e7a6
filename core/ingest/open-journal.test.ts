import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { OpenJournal } from './open-journal.ts';

describe('OpenJournal', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'journal-'));
    path = join(folder, 'open.log');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('has nothing open where there is no file', () => {
    assert.deepEqual(new OpenJournal(path).readLeftOpen(), []);
  });

  test('tells a later core what was begun and not ended, whatever the order', () => {
    const operations = fc.array(
      fc.record({ items: fc.array(fc.nat(20).map(String), { maxLength: 4 }), ends: fc.nat(8) }),
    );
    fc.assert(
      fc.property(operations, (steps) => {
        rmSync(path, { force: true });
        const journal = new OpenJournal(path);
        const open = new Map<number, readonly string[]>();
        for (const { items, ends } of steps) {
          open.set(journal.begin(items), items);
          const id = [...open.keys()][ends];
          if (id === undefined) continue;
          journal.end(id);
          open.delete(id);
        }
        const expected = [...new Set([...open.values()].flat())].sort();
        assert.deepEqual(new OpenJournal(path).readLeftOpen().sort(), expected);
      }),
      { numRuns: 200 },
    );
  });

  test('takes a line cut short by a kill for not written', () => {
    const journal = new OpenJournal(path);
    journal.begin(['1', '2']);
    appendFileSync(path, 'begin 2 3 4');
    assert.deepEqual(new OpenJournal(path).readLeftOpen(), ['1', '2']);
  });

  test('is empty after it was closed in good order, and keeps what was open when it was not', () => {
    const journal = new OpenJournal(path);
    journal.end(journal.begin(['1']));
    journal.close();
    assert.deepEqual(new OpenJournal(path).readLeftOpen(), []);
    const other = new OpenJournal(path);
    other.begin(['2']);
    other.close();
    assert.deepEqual(new OpenJournal(path).readLeftOpen(), ['2']);
  });
});
