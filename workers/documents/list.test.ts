import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { readList } from './list.ts';
import type { ListRecord } from './types.ts';

/** The long form is `RELIABILITY=full`. */
const factor = process.env.RELIABILITY === 'full' ? 50 : 1;

const folder = mkdtempSync(join(tmpdir(), 'lists-'));
after(() => rmSync(folder, { recursive: true }));

interface Whole {
  readonly records: ListRecord[];
  readonly skipped: number;
  readonly calls: number;
}

/** Reads a whole list, some records at a time. */
async function read(
  name: string,
  content: string | Uint8Array,
  options: { page?: number; urlColumn?: string } = {},
): Promise<Whole> {
  const path = join(folder, name);
  writeFileSync(path, content);
  const records: ListRecord[] = [];
  let skipped = 0;
  let offset = 0;
  let layout: string | null = null;
  for (let calls = 1; ; calls++) {
    const maxRecords = options.page ?? 100_000;
    const answer = await readList({ path, urlColumn: options.urlColumn ?? null, offset, layout, maxRecords });
    assert.ok(answer.records.length <= maxRecords);
    assert.ok(answer.done || answer.nextOffset > offset);
    records.push(...answer.records);
    skipped += answer.skipped;
    offset = answer.nextOffset;
    layout = answer.layout;
    if (answer.done) return { records, skipped, calls };
  }
}

const urls = async (name: string, content: string | Uint8Array, urlColumn?: string): Promise<string[]> =>
  (await read(name, content, urlColumn === undefined ? {} : { urlColumn })).records.map(({ url }) =>
    url.replace('http://x.test/', ''),
  );

test('texts hold one address a line', async () => {
  const { records, skipped } = await read(
    'a.txt',
    '\ufeff# list\r\nhttp://x.test/1.jpg\r\n\r\n  https://x.test/2.jpg#a  \n  # no\nnot an address\nftp://x.test/3\n//x.test/4\nhttp://x.test/5',
  );
  assert.deepEqual(
    records.map(({ url }) => url),
    ['http://x.test/1.jpg', 'https://x.test/2.jpg#a', 'http://x.test/5'],
  );
  assert.equal(skipped, 3);
  assert.deepEqual(records[0], {
    url: 'http://x.test/1.jpg',
    caption: null,
    label: null,
    licence: null,
    creator: null,
    pageUrl: null,
  });
});

test('tables are understood by header or by content', async () => {
  const full = await read(
    'a.csv',
    '\ufeffImage URL,Caption,Class,License,Photographer,page_url\r\nhttp://x.test/1.jpg,"A, ""b""\nc",cat,CC0,Ann,http://x.test/p\r\n,none,,,,\r\n',
  );
  assert.deepEqual(full.records, [
    {
      url: 'http://x.test/1.jpg',
      caption: 'A, "b"\nc',
      label: 'cat',
      licence: 'CC0',
      creator: 'Ann',
      pageUrl: 'http://x.test/p',
    },
  ]);
  assert.equal(full.skipped, 1);
  const rows: [string, string, string[]][] = [
    ['a.csv', 'http://x.test/1,cat\nhttp://x.test/2,dog', ['1', '2']],
    ['a.csv', 'cat;http://x.test/1\ndog;http://x.test/2', ['1', '2']],
    ['a.csv', 'id;quelle;name\n1;http://x.test/1;a', ['1']],
    ['a.csv', 'image,page,url\na.jpg,http://x.test/p,http://x.test/1', ['1']],
    ['a.csv', 'image,page\nhttp://x.test/1,http://x.test/p', ['1']],
    ['a.csv', 'name,image,link\nn,a.jpg,http://x.test/1', ['1']],
    ['a.csv', 'url', []],
    ['a.csv', '', []],
    ['a.csv', '\n\nurl\n\nhttp://x.test/1\n\n', ['1']],
    ['a.csv', 'url,n\nhttp://x.test/1\nhttp://x.test/2,a,b,c', ['1', '2']],
    ['a.tsv', 'A "quoted" cat, sat\thttp://x.test/1\n"Half quoted" dog\thttp://x.test/2\n', ['1', '2']],
    ['list', 'caption\turl\na\thttp://x.test/1', ['1']],
    ['list', '# c\nhttp://x.test/1,2\n', ['1,2']],
  ];
  for (const [name, content, expected] of rows) assert.deepEqual(await urls(name, content), expected, content);
});

