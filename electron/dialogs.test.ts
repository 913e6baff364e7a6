import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { BrowserWindow, OpenDialogOptions, OpenDialogReturnValue } from 'electron';
import { type Dialogs, placesSchema, registerDialogs } from './dialogs.ts';
import { createJsonFile } from './json-file.ts';

let root: string;
let shown: { readonly options: OpenDialogOptions; readonly parent: unknown }[];
let answers: string[][];
const window = { title: 'the window' } as unknown as BrowserWindow;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pixcrawler-dialogs-'));
  shown = [];
  answers = [];
});
afterEach(() => rm(root, { recursive: true, force: true }));

function newMemory() {
  return createJsonFile({ path: join(root, 'places.json'), schema: placesSchema, onError: assert.ifError });
}

function newDialogs(memory = newMemory(), parent: BrowserWindow | null = window): Dialogs {
  const showOpenDialog = async (...given: readonly unknown[]): Promise<OpenDialogReturnValue> => {
    const [options, over] = given.length === 1 ? [given[0], null] : [given[1], given[0]];
    shown.push({ options: options as OpenDialogOptions, parent: over });
    const filePaths = answers.shift() ?? [];
    return { canceled: filePaths.length === 0, filePaths };
  };
  return registerDialogs({
    ipc: { handle: () => undefined },
    dialog: { showOpenDialog },
    window: () => parent,
    memory,
  });
}

test('each purpose is where it was last, also after a restart, and the others are where they were', async () => {
  const [pictures, lists] = [join(root, 'pictures'), join(root, 'lists')];
  await mkdir(pictures);
  await mkdir(lists);
  await writeFile(join(lists, 'a.txt'), '');
  const memory = newMemory();
  const dialogs = newDialogs(memory);
  answers = [[pictures], [join(lists, 'a.txt')]];
  assert.deepEqual(await dialogs.choose('import-folder'), [pictures]);
  assert.deepEqual(await dialogs.choose('list-file'), [join(lists, 'a.txt')]);
  memory.flush();
  assert.deepEqual(JSON.parse(await readFile(join(root, 'places.json'), 'utf8')), {
    'import-folder': pictures,
    'list-file': lists,
  });
  const again = newDialogs();
  for (const purpose of ['import-folder', 'list-file', 'export-folder'] as const) {
    assert.deepEqual(await again.choose(purpose), [], 'it was dismissed');
  }
  assert.deepEqual(
    shown.map(({ options }) => options.defaultPath),
    [undefined, undefined, pictures, lists, undefined],
  );
});

test('a place that is gone, and a memory that is broken, leave the system to begin where it likes', async () => {
  await writeFile(join(root, 'places.json'), JSON.stringify({ 'import-folder': join(root, 'gone') }));
  await newDialogs().choose('import-folder');
  // One that the system refuses to look at.
  await writeFile(join(root, 'places.json'), JSON.stringify({ 'import-folder': join(root, 'x'.repeat(5_000)) }));
  await newDialogs().choose('import-folder');
  await writeFile(join(root, 'places.json'), '{"import-folder": 7}');
  await newDialogs().choose('import-folder');
  await writeFile(join(root, 'places.json'), 'no JSON');
  await newDialogs().choose('import-folder');
  assert.deepEqual(
    shown.map(({ options }) => options.defaultPath),
    [undefined, undefined, undefined, undefined],
  );
});

test('dialogs are those of the window, where there is one, and offer what fits', async () => {
  await newDialogs().choose('import-files');
  await newDialogs(newMemory(), null).choose('copy-folder');
  const [files, folder] = shown;
  assert.equal(files?.parent, window);
  assert.deepEqual(files?.options.properties, ['openFile', 'multiSelections']);
  assert.ok(files?.options.filters?.[0]?.extensions.includes('jpg'));
  assert.equal(folder?.parent, null);
  assert.deepEqual(folder?.options.properties, ['openDirectory', 'createDirectory']);
});
