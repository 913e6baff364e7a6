import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DatasetOverview } from '../../../shared/contract/datasets.ts';
import { labelsOf, libraryGroups } from './library-groups.ts';

const project = (id: number, name: string) => ({ id, name, datasetCount: 1, createdAt: 0, updatedAt: 0 });
const dataset = (id: number, projectId: number, name: string) =>
  ({ dataset: { id, projectId, name }, cover: [], sizeBytes: 0, lastActivityAt: 0 }) as unknown as DatasetOverview;

test('datasets stand under their projects, and empty projects show unless a name is looked for', () => {
  const projects = [project(1, 'birds'), project(2, 'empty')];
  const overview = [dataset(1, 1, 'Robins'), dataset(2, 1, 'wrens')];
  const shown = (filter: { projectId: number | null; name: string }) =>
    libraryGroups(projects, overview, filter).map((group) => [group.project.id, group.datasets.length]);
  assert.deepEqual(shown({ projectId: null, name: '' }), [
    [1, 2],
    [2, 0],
  ]);
  assert.deepEqual(shown({ projectId: 2, name: '' }), [[2, 0]]);
  assert.deepEqual(shown({ projectId: null, name: ' ROB ' }), [[1, 1]]);
  assert.deepEqual(shown({ projectId: null, name: 'owl' }), []);
});

test('labels are the names between commas, each once and none empty', () => {
  assert.deepEqual(labelsOf(' robin, wren,, robin ;owl\n'), ['robin', 'wren', 'owl']);
  fc.assert(
    fc.property(fc.string(), (text) => {
      const labels = labelsOf(text);
      assert.equal(new Set(labels).size, labels.length);
      assert.ok(labels.every((label) => label !== '' && label === label.trim() && !/[,;\n]/.test(label)));
    }),
  );
});
