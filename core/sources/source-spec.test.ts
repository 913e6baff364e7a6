import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../shared/errors.ts';
import { parseSourceSpec } from './source-spec.ts';

const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

test('each form of SOURCE is told apart', () => {
  const table: [string, object][] = [
    ['https://example.com/a b', { kind: 'page', url: 'https://example.com/a%20b' }],
    ['HTTP://Example.com', { kind: 'page', url: 'http://example.com/' }],
    ['sitemap:https://example.com/s.xml', { kind: 'sitemap', url: 'https://example.com/s.xml' }],
    ['urls:list.txt', { kind: 'urls', path: 'list.txt', column: null }],
    ['urls:C:\\data\\list.csv#column=image url', { kind: 'urls', path: 'C:\\data\\list.csv', column: 'image url' }],
    ['urls:/odd#name:x.csv', { kind: 'urls', path: '/odd#name:x.csv', column: null }],
    ['folder:D:\\images', { kind: 'folder', path: 'D:\\images' }],
    ['openverse:red panda', { kind: 'openverse', query: 'red panda' }],
    ['Wikimedia: Category:Red pandas ', { kind: 'wikimedia', query: 'Category:Red pandas' }],
  ];
  for (const [argument, expected] of table) assert.deepEqual(parseSourceSpec(argument), expected, argument);
});

test('anything else is refused with the forms that are accepted', () => {
  const bad = ['', 'example.com', 'C:\\images', '/images', 'ftp://example.com/', 'https:', 'http:example.com'];
  for (const argument of [
    ...bad,
    'sitemap:',
    'sitemap:file:///x',
    'urls:',
    'urls:#column=x',
    'folder: ',
    'openverse:',
    'flickr:x',
  ]) {
    assert.throws(
      () => parseSourceSpec(argument),
      (error: unknown) => isCode('bad-request')(error) && /openverse:red panda/.test((error as AppError).message),
      argument,
    );
  }
});
