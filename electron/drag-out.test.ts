import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import type { Item, NativeImage, Size, WebContents } from 'electron';
import type { DragRequest, StagingState } from '../shared/contract/drags.ts';
import type { DragState } from '../shared/host-bridge.ts';
import type { Questions, Tidings } from './channels.ts';
import { registerDragOut } from './drag-out.ts';

const REQUEST: DragRequest = { kind: 'dataset', datasetId: 1, layout: 'files' };
const READY: Extract<StagingState, { state: 'ready' }> = {
  state: 'ready',
  key: 'k',
  paths: ['/staged/a.jpg', '/staged/b.jpg'],
  iconSha256: 'a'.repeat(64),
};

const libraryPath = mkdtempSync(join(tmpdir(), 'pixcrawler-library-'));
after(() => rmSync(libraryPath, { recursive: true }));
let stagings: AsyncIterable<StagingState>[];
let signals: AbortSignal[];
let told: DragState[];
let dragged: Item[];
let chosen: string[];
let unexpected: unknown[];
let thumbnail: Uint8Array | null;
let thumbnailSize: Size;
let isGone: boolean;
let hasFileIcon: boolean;
let squares: (Size & { readonly bytes: number })[];
let tidings: { [C in keyof Tidings]?: (tiding: Tidings[C], sender: WebContents) => void };
let questions: { [C in keyof Questions]?: (input: Questions[C]['input']) => Promise<Questions[C]['output']> };
const contents = { isDestroyed: () => isGone, startDrag: (item: Item) => dragged.push(item) } as unknown as WebContents;

interface FakeImage {
  readonly from: string;
  isEmpty(): boolean;
  getSize(): Size;
  resize(size: Size): FakeImage;
}
function image(from: string, isEmpty = false, size = thumbnailSize): NativeImage {
  const fake: FakeImage = {
    from,
    isEmpty: () => isEmpty,
    getSize: () => size,
    resize: (wanted) => image(from, isEmpty, wanted) as unknown as FakeImage,
  };
  return fake as unknown as NativeImage;
}

beforeEach(() => {
  [stagings, signals, told, dragged, chosen, unexpected] = [[], [], [], [], [], []];
  [isGone, hasFileIcon, squares] = [false, true, []];
  thumbnail = new Uint8Array([1]);
  thumbnailSize = { width: 256, height: 192 };
  tidings = {};
  questions = {};
  registerDragOut({
    ipc: {
      on: (channel, listener) => void Object.assign(tidings, { [channel]: listener }),
      handle: (channel, answer) => void Object.assign(questions, { [channel]: answer }),
    },
    client: {
      drags: {
        stage: async (_request: DragRequest, { signal }: { signal: AbortSignal }) => {
          signals.push(signal);
          return stagings.shift();
        },
      } as never,
    },
    askMedia: async () => ({ status: 200, headers: {}, body: thumbnail }),
    nativeImage: {
      createFromBuffer: (bytes) => image('thumbnail', bytes.length === 0),
      createFromBitmap: (pixels, size) => {
        squares.push({ ...size, bytes: pixels.length });
        return image('square');
      },
    },
    fileIcon: async () => image('file', !hasFileIcon),
    dialogs: { choose: async () => chosen },
    libraryPath,
    tell: (state) => told.push(state),
    onError: (error) => unexpected.push(error),
  });
});

/** Messages that come when the test lets them. */
function steps() {
  let next = Promise.withResolvers<StagingState | null>();
  async function* messages(): AsyncGenerator<StagingState> {
    for (;;) {
      const state = await next.promise;
      next = Promise.withResolvers();
      if (state === null) return;
      yield state;
    }
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    messages: messages(),
    async send(state: StagingState | null) {
      next.resolve(state);
      await settle();
      await settle();
    },
  };
}

async function* ready(): AsyncGenerator<StagingState> {
  yield READY;
}
const start = () => tidings['pixcrawler:start-drag']?.(REQUEST, contents);
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test('what is staged at once is dragged at once, every file of it, with the first image under the pointer', async () => {
  stagings = [ready()];
  start();
  await settled();
  assert.deepEqual(
    dragged.map(({ file, files, icon }) => [file, files, (icon as unknown as FakeImage).from]),
    [['/staged/a.jpg', ['/staged/a.jpg', '/staged/b.jpg'], 'thumbnail']],
  );
  assert.deepEqual(told, [{ key: 'k', state: 'over', progress: 100, message: null }]);
});

test('the picture under the pointer is small, whatever its shape', async () => {
  for (const [size, shown] of [
    [
      { width: 256, height: 192 },
      { width: 96, height: 72 },
    ],
    [
      { width: 128, height: 256 },
      { width: 48, height: 96 },
    ],
    [
      { width: 400, height: 1 },
      { width: 96, height: 1 },
    ],
    [
      { width: 1, height: 256 },
      { width: 1, height: 96 },
    ],
  ] as const) {
    thumbnailSize = size;
    stagings = [ready()];
    start();
    await settled();
    assert.deepEqual((dragged.at(-1)!.icon as NativeImage).getSize(), shown);
  }
});

