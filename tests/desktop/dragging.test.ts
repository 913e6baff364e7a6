/** Files out of the window, dialogs and the file manager, in the built desktop on the fake Electron. */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { createPortClient } from '../../sdk/port-client.ts';
import type { DragRequest } from '../../shared/contract/drags.ts';
import type { DesktopBridge, DragState, ShownInFolder } from '../../shared/host-bridge.ts';
import { until } from '../e2e/command-line.ts';
import { draw, encode } from '../web/draw.ts';
import { type Desktop, startDesktop, type TestPage } from './harness.ts';

type BridgedWindow = Window & { readonly pixcrawler: DesktopBridge<File>; told: DragState[] };
type Client = ReturnType<typeof createPortClient>['client'];

let root: string;
let desktop: Desktop;
let page: TestPage;
let client: Client;
let datasetId: number;
/** The bytes of each picture by its name. */
const pictures = new Map<string, Buffer>();

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'pixcrawler-dragging-'));
  await mkdir(join(root, 'pictures', 'cat'), { recursive: true });
  for (let index = 0; index < 4; index++) {
    const bytes = Buffer.from((await encode(draw(900 + index, 320, 240), 'jpeg')).bytes);
    pictures.set(`${index}.jpg`, bytes);
    await writeFile(join(root, 'pictures', 'cat', `${index}.jpg`), bytes);
  }
  desktop = await startDesktop({ dataDirectory: join(root, 'data') });
  page = await desktop.page();
  const line = createPortClient();
  line.connect(await page.port());
  client = line.client;
  datasetId = (await client.datasets.create({ name: 'cats' })).id;
  const { id } = await client.imports.start({ datasetId, paths: [join(root, 'pictures')], labelsFrom: 'folders' });
  await until(async () => (await client.jobs.get({ id })).state === 'completed', 'the import');
  await page.evaluate((window) => {
    const bridged = window as unknown as BridgedWindow;
    bridged.told = [];
    bridged.pixcrawler.onDrag((state) => bridged.told.push(state));
  });
});