test('the column asked for is used or named as missing', async () => {
  const table = 'url,thumb,Größe\nhttp://x.test/1,http://x.test/t1,5';
  assert.deepEqual(await urls('a.csv', table, 'thumb'), ['t1']);
  assert.deepEqual(await urls('a.csv', table, 'Thumb'), ['t1']);
  assert.deepEqual(await urls('a.csv', 'http://x.test/1,http://x.test/2', '2'), ['2']);
  await assert.rejects(urls('a.csv', table, 'image'), { code: 'bad-request', message: /"image".*url, thumb, Größe/ });
  await assert.rejects(urls('a.jsonl', '{"a":1,"b":"http://x.test/1"}', 'c'), {
    code: 'bad-request',
    message: /"c".*a, b/,
  });
  await assert.rejects(urls('a.csv', 'http://x.test/1,2', '3'), { code: 'bad-request', message: /1 to 2/ });
  await assert.rejects(urls('a.csv', 'name,size\na,5\n'), { code: 'bad-request', message: /name, size|without names/ });
});

test('JSON Lines hold objects or strings', async () => {
  const { records, skipped } = await read(
    'a.jsonl',
    '{"URL":"http://x.test/1","text":"t","label":7,"nested":{"url":"no"}}\n\n"http://x.test/2"\n{broken\n[1]\n5\nnull\n{"url":"http://x.test/3"}\n{"__proto__":{"URL":"http://x.test/4"}}',
  );
  assert.deepEqual(
    records.map(({ url, caption, label }) => [url, caption, label]),
    [
      ['http://x.test/1', 't', '7'],
      ['http://x.test/2', null, null],
    ],
  );
  assert.equal(skipped, 6);
  assert.deepEqual(await urls('list', '{"src":"http://x.test/1"}\n{"src":"http://x.test/2"}'), ['1', '2']);
});

test('what is no list is named', async () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ['a.csv.gz', Buffer.from([0x1f, 0x8b, 8]), /gzip.*[Uu]npack/],
    ['a.csv', Buffer.from('\ufeffurl', 'utf16le'), /UTF-16.*UTF-8/],
    ['a.parquet', Buffer.from('PAR1....'), /Parquet/],
    ['a.xlsx', Buffer.from('PK\x03\x04....'), /spreadsheet/],
    ['a.json', Buffer.from(' [{"url":"x"}]'), /JSON array/],
  ];
  for (const [name, content, message] of cases)
    await assert.rejects(read(name, content), { code: 'unsupported-media-type', message });
  await assert.rejects(
    readList({ path: join(folder, 'none.txt'), urlColumn: null, offset: 0, layout: null, maxRecords: 1 }),
    { code: 'not-found' },
  );
});

test('one stray quote does not swallow a file', async () => {
  const lines = Array.from({ length: 60_000 }, (_, index) =>
    index === 100 ? `"broken,http://x.test/${index}` : `caption ${index},http://x.test/${index}`,
  );
  const { records } = await read('a.csv', `caption,url\n${lines.join('\n')}\n`, { page: 7000 });
  assert.deepEqual(
    records.map(({ url }) => url),
    lines.map((_, index) => `http://x.test/${index}`),
  );
  assert.equal(records[100]?.caption, '"broken');
});

test('lines that end with CR alone are lines, in a file of any size', async () => {
  assert.deepEqual(await urls('a.txt', 'http://x.test/1\rhttp://x.test/2\r# no\r\rhttp://x.test/3'), ['1', '2', '3']);
  assert.deepEqual(await urls('a.csv', 'name;url\ra;http://x.test/1\r"b\rc";http://x.test/2\r'), ['1', '2']);
  assert.deepEqual(await urls('a.jsonl', '{"url":"http://x.test/1"}\r{"url":"http://x.test/2"}\r'), ['1', '2']);
  assert.deepEqual(await urls('list', 'http://x.test/1\rhttp://x.test/2'), ['1', '2']);
  const many = Array.from({ length: 60_000 }, (_, index) => `http://x.test/${index}.jpg`);
  for (const name of ['a.txt', 'a.csv']) {
    assert.deepEqual(
      await urls(name, many.join('\r')),
      many.map((url) => url.slice('http://x.test/'.length)),
      name,
    );
  }
  const long = `http://x.test/${'x'.repeat(3 * 1024 * 1024)}`;
  const { records, skipped } = await read('a.txt', `http://x.test/1\r${long}\rhttp://x.test/2\r`);
  assert.deepEqual([records.length, skipped], [2, 1]);
});

