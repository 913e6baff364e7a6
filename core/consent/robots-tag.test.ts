import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { imageRefusedBy, mayFollow, parseMetaRobots, parseRobotsTag } from './robots-tag.ts';

const NOW = Date.UTC(2026, 0, 15);
const refusedBy = (...values: string[]) => imageRefusedBy(parseRobotsTag(values, 'PixBot'), NOW);

test('each signal is read in each place, for each addressee', () => {
  const table: [values: string[], refusedBy: string | null][] = [
    [['noai'], 'noai'],
    [['NOIMAGEAI'], 'noimageai'],
    [['index, noindex'], 'noindex'],
    [['nosnippet,noimageindex'], 'noimageindex'],
    [['none'], 'none'],
    [['nofollow'], null],
    [['all', 'max-image-preview: large', 'noarchive'], null],
    [['all', 'noai'], 'noai'],
    [['pixbot: noai'], 'noai'],
    [['PIXBOT/1.0: nofollow, noai'], 'noai'],
    [['otherbot: noai'], null],
    [['otherbot: nosnippet, noai'], null],
    [['otherbot: noai', 'noindex'], 'noindex'],
    [['otherbot: noai, pixbot: noindex'], 'noindex'],
    [['*=noindex, nosnippet; ExampleBot='], 'noindex'],
    [['ExampleBot=noai; noindex'], 'noindex'],
    [['ExampleBot=noindex;'], null],
    [['max-snippet: 20, noai'], 'noai'],
    [['noindex: yes'], 'noindex'],
    [[''], null],
    [[',,;;::='], null],
    [['noaindex noai'], null],
    [['unavailable_after: 10 Jan 2026 00:00:00 GMT'], 'unavailable_after 2026-01-10T00:00:00.000Z'],
    [['unavailable_after: Saturday, 10-Jan-26 00:00:00 GMT'], 'unavailable_after 2026-01-10T00:00:00.000Z'],
    [['unavailable_after: Friday, noai'], 'noai'],
    [['unavailable_after: Saturday, 10-Jan-26 15:00:00 GMT, noai'], 'noai'],
    [['unavailable_after: 2026-02-01'], null],
    [['otherbot: unavailable_after: 2020-01-01'], null],
    [['pixbot: unavailable_after: 2020-01-01'], 'unavailable_after 2020-01-01T00:00:00.000Z'],
    [['unavailable_after: some day'], null],
  ];
  for (const [values, expected] of table) assert.equal(refusedBy(...values), expected, values.join(' | '));
});

test('meta elements count when they are for everybody or for us', () => {
  const refused = (...pairs: [string, string][]) => imageRefusedBy(parseMetaRobots(pairs, 'PixBot'), NOW);
  assert.equal(refused(['robots', 'noimageai']), 'noimageai');
  assert.equal(refused(['PIXBOT', 'noai']), 'noai');
  assert.equal(refused(['googlebot', 'noindex'], ['viewport', 'noai']), null);
});

test('nofollow and none keep the links from being followed', () => {
  const follows = (value: string) => mayFollow(parseRobotsTag([value], 'PixBot'));
  assert.deepEqual(['nofollow', 'none', 'noindex', 'otherbot: nofollow'].map(follows), [false, false, true, true]);
});

test('a value too long to read counts as none; one of 8 KiB is read', () => {
  assert.equal(refusedBy(`${'all,'.repeat(2_048)}noai`), 'noai');
  assert.equal(refusedBy('all,'.repeat(10_000)), 'none');
  assert.equal(refusedBy(...Array.from({ length: 101 }, () => 'all')), 'none');
});

test('adding a negative rule never opens anything', () => {
  const word = fc.constantFrom(
    ...[
      'all',
      'noai',
      'noindex',
      'nofollow',
      'none',
      'pixbot: noai',
      'otherbot: noimageai',
      'max-snippet: 1',
      ':',
      '=',
    ],
    ...['unavailable_after: Friday', 'unavailable_after: 2020-01-01', '10-Jan-26 00:00:00 GMT', ''],
  );
  const value = fc.array(word, { maxLength: 5 }).map((words) => words.join(', '));
  const negative = fc.constantFrom('noai', 'nofollow', 'noindex', 'pixbot: none', 'otherbot: noindex', 'noimageai');
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), negative, fc.nat(4), fc.boolean(), (values, rule, at, append) => {
      const more = [...values];
      if (append && at < values.length) more[at] = `${values[at]}, ${rule}`;
      else more.splice(at, 0, rule);
      const before = parseRobotsTag(values, 'PixBot');
      const after = parseRobotsTag(more, 'PixBot');
      if (imageRefusedBy(before, NOW) !== null) assert.notEqual(imageRefusedBy(after, NOW), null);
      if (!mayFollow(before)) assert.equal(mayFollow(after), false);
    }),
    { numRuns: 2_000 },
  );
});

test('no header makes the reader throw', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (values) => {
      parseRobotsTag(
        values.map((bytes) => Buffer.from(bytes).toString('latin1')),
        'PixBot',
      );
    }),
  );
});
