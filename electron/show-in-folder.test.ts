import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ShownInFolder } from '../shared/host-bridge.ts';
import type { MediaRequest } from '../shared/media.ts';
import { registerShowInFolder } from './show-in-folder.ts';

let root: string;
let show: (shown: ShownInFolder) => Promise<unknown>;
const shown: string[] = [];

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'pixcrawler-shown-'));
  await writeFile(join(root, 'export.zip'), '');
  const jobs: Record<number, unknown> = {
    1: { kind: 'export', result: { outPath: join(root, 'export.zip') } },
    2: { kind: 'export', result: { outPath: join(root, 'moved') } },
    3: { kind: 'crawl', result: { outPath: '/etc/passwd' } },
    4: { kind: 'export', result: null },
  };
  registerShowInFolder({
    ipc: {
      handle(_channel, answer) {
        show = answer as never;
      },
    },
    shell: { showItemInFolder: (path) => void shown.push(path) },
    client: {
      jobs: { get: async ({ id }: { id: number }) => jobs[id] } as never,
      library: { info: async () => ({ dataDirectory: root }) } as never,
    },
    askMedia: async ({ sha256 }: MediaRequest) =>
      sha256.startsWith('a')
        ? { status: 206, headers: {}, body: { path: join(root, 'export.zip'), start: 0, end: 0 } }
        : { status: 404, headers: {}, body: null },
  });
});
after(() => rm(root, { recursive: true, force: true }));

test('what the library knows is shown where it lies', async () => {
  await show({ kind: 'export', jobId: 1 });
  await show({ kind: 'image', sha256: 'a'.repeat(64) });
  await show({ kind: 'library' });
  assert.deepEqual(shown.splice(0), [join(root, 'export.zip'), join(root, 'export.zip'), root]);
});

test('what is gone, unknown, or was written by no export is not', async () => {
  const refused: readonly ShownInFolder[] = [
    { kind: 'export', jobId: 2 },
    { kind: 'export', jobId: 3 },
    { kind: 'export', jobId: 4 },
    { kind: 'image', sha256: 'b'.repeat(64) },
  ];
  for (const each of refused) await assert.rejects(show(each), { code: 'not-found' });
  assert.deepEqual(shown, []);
});
