import assert from 'node:assert/strict';
import { test } from 'node:test';
import { absolutePath, absoluteSource, dataDirectoryOf, type Place } from './paths.ts';

function place(change: Partial<Place> = {}): Place {
  return { environment: {}, platform: 'linux', homeDirectory: '/home/ann', workingDirectory: '/work', ...change };
}

test('the data directory is the flag, the environment, or the place of the system', () => {
  const linux = place();
  assert.equal(dataDirectoryOf(linux, undefined), '/home/ann/.local/share/pixcrawler');
  assert.equal(dataDirectoryOf(place({ environment: { XDG_DATA_HOME: '/data' } }), undefined), '/data/pixcrawler');
  assert.equal(
    dataDirectoryOf(place({ environment: { XDG_DATA_HOME: 'relative' } }), undefined),
    '/home/ann/.local/share/pixcrawler',
  );
  const mac = place({ platform: 'darwin', homeDirectory: '/Users/ann' });
  assert.equal(dataDirectoryOf(mac, undefined), '/Users/ann/Library/Application Support/PixCrawler');
  const windows = { platform: 'win32', homeDirectory: 'C:\\Users\\ann', workingDirectory: 'D:\\x' } as const;
  assert.equal(
    dataDirectoryOf(place({ ...windows, environment: { LOCALAPPDATA: 'E:\\Local' } }), undefined),
    'E:\\Local\\PixCrawler',
  );
  assert.equal(dataDirectoryOf(place(windows), undefined), 'C:\\Users\\ann\\AppData\\Local\\PixCrawler');
  const set = place({ environment: { PIXCRAWLER_DATA_DIR: 'mine' } });
  assert.equal(dataDirectoryOf(set, undefined), '/work/mine');
  assert.equal(dataDirectoryOf(set, '../other'), '/other');
  assert.equal(dataDirectoryOf(place({ environment: { PIXCRAWLER_DATA_DIR: '' } }), '~/pix'), '/home/ann/pix');
});

test('only sources that name files of this machine get absolute paths', () => {
  const here = place();
  assert.equal(absoluteSource(here, 'urls:list.csv'), 'urls:/work/list.csv');
  assert.equal(absoluteSource(here, 'folder:~/photos'), 'folder:/home/ann/photos');
  assert.equal(absoluteSource(here, 'folder:/photos'), 'folder:/photos');
  assert.equal(absoluteSource(here, 'urls:a.csv#column=x/../y'), 'urls:/work/a.csv#column=x/../y');
  assert.equal(absoluteSource(here, ' URLS: a#b.csv'), 'URLS:/work/a#b.csv');
  for (const source of [
    'https://example.org/a?b=c',
    'sitemap:https://example.org/sitemap.xml',
    'urls:https://example.org/list.txt',
    'openverse:folder:x',
    'wikimedia:a robin',
    'folder:',
  ]) {
    assert.equal(absoluteSource(here, source), source);
  }
});

test('paths of Windows stay paths of Windows', () => {
  const windows = place({ platform: 'win32', homeDirectory: 'C:\\Users\\ann', workingDirectory: 'D:\\x' });
  assert.equal(absolutePath(windows, 'a\\b'), 'D:\\x\\a\\b');
  assert.equal(absoluteSource(windows, 'urls:E:\\list.txt'), 'urls:E:\\list.txt');
  assert.equal(absoluteSource(windows, 'urls:~\\list.txt'), 'urls:C:\\Users\\ann\\list.txt');
});
