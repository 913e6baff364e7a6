import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { fakeWorkers, makeLibrary } from '../testing/test-library.ts';
import { type Bins, countBins } from './count-bins.ts';
import { Database } from './database.ts';
import { DatabaseReader } from './reader.ts';
import { statementName } from './statement-name.ts';

let folder: string;
let database: Database;
let reader: DatabaseReader;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-reader-'));
  const path = join(folder, 'reader.db');
  database = await Database.open({ path, backupDirectory: join(folder, 'backups') });
  reader = new DatabaseReader(path);
});

after(async () => {
  await reader.close();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** Counts to so many: some 100 ms a million. */
const SLOW =
  'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT count(*) AS count FROM n';

test('a page does not wait for bulk, and goes before scans that came first', async () => {
  const ended: string[] = [];
  const ask = async (name: string, lane: 'page' | 'scan' | 'bulk', count: number) => {
    await reader.all(SLOW, [count], lane);
    ended.push(name);
  };
  await ask('warm', 'page', 1);
  ended.length = 0;
  await Promise.all([
    ask('bulk', 'bulk', 5_000_000),
    ask('more bulk', 'bulk', 10),
    ask('scan', 'scan', 600_000),
    ask('second scan', 'scan', 600_000),
    ask('page', 'page', 10),
  ]);
  assert.deepEqual(ended.slice(0, 3), ['scan', 'page', 'second scan']);
  assert.deepEqual(ended.slice(-2), ['bulk', 'more bulk']);
});

test('lines of many questions go to one new file', async () => {
  const path = join(folder, 'lines');
  const counted = (count: number, name: string) => ({
    sql: `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT '${name} ' || i FROM n`,
    parameters: [count],
  });
  const none = { sql: "SELECT '' WHERE 0", parameters: [] };
  assert.deepEqual(await reader.lines([counted(2, 'é'), none, counted(100_000, 'b')], path), [2, 0, 100_000]);
  const lines = (await readFile(path, 'utf8')).split('\n');
  assert.deepEqual(
    [lines.length, ...lines.slice(0, 3), ...lines.slice(-2)],
    [100_003, 'é 1', 'é 2', 'b 1', 'b 100000', ''],
  );
  await assert.rejects(reader.lines([none], path));
  assert.equal((await readFile(path, 'utf8')).length, lines.join('\n').length);
});

test('lines come in the order that is asked for, whatever they hold', async () => {
  const path = join(folder, 'sorted-lines');
  // Some are longer than what is written at once.
  const length = fc.oneof(fc.nat({ max: 40 }), fc.constantFrom(200_000, 262_143, 262_144, 600_000));
  const line = fc.record({ unit: fc.constantFrom('a', 'é', '\u{1f600}'), length, key: fc.nat({ max: 5 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
      await rm(path, { force: true });
      const parameters = [JSON.stringify(lines.map(({ unit, length, key }) => [unit.repeat(length), key]))];
      const all = 'SELECT value ->> 0 FROM json_each(?) ORDER BY key';
      const order = { sql: 'SELECT key FROM json_each(?) ORDER BY value ->> 1, key DESC', parameters };
      const head = { sql: "SELECT 'head'", parameters: [] };
      assert.deepEqual(await reader.lines([head, { sql: all, parameters, order }, head], path), [1, lines.length, 1]);
      const sorted = lines
        .map((each, index) => ({ ...each, index }))
        .sort((a, b) => a.key - b.key || b.index - a.index)
        .map(({ unit, length }) => unit.repeat(length));
      assert.ok((await readFile(path, 'utf8')) === ['head', ...sorted, 'head', ''].join('\n'));
    }),
    { numRuns: 100 },
  );
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.endsWith('.unsorted')),
    [],
  );
  const wrong = { sql: "SELECT 'a'", parameters: [], order: { sql: 'SELECT 0 UNION ALL SELECT 1', parameters: [] } };
  await assert.rejects(reader.lines([wrong], join(folder, 'wrong')));
});

test('numbers are cut, thinned and kept where another statement has them too', async () => {
  const numbers =
    'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20) SELECT i FROM n ORDER BY i DESC';
  const query = { sql: numbers, parameters: [] };
  assert.deepEqual(await reader.numbers(query, 'scan', { from: 2, to: 5 }), [18, 17, 16]);
  assert.deepEqual(await reader.numbers(query, 'scan', { every: 8 }), [20, 13, 5]);
  const among = { sql: 'SELECT value FROM json_each(?)', parameters: ['[3, 40, 19, 8]'] };
  assert.deepEqual(await reader.numbers(query, 'scan', { among }), [19, 8, 3]);
  assert.deepEqual(await reader.numbers(query, 'scan', { among, every: 2 }), [3, 8]);
});

test('samples that hold words are told, also after they have changed', async () => {
  const query = {
    sql: 'SELECT value FROM json_each(?) WHERE text_matches(value)',
    parameters: ['[1, 2, 3, 4]'],
    match: '"owl"',
  };
  const insert = (id: number, words: string) =>
    database.write(() => database.prepare('INSERT INTO sample_text (rowid, words) VALUES (?, ?)').run(id, words));
  assert.deepEqual(await reader.numbers(query, 'scan'), []);
  await insert(2, 'a wood owl');
  await insert(3, 'a heron');
  assert.deepEqual(await reader.numbers(query, 'scan'), [2]);
  await insert(4, 'OWLS and one Owl');
  assert.deepEqual(await reader.numbers(query, 'scan'), [2, 4]);
  assert.deepEqual(await reader.numbers({ ...query, match: '"her" *' }, 'scan'), [3]);
  await assert.rejects(reader.numbers({ ...query, match: '"open' }, 'scan'), { code: 'internal' });
  assert.deepEqual(await reader.numbers(query, 'scan'), [2, 4], 'an error leaves nothing open');
});

const BINS: readonly Bins[] = [
  { kind: 'linear', width: 0.25 },
  { kind: 'logarithmic', perDoubling: 8, least: 1 / 16 },
  { kind: 'fitted', widths: [1, 10, 60], most: 64 },
];

test('every number is counted once, in the bin it lies in', () => {
  const values = fc.array(fc.oneof(fc.integer({ min: 0, max: 2 ** 40 }), fc.double({ min: 0, max: 1e6, noNaN: true })));
  fc.assert(
    fc.property(values, fc.constantFrom(...BINS), (numbers, bins) => {
      const { width, counts } = countBins(numbers, bins);
      const wanted = new Map<number, number>();
      for (const number of numbers) {
        const bin =
          bins.kind !== 'logarithmic'
            ? Math.floor(number / width)
            : number < bins.least
              ? -33
              : Math.floor(Math.log2(number) * bins.perDoubling);
        wanted.set(bin, (wanted.get(bin) ?? 0) + 1);
      }
      assert.deepEqual(new Map(counts), wanted);
      if (bins.kind === 'fitted' && numbers.length > 0) {
        const used = counts.map(([bin]) => bin);
        assert.ok(Math.max(...used) - Math.min(...used) < bins.most);
      }
    }),
    { numRuns: 300 },
  );
});

test('an error of the database keeps its code on the way out of its thread', async () => {
  await assert.rejects(reader.all('SELECT * FROM nowhere', []), (error: Error) => {
    assert.equal((error.cause as { code?: string }).code, 'SQLITE_ERROR');
    return true;
  });
});

test('a slow read is in the log by its statement, without a value of the user; a quick one is not', async () => {
  const library = await makeLibrary(fakeWorkers());
  try {
    const { reader: watched, directory } = library.services;
    await watched.all('SELECT 1', []);
    await watched.all(`${SLOW} -- 'secret ''name''' 4711`, [8_000_000], 'scan');
    const log = (await readFile(join(directory.logsPath, 'core.log'), 'utf8')).trim().split('\n');
    assert.equal(log.length, 1);
    const { level, message, durationMs } = JSON.parse(log[0] ?? '');
    assert.equal(level, 'warning');
    assert.match(message, /^slow: a scan read, WITH RECURSIVE n \(i\) AS \(SELECT \?/);
    assert.doesNotMatch(message, /secret|name|4711|8000000/);
    assert.ok(durationMs >= 250, `${durationMs} ms`);
  } finally {
    await library.remove();
  }
});

test('the name of a statement is one short line that ends no value in the open', () => {
  assert.equal(
    statementName("SELECT *\n  FROM a1 WHERE x = 'it''s' AND y = 12.5"),
    'SELECT * FROM a1 WHERE x = ? AND y = ?',
  );
  const quoted = fc.string().map((value) => `'secret${value.replaceAll("'", "''")}'`);
  fc.assert(
    fc.property(fc.array(quoted), fc.boolean(), (values, isCut) => {
      const sql = `SELECT ${values.join(', ')} FROM t`;
      const name = statementName(isCut ? sql.slice(0, -9) : sql);
      assert.doesNotMatch(name, /secret|\n/);
      assert.ok(name.length <= 201);
    }),
    { numRuns: 200 },
  );
});
