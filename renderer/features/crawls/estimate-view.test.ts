import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CrawlEstimate } from '../../../shared/contract/crawls.ts';
import { headlineOf, isTooLarge, sourceParts, wholeEstimate } from './estimate-view.ts';

const source = (images: number | null): CrawlEstimate['sources'][number] => ({
  source: 'openverse:x',
  images,
  basis: images === null ? 'unknown' : 'service-count',
  reason: null,
  detail: null,
});
const estimate = (change: Partial<CrawlEstimate>): CrawlEstimate => ({
  sources: [],
  images: null,
  durationMs: null,
  bytes: null,
  freeBytes: 1000,
  ...change,
});

test('what is collected and what is imported are one sum, unknown where a part is', () => {
  const crawl = estimate({ sources: [source(40)], images: 30, durationMs: 5, bytes: null, freeBytes: 900 });
  const folder = estimate({ sources: [source(12)], images: 12, durationMs: 2, bytes: 7 });
  const whole = wholeEstimate([crawl, folder]);
  assert.deepEqual(
    [whole?.images, whole?.durationMs, whole?.bytes, whole?.freeBytes, whole?.toldImages],
    [42, 7, null, 900, 52],
  );
  assert.equal(wholeEstimate([null, null]), null);
});

test('sources that are yet to be asked are not taken for silent ones', () => {
  const sources = [source(40), source(null), { ...source(null), basis: 'waiting' as const }];
  const whole = wholeEstimate([estimate({ sources })]);
  assert.deepEqual([whole?.toldSources, whole?.untoldSources, whole?.waitingSources], [1, 1, 1]);
});

test('a headline never promises more than the sources told', () => {
  const told = fc.option(fc.nat(10_000), { nil: null });
  fc.assert(
    fc.property(
      fc.array(told, { minLength: 1, maxLength: 5 }),
      fc.option(fc.nat(500), { nil: null }),
      (counts, most) => {
        const known = counts.every((count) => count !== null);
        const total = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
        const images = known ? Math.min(total, most ?? total) : null;
        const whole = wholeEstimate([estimate({ sources: counts.map(source), images })]);
        assert.ok(whole !== null);
        const headline = headlineOf(whole, most);
        if (headline.kind === 'about') assert.ok(known && headline.isLimited === headline.images < total);
        else assert.ok(!known);
        if (headline.kind === 'unknown') assert.ok(total === 0 && most === null);
        if (headline.kind === 'at-least') assert.equal(headline.images, total);
      },
    ),
  );
});

test('it is too large only where its size is known', () => {
  const whole = (bytes: number | null) => wholeEstimate([estimate({ bytes })]);
  assert.deepEqual(
    [null, 999, 1001].map((bytes) => isTooLarge(whole(bytes) ?? assert.fail())),
    [false, false, true],
  );
});

test('a source is its kind and its text', () => {
  assert.deepEqual(sourceParts('openverse:red: panda'), { kind: 'openverse', text: 'red: panda' });
  assert.deepEqual(sourceParts('https://a.example/x'), { kind: 'page', text: 'https://a.example/x' });
});
