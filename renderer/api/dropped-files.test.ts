import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isList, linksIn } from './dropped-files.ts';

test('links are what a text has of web addresses, each once', () => {
  assert.deepEqual(linksIn('https://a.example/x\nhttps://a.example/x\nftp://b.example\nhello http://c.example/ '), [
    'https://a.example/x',
    'http://c.example/',
  ]);
  assert.deepEqual(linksIn('javascript:alert(1) data:text/html,x'), []);
});

test('no text makes it throw or gives anything but web addresses', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl()), (text) => {
      for (const link of linksIn(text)) assert.match(new URL(link).protocol, /^https?:$/);
    }),
  );
});

test('lists are told from images and archives by their ending', () => {
  assert.deepEqual(['a.csv', 'C.TXT', 'd.jsonl', 'b/c.txt', 'e.jpg', 'f.zip'].map(isList), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