after(async () => {
  await desktop?.close();
  await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

/** Begins a drag as the page does. @param isReleased whether the button is let go at once */
async function drag(request: DragRequest, isReleased = false): Promise<void> {
  await page.evaluate(
    (window, { parameter }) => {
      (window as unknown as BridgedWindow).pixcrawler.startDrag(parameter.request);
      if (parameter.isReleased) window.dispatchEvent(new Event('pointerup'));
    },
    { request, isReleased },
  );
}

const told = () => page.evaluate((window) => (window as unknown as BridgedWindow).told.splice(0));
const dragged = () => desktop.evaluate(({ recorded }) => recorded.drags.splice(0));
const firstDrag = async () => {
  await desktop.until(({ recorded }) => recorded.drags.length > 0);
  return (await dragged())[0] ?? { files: [], hasIcon: false };
};
const show = (shown: ShownInFolder) =>
  page.evaluate(
    async (window, { parameter }) =>
      (window as unknown as BridgedWindow).pixcrawler.showInFolder(parameter).then(
        () => 'shown',
        (error: { code: string }) => error.code,
      ),
    shown,
  );

test('chosen images are handed to the system as files with their bytes', async () => {
  const { items } = await client.samples.list({ datasetId });
  const ids = items.slice(0, 2).map(({ id }) => id);
  await drag({ kind: 'samples', datasetId, target: { kind: 'ids', ids }, layout: 'files' });
  const { files, hasIcon } = await firstDrag();
  assert.ok(hasIcon, 'macOS drags nothing without a picture');
  assert.deepEqual(
    files.map((file) => basename(file)).sort(),
    items
      .slice(0, 2)
      .map(({ name }) => name)
      .sort(),
  );
  for (const file of files) assert.deepEqual(await readFile(file), pictures.get(basename(file)));
  assert.deepEqual(
    (await told()).map(({ state }) => state),
    ['over'],
  );
});

test('a dataset leaves as a folder or an archive, an export as what it wrote', async () => {
  await drag({ kind: 'dataset', datasetId, layout: 'imagefolder' });
  const [folder = ''] = (await firstDrag()).files;
  assert.equal(basename(folder), 'cats');
  assert.deepEqual((await readdir(join(folder, 'cat'))).length, 4);
  assert.ok((await readdir(folder)).includes('manifest.json'));
  await drag({ kind: 'dataset', datasetId, layout: 'zip' });
  const [archive = ''] = (await firstDrag()).files;
  assert.equal(basename(archive), 'cats.zip');
  assert.deepEqual((await readFile(archive)).subarray(0, 4), Buffer.from('PK\x03\x04', 'latin1'));
  const outPath = join(root, 'exported');
  const { id: jobId } = await client.exports.start({ datasetId, format: 'csv', outPath });
  await until(async () => (await client.jobs.get({ id: jobId })).state === 'completed', 'the export');
  await drag({ kind: 'export', jobId });
  assert.deepEqual((await firstDrag()).files, [outPath]);
  await told();
});

test('a button that was let go drags nothing: the page is told that the files are ready, and the next drag has them', async () => {
  const request: DragRequest = { kind: 'dataset', datasetId, layout: 'tar' };
  await drag(request, true);
  await until(async () => (await told()).some(({ state }) => state === 'ready'), 'the files to be ready');
  assert.deepEqual(await dragged(), []);
  await drag(request);
  const [archive = ''] = (await firstDrag()).files;
  assert.ok((await stat(archive)).size > 0);
  await told();
});

test('what is no drag of ours drags nothing', async () => {
  const hostile: readonly unknown[] = [
    { kind: 'samples', datasetId, target: { kind: 'ids', ids: [987_654] }, layout: 'files' },
    { kind: 'dataset', datasetId: 987_654, layout: 'files' },
    { kind: 'export', jobId: 987_654 },
    { kind: 'export', jobId: 1, paths: ['/etc/passwd'] },
    { kind: 'files', paths: ['/etc/passwd'] },
    { kind: 'dataset', datasetId, layout: '../../etc' },
    '/etc/passwd',
    null,
  ];
  for (const request of hostile) await drag(request as DragRequest);
  await until(async () => {
    const states = await told();
    return states.length === 0 ? false : states.every(({ state }) => state === 'failed');
  }, 'the first three to fail');
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual(await dragged(), []);
});

test('files are copied to a folder that a person chose, and the dialog is there again', async () => {
  const target = join(root, 'copies');
  await mkdir(target);
  const copy = () =>
    page.evaluate(
      async (window, { parameter }) =>
        (window as unknown as BridgedWindow).pixcrawler.copyOut({
          kind: 'dataset',
          datasetId: parameter,
          layout: 'files',
        }),
      datasetId,
    );
  assert.equal(await copy(), null, 'dismissed');
  await desktop.evaluate(({ recorded }, parameter) => void recorded.answers.paths.push([parameter]), target);
  assert.equal(await copy(), target);
  assert.deepEqual((await readdir(join(target, 'cats'))).sort(), [...pictures.keys()]);
  assert.equal(await copy(), null);
  const dialogs = await desktop.evaluate(({ recorded }) =>
    recorded.dialogs.splice(0).map(({ kind, options, windowId }) => ({
      kind,
      defaultPath: (options as { defaultPath?: string }).defaultPath ?? null,
      isOfWindow: windowId !== null,
    })),
  );
  assert.deepEqual(dialogs, [
    { kind: 'open', defaultPath: null, isOfWindow: true },
    { kind: 'open', defaultPath: null, isOfWindow: true },
    { kind: 'open', defaultPath: target, isOfWindow: true },
  ]);
});

test('the file manager shows what the library knows, and nothing else', async () => {
  const { items: jobs } = await client.jobs.list({ datasetId });
  const job = jobs.find(({ kind }) => kind === 'export');
  const [sample] = (await client.samples.list({ datasetId })).items;
  assert.equal(await show({ kind: 'export', jobId: job?.id ?? 0 }), 'shown');
  assert.equal(await show({ kind: 'image', sha256: sample?.sha256 ?? '' }), 'shown');
  assert.equal(await show({ kind: 'library' }), 'shown');
  const [exported = '', original = '', library = ''] = await desktop.evaluate(({ recorded }) =>
    recorded.opened.shown.splice(0),
  );
  assert.equal(exported, join(root, 'exported'));
  assert.deepEqual(await readFile(original), pictures.get(sample?.name ?? ''));
  assert.equal(library, join(root, 'data'));
  const others = [
    { kind: 'image', sha256: '0'.repeat(64) },
    { kind: 'export', jobId: 987_654 },
    { kind: 'export', jobId: jobs.find(({ kind }) => kind === 'import')?.id ?? 0 },
    { kind: 'image', sha256: '../../../etc/passwd' },
    { kind: 'library', path: '/etc/passwd' },
  ] as readonly ShownInFolder[];
  const codes: string[] = [];
  for (const other of others) codes.push(await show(other));
  assert.deepEqual(codes, ['not-found', 'not-found', 'not-found', 'bad-request', 'bad-request']);
  assert.deepEqual(await desktop.evaluate(({ recorded }) => recorded.opened.shown), []);
});