test('a picture is always found: that of the file, or a plain square', async () => {
  thumbnail = null;
  stagings = [ready()];
  start();
  await settled();
  thumbnail = new Uint8Array();
  stagings = [ready()];
  start();
  await settled();
  assert.deepEqual(
    dragged.map(({ icon }) => (icon as unknown as FakeImage).from),
    ['file', 'file'],
  );
  hasFileIcon = false;
  stagings = [ready()];
  start();
  await settled();
  assert.equal((dragged.at(-1)?.icon as unknown as FakeImage | undefined)?.from, 'square');
  const [{ width, height, bytes } = { width: 0, height: 0, bytes: 0 }] = squares;
  assert.ok(width > 0 && bytes === 4 * width * height, 'four bytes for each of its pixels');
});

test('a page that is gone when its files are ready drags nothing, and the files wait for the next', async () => {
  const staging = steps();
  stagings = [staging.messages];
  start();
  await staging.send({ state: 'staging', key: 'k', progress: 40 });
  isGone = true;
  await staging.send(READY);
  await settled();
  assert.deepEqual([dragged, told.at(-1)?.state], [[], 'ready']);
});

test('a button that is held waits; one that was let go is told when all is ready, and nothing is dragged', async () => {
  const held = steps();
  stagings = [held.messages];
  start();
  await held.send({ state: 'staging', key: 'k', progress: 40 });
  await held.send(READY);
  assert.equal(dragged.length, 1);
  const released = steps();
  stagings = [released.messages];
  start();
  await released.send({ state: 'staging', key: 'k', progress: 40 });
  tidings['pixcrawler:drag-released']?.(null, contents);
  await released.send(READY);
  await settled();
  assert.equal(dragged.length, 1);
  assert.deepEqual(
    told.map(({ state, progress }) => [state, progress]),
    [
      ['staging', 40],
      ['over', 100],
      ['staging', 40],
      ['ready', 100],
    ],
  );
});

test('a second drag takes the place of the first, which is only told to be ready', async () => {
  const first = steps();
  stagings = [first.messages, ready()];
  start();
  start();
  await settled();
  await first.send({ ...READY, key: 'first' });
  await settled();
  assert.equal(dragged.length, 1);
  assert.deepEqual(
    told.map(({ key, state }) => [key, state]),
    [
      ['k', 'over'],
      ['first', 'ready'],
    ],
  );
});

test('a drag is cancelled by its key; one that fails says why', async () => {
  const slow = steps();
  stagings = [slow.messages];
  start();
  await slow.send({ state: 'staging', key: 'k', progress: 1 });
  tidings['pixcrawler:cancel-drag']?.({ key: 'another' }, contents);
  assert.equal(signals[0]?.aborted, false);
  tidings['pixcrawler:cancel-drag']?.({ key: 'k' }, contents);
  assert.equal(signals[0]?.aborted, true);
  await slow.send(null);
  assert.equal(told.at(-1)?.state, 'over');
  async function* failing(): AsyncGenerator<StagingState> {
    yield { state: 'failed', key: 'k', error: { code: 'disk-full', message: 'The disk is full.' } };
  }
  stagings = [failing()];
  start();
  await settled();
  assert.deepEqual(told.at(-1), { key: 'k', state: 'failed', progress: 0, message: 'The disk is full.' });
  stagings = [];
  signals = [];
  start();
  await settled();
  assert.equal(told.at(-1)?.state, 'failed', 'what nobody expected');
  assert.equal(unexpected.length, 1);
  assert.equal(dragged.length, 0);
});

test('without a drag the files are copied to a folder that a person chose', async (context) => {
  const root = await mkdtemp(join(tmpdir(), 'pixcrawler-copy-out-'));
  context.after(() => rm(root, { recursive: true, force: true }));
  const copy = () => questions['pixcrawler:copy-out']?.(REQUEST);
  assert.equal(await copy(), null, 'dismissed');
  assert.equal(signals.length, 0, 'nothing is staged for nobody');
  await writeFile(join(root, 'a.jpg'), 'bytes');
  const target = await mkdtemp(join(root, 'target-'));
  chosen = [target];
  async function* staged(): AsyncGenerator<StagingState> {
    yield { ...READY, paths: [join(root, 'a.jpg')] };
  }
  stagings = [staged()];
  assert.equal(await copy(), target);
  assert.deepEqual(await readdir(target), ['a.jpg']);
  await rm(target, { recursive: true });
  stagings = [staged()];
  await assert.rejects(copy() ?? Promise.resolve(), { code: 'not-found', message: /no longer there/ });
  assert.deepEqual(told.at(-1)?.state, 'over');
  async function* full(): AsyncGenerator<StagingState> {
    yield { state: 'failed', key: 'k', error: { code: 'disk-full', message: 'The disk is full.' } };
  }
  stagings = [full()];
  await assert.rejects(copy() ?? Promise.resolve(), /The disk is full/);
});

test('nothing is copied into the library itself', async (context) => {
  const root = await mkdtemp(join(tmpdir(), 'pixcrawler-copy-out-'));
  context.after(() => rm(root, { recursive: true, force: true }));
  mkdirSync(join(libraryPath, 'drag'));
  symlinkSync(join(libraryPath, 'drag'), join(root, 'link'));
  for (const folder of [libraryPath, join(libraryPath, 'drag'), join(root, 'link')]) {
    chosen = [folder];
    await assert.rejects(questions['pixcrawler:copy-out']?.(REQUEST) ?? Promise.resolve(), { code: 'bad-request' });
  }
  assert.equal(signals.length, 0, 'nothing is laid out for it');
});
