import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { NOTHING, parseLaunch, parseLink, parseOpenedLink } from './launch.ts';

const HERE = resolve('/work/here');
const parse = (...given: string[]) => parseLaunch(given, { workingDirectory: HERE, exists: () => true });
const PLACE = /^\/(?:datasets\/[1-9]\d*\/(?:browse|collect|review|export)|jobs\/[1-9]\d*)$/;

/** Links as a stranger would write them: near to what is understood, and far from it. */
const hostile = fc
  .tuple(
    fc.constantFrom('pixcrawler:', 'PIXCRAWLER://', 'pixcrawler://', 'pixcrawler:///'),
    fc.array(
      fc.oneof(
        fc.constantFrom(
          'dataset/',
          'job/',
          'collect?url=',
          '..',
          '/',
          '\\',
          '%2e%2e',
          '%00',
          '\n',
          '"',
          ' --data-dir=/x',
        ),
        fc.constantFrom(
          '1',
          '-1',
          '99999999999999999999',
          'browse',
          'export',
          'https://a.example/',
          'file:///etc/passwd',
        ),
        fc.constantFrom(
          'javascript:alert(1)',
          '?',
          '#',
          '&',
          '@',
          '/settings',
          '\\\\host\\share',
          'https%3A%2F%2Fa.example',
        ),
        fc.string({ unit: 'binary', maxLength: 10 }),
      ),
      { maxLength: 8 },
    ),
  )
  .map(([scheme, parts]) => scheme + parts.join(''));

test('no link becomes a path, a data directory, or a place that is not the interface', () => {
  fc.assert(
    fc.property(hostile, fc.array(fc.oneof(hostile, fc.string(), fc.constant('--data-dir=/evil'))), (link, rest) => {
      for (const launch of [parse(link, ...rest), parseOpenedLink(link)]) {
        assert.equal(launch.dataDirectory, null);
        assert.equal(launch.isHidden, false);
        assert.deepEqual(launch.paths, []);
        assert.ok(launch.place === null || PLACE.test(launch.place), launch.place ?? '');
        for (const address of launch.links) assert.match(address, /^https?:\/\/[^/]/);
        assert.ok(launch.links.length + (launch.place === null ? 0 : 1) <= 1);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('links that are understood lead to their place', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 999_999_999_999_999 }),
      fc.webUrl({ withQueryParameters: true }),
      (id, url) => {
        assert.deepEqual(parseLink(`pixcrawler://dataset/${id}`), { place: `/datasets/${id}/browse` });
        for (const screen of ['browse', 'collect', 'review', 'export']) {
          assert.deepEqual(parseLink(`pixcrawler://dataset/${id}/${screen}`), { place: `/datasets/${id}/${screen}` });
        }
        assert.deepEqual(parseLink(`pixcrawler://job/${id}`), { place: `/jobs/${id}` });
        assert.deepEqual(parseLink(`pixcrawler://collect?url=${encodeURIComponent(url)}`), { link: new URL(url).href });
      },
    ),
    { numRuns: 200 },
  );
  assert.deepEqual(parseLink('PixCrawler://Dataset/7/Review/'), { place: '/datasets/7/review' });
});

test('links that are not understood lead nowhere, and their query is not logged', () => {
  for (const link of [
    'pixcrawler://settings',
    'pixcrawler://dataset/0',
    'pixcrawler://dataset/1/../../settings',
    'pixcrawler://dataset/1/browse?x',
    'pixcrawler://job/1e3',
    'pixcrawler://collect?url=file:///etc/passwd',
    'pixcrawler://collect?url=javascript:alert(1)',
    'pixcrawler://collect?url=%zz',
    'pixcrawler://collect?url=https://a.example/&path=/etc',
    `pixcrawler://collect?url=https://a.example/${'x'.repeat(9_000)}`,
    `pixcrawler://collect?url=https://a.example/${'x'.repeat(4_100)}`,
  ]) {
    assert.equal(parseLink(link), null, link);
  }
  assert.deepEqual(parseOpenedLink('pixcrawler://other?token=secret').ignored, ['pixcrawler://other']);
  assert.deepEqual(parseOpenedLink('https://a.example/').links, []);
});

test('whatever is given, it is understood or ignored', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), hostile)), fc.boolean(), (given, exists) => {
      const launch = parseLaunch(given, { workingDirectory: HERE, exists: () => exists });
      for (const path of launch.paths) assert.equal(path, resolve(path));
      if (!exists) assert.deepEqual(launch.paths, []);
    }),
    { numRuns: 500 },
  );
});

test('arguments of a person are taken at their word', () => {
  assert.deepEqual(parse(), NOTHING);
  assert.equal(parse('--data-dir', 'library').dataDirectory, resolve(HERE, 'library'));
  assert.equal(parse('--data-dir=/library').dataDirectory, resolve('/library'));
  assert.equal(parse('--data-dir', 'library', 'pixcrawler://job/1').dataDirectory, resolve(HERE, 'library'));
  assert.deepEqual(parse('--data-dir'), { ...NOTHING, ignored: ['--data-dir'] });
  assert.deepEqual(parse('--hidden', '--enable-features=X', '-psn_0_1'), { ...NOTHING, isHidden: true });
  assert.deepEqual(parse('pictures', '/a/list.csv').paths, [resolve(HERE, 'pictures'), resolve('/a/list.csv')]);
  assert.deepEqual(parse('HTTPS://A.example/x y').links, ['https://a.example/x%20y']);
  assert.deepEqual(parse('http://').ignored, ['http://']);
  assert.deepEqual(parse('file:///a/b%20c.png').paths, [resolve('/a/b c.png')]);
  assert.deepEqual(parse('file://elsewhere/share/x.png').paths, []);
});