test('long lines are passed over in bounded memory', async () => {
  const long = 'x'.repeat(3 * 1024 * 1024);
  for (const [name, line] of [
    ['a.txt', `http://x.test/${long}`],
    ['a.jsonl', `{"a":"${long}"}`],
    ['a.csv', `${long},1`],
  ] as const) {
    const first = name === 'a.jsonl' ? '{"url":"http://x.test/1"}' : 'http://x.test/1,1';
    const last = first.replace('/1', '/2');
    const { records, skipped } = await read(name, `${first}\n${line}\n${last}\n`);
    assert.deepEqual([records.length, skipped, records[1]?.url.includes('/2')], [2, 1, true], name);
  }
});

test('reading in pages gives what reading whole gives', async () => {
  const cell = fc.oneof(
    fc.stringMatching(/^[a-z ]{0,8}$/),
    fc.constantFrom('"a,b"', '"a\nb"', '"a""b"', '"open', 'mid"quote', '"x"y', '', 'é😀', '#'),
    fc.integer({ min: 0, max: 999 }).map((number) => `http://x.test/${number}`),
  );
  const lineEnd = fc.constantFrom('\n', '\r\n', '\n\n', '\r');
  const table = fc.array(fc.tuple(fc.array(cell, { minLength: 1, maxLength: 4 }), lineEnd), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(
      table,
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom('a.csv', 'a.txt', 'a.jsonl'),
      async (rows, page, name) => {
        const content = `url,caption\nhttp://x.test/0,\n${rows.map(([cells, end]) => cells.join(',') + end).join('')}`;
        const whole = await read(name, content);
        const paged = await read(name, content, { page });
        assert.deepEqual([paged.records, paged.skipped], [whole.records, whole.skipped]);
      },
    ),
    { numRuns: 300 * factor },
  );
});

test('well-formed tables come back as they were written', async () => {
  const record = fc.record({ id: fc.nat(), caption: fc.string({ unit: 'grapheme', maxLength: 20 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { maxLength: 20 }),
      fc.constantFrom(',', ';', '|'),
      fc.constantFrom('\n', '\r\n', '\r'),
      async (wanted, delimiter, end) => {
        const lines = wanted.map(
          ({ id, caption }) => `http://x.test/${id}${delimiter}"${caption.replaceAll('"', '""')}"`,
        );
        const { records } = await read('a.csv', [`url${delimiter}caption`, ...lines].join(end));
        assert.deepEqual(
          records.map(({ url, caption }) => [url, caption]),
          wanted.map(({ id, caption }) => [`http://x.test/${id}`, caption.trim() || null]),
        );
      },
    ),
    { numRuns: 300 * factor },
  );
});

test('any bytes give records or a plain error', async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .array(fc.constantFrom('"', ',', '\n', '\r', '\t', 'http://x', '{', '}', '\0', '#'), { maxLength: 60 })
      .map((parts) => Buffer.from(parts.join(''))),
  );
  await fc.assert(
    fc.asyncProperty(bytes, fc.constantFrom('a.csv', 'a.tsv', 'a.txt', 'a.jsonl', 'a'), async (content, name) => {
      try {
        await read(name, content, { page: 3 });
      } catch (error) {
        assert.match((error as { code: string }).code, /^(?:bad-request|unsupported-media-type)$/);
      }
    }),
    { numRuns: 1500 * factor },
  );
});

test('hostile quoting costs linear time', async () => {
  const started = performance.now();
  const parts = ['"a\n', '"a"b\n', '"', '""', 'a,"b\n', '\n', ','];
  for (const part of parts) await read('a.csv', `url\nhttp://x.test/0\n${part.repeat(4_000_000 / part.length)}`);
  assert.ok(performance.now() - started < 20_000);
});
