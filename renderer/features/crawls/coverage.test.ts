import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { coverageOf, wantedLabels } from './coverage.ts';

test('each source has a panel with the same labels, the fullest first', () => {
  const { panels, most, others } = coverageOf(
    [
      { label: 'wren', source: 'openverse', accepted: 5, quarantined: 1, rejected: 0 },
      { label: 'robin', source: 'wikimedia', accepted: 8, quarantined: 0, rejected: 0 },
      { label: null, source: 'wikimedia', accepted: 1, quarantined: 0, rejected: 0 },
    ],
    2,
  );
  assert.deepEqual(
    panels.map(({ source, bars }) => [source, bars.map(({ label, total }) => [label, total])]),
    [
      [
        'wikimedia',
        [
          ['robin', 8],
          ['wren', 0],
        ],
      ],
      [
        'openverse',
        [
          ['robin', 0],
          ['wren', 6],
        ],
      ],
    ],
  );
  assert.deepEqual([most, others], [8, { labels: 1, images: 1 }]);
  assert.deepEqual(coverageOf([], 5), { panels: [], most: 1, others: { labels: 0, images: 0 } });
});

test('labels that were asked for show before anything has come for them', () => {
  const parameters = { sources: [{ source: 'openverse:x', label: 'wren' }, 'https://a.example'], label: 'rest' };
  assert.deepEqual(wantedLabels(parameters), ['wren', 'rest']);
  assert.deepEqual(wantedLabels({ sources: 3 }), []);
  const rows = [{ label: 'rest', source: 'web', accepted: 2, quarantined: 0, rejected: 0 }];
  assert.deepEqual(
    coverageOf(rows, 5, ['wren', 'rest']).panels[0]?.bars.map(({ label, total }) => [label, total]),
    [
      ['rest', 2],
      ['wren', 0],
    ],
  );
});

test('no image is lost or counted twice', () => {
  const row = fc.record({
    label: fc.constantFrom(null, '', 'a', 'b', 'c', 'd'),
    source: fc.constantFrom('web', 'list', 'openverse'),
    accepted: fc.nat(50),
    quarantined: fc.nat(50),
    rejected: fc.nat(50),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), fc.integer({ min: 1, max: 6 }), (rows, mostLabels) => {
      const { panels, most, others } = coverageOf(rows, mostLabels);
      const bars = panels.flatMap((panel) => panel.bars);
      const all = rows.reduce((sum, { accepted, quarantined, rejected }) => sum + accepted + quarantined + rejected, 0);
      assert.equal(bars.reduce((sum, { total }) => sum + total, 0) + others.images, all);
      assert.ok(
        bars.every(({ total, accepted, quarantined, rejected }) => total === accepted + quarantined + rejected),
      );
      assert.ok(bars.every(({ total }) => total <= most));
      assert.equal(
        panels.reduce((sum, { total }) => sum + total, 0),
        all,
      );
    }),
  );
});
