/** Whatever a person may have typed. */

import fc from 'fast-check';
import type { CollectDraft } from '../draft.ts';

const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.webUrl(),
  fc.array(fc.webUrl(), { maxLength: 3 }).map((urls) => urls.join('\n')),
  fc.constant(''),
);

function number(most: number): fc.Arbitrary<number | null> {
  return fc.oneof(
    fc.constant(null),
    fc.double({ min: -5, max: most, noNaN: true }).map((value) => value + 0),
    fc.integer({ min: -1, max: most }),
  );
}

export const anyDraft: fc.Arbitrary<CollectDraft> = fc.record(
  {
    labels: fc.array(fc.record({ name: fc.string({ maxLength: 20 }), keywords: text }, { noNullPrototype: true }), {
      maxLength: 3,
    }),
    openverse: fc.boolean(),
    wikimedia: fc.boolean(),
    pages: text,
    sitemaps: text,
    lists: fc.constantFrom([], ['/a.csv'], ['/a.csv', 'C:\\lists\\b.txt']),
    folders: fc.constantFrom([], ['/pictures']),
    pathNames: fc.constantFrom<Readonly<Record<string, string>>>({}, { '/pictures': 'three images' }),
    labelsFromFolders: fc.boolean(),
    mode: fc.constantFrom('copy' as const, 'link' as const),
    restLabel: fc.oneof(fc.constantFrom('', 'rest'), fc.string({ maxLength: 120 })),
    maxImages: number(400),
    maxPages: number(400),
    depth: number(120),
    perHost: number(10),
    delayS: number(400),
    timeoutS: number(700),
    include: text,
    exclude: text,
    allowHosts: text,
    overrideConsent: fc.constant([]),
  },
  { noNullPrototype: true },
);
