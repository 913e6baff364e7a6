import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ARCHIVES, EXPORT_FORMATS } from '../../../shared/contract/exports.ts';
import { SAMPLE_STATUSES } from '../../../shared/vocabulary.ts';
import { EMPTY_EXPORT, readExportDraft, readKeptExports } from './export-draft.ts';

const draft = fc.record(
  {
    format: fc.constantFrom(...EXPORT_FORMATS),
    archive: fc.constantFrom(...ARCHIVES),
    statuses: fc.subarray([...SAMPLE_STATUSES]),
    hardLinks: fc.boolean(),
    name: fc.string(),
  },
  { noNullPrototype: true },
);

test('what was stored is read as it was', () => {
  fc.assert(
    fc.property(draft, fc.option(fc.string({ minLength: 1 }), { nil: null }), (given, folder) => {
      const kept = { drafts: { 7: given }, folder };
      assert.deepEqual(readKeptExports(JSON.parse(JSON.stringify(kept))), kept);
    }),
  );
});

test('whatever was stored gives a draft that can be shown', () => {
  assert.deepEqual(readExportDraft(null), EMPTY_EXPORT);
  fc.assert(
    fc.property(fc.anything(), (stored) => {
      const { format, archive, statuses } = readExportDraft(stored);
      assert.ok(EXPORT_FORMATS.includes(format) && ARCHIVES.includes(archive));
      assert.ok(statuses.every((status) => SAMPLE_STATUSES.includes(status)));
      readKeptExports({ drafts: stored, folder: stored });
    }),
  );
});
