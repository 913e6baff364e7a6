import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';
import fc from 'fast-check';
import { AppError } from '../shared/errors.ts';
import type { Answer, Questions, Tidings } from './channels.ts';
import { createIpc, type Ipc } from './ipc.ts';

type Frame = Partial<Record<'origin' | 'parent', unknown>> | null;

const CONTENTS = { id: 1 } as WebContents;
const OURS: Frame = { origin: 'pix://app', parent: null };

const questions = new Map<string, (event: IpcMainInvokeEvent, input: unknown) => Promise<Answer>>();
const tidings = new Map<string, (event: IpcMainEvent, input: unknown) => void>();
let ipc: Ipc;
let logged: string[];
let own: WebContents | undefined;

beforeEach(() => {
  logged = [];
  own = CONTENTS;
  const ipcMain = {
    handle: (channel: string, listener: (event: IpcMainInvokeEvent, input: unknown) => Promise<Answer>) =>
      questions.set(channel, listener),
    on: (channel: string, listener: (event: IpcMainEvent, input: unknown) => void) => tidings.set(channel, listener),
  };
  ipc = createIpc({
    ipcMain: ipcMain as unknown as IpcMain,
    ownContents: () => own,
    log: (message) => logged.push(message),
  });
});

function ask(channel: keyof Questions, input: unknown, frame: Frame = OURS, sender: WebContents = CONTENTS) {
  const listener = questions.get(channel);
  assert.ok(listener !== undefined);
  return listener({ sender, senderFrame: frame } as IpcMainInvokeEvent, input);
}

function tell(channel: keyof Tidings, input: unknown, frame: Frame = OURS, sender: WebContents = CONTENTS): void {
  const listener = tidings.get(channel);
  assert.ok(listener !== undefined);
  listener({ sender, senderFrame: frame } as IpcMainEvent, input);
}

const STRANGERS: readonly (readonly [string, Frame, WebContents?])[] = [
  ['a frame that is gone', null],
  ['a frame within the page', { origin: 'pix://app', parent: {} }],
  ['another origin', { origin: 'pix://app.evil', parent: null }],
  ['a page of the web', { origin: 'https://app', parent: null }],
  ['an opaque origin', { origin: 'null', parent: null }],
  ['a file', { origin: 'file://', parent: null }],
  ['a window that is not ours', OURS, { id: 2 } as WebContents],
];

test('the page is answered', async () => {
  ipc.handle('pixcrawler:choose', async ({ purpose }, sender) => {
    assert.equal(sender, CONTENTS);
    return [`/${purpose}`];
  });
  const answer = await ask('pixcrawler:choose', { purpose: 'list-file' });
  assert.deepEqual(answer, { output: ['/list-file'] });
  const heard: unknown[] = [];
  ipc.on('pixcrawler:cancel-drag', (drag) => heard.push(drag));
  tell('pixcrawler:cancel-drag', { key: 'k' });
  assert.deepEqual(heard, [{ key: 'k' }]);
  assert.deepEqual(logged, []);
});

test('whoever else speaks is refused before anything happens', async () => {
  ipc.handle('pixcrawler:install-update', () => assert.fail('a stranger was answered'));
  ipc.on('pixcrawler:connect', () => assert.fail('a stranger was heard'));
  for (const [who, frame, sender] of STRANGERS) {
    const answer = await ask('pixcrawler:install-update', null, frame, sender);
    assert.equal(answer.error?.code, 'forbidden', who);
    tell('pixcrawler:connect', null, frame, sender);
  }
  own = undefined;
  assert.equal((await ask('pixcrawler:install-update', null)).error?.code, 'forbidden');
  assert.equal(logged.length, 2 * STRANGERS.length + 1);
});

test('errors keep their code, and what is unknown leaks nothing', async () => {
  ipc.handle('pixcrawler:show-in-folder', async ({ kind }) => {
    if (kind === 'export') throw new AppError('not-found', 'It is gone.', { details: { kind } });
    throw new Error('password=hunter2');
  });
  assert.deepEqual(await ask('pixcrawler:show-in-folder', { kind: 'export', jobId: 1 }), {
    error: { code: 'not-found', message: 'It is gone.', details: { kind: 'export' } },
  });
  const { error } = await ask('pixcrawler:show-in-folder', { kind: 'library' });
  assert.equal(error?.code, 'internal');
  assert.doesNotMatch(JSON.stringify(error), /hunter2/);
});

/** A valid input of each channel: what is changed in it must be refused, or still be one. */
const VALID: { readonly [C in keyof Questions]: Questions[C]['input'] } & Tidings = {
  'pixcrawler:choose': { purpose: 'export-folder' },
  'pixcrawler:show-in-folder': { kind: 'export', jobId: 1 },
  'pixcrawler:copy-out': { kind: 'export', jobId: 1 },
  'pixcrawler:install-update': null,
  'pixcrawler:connect': null,
  'pixcrawler:start-drag': { kind: 'samples', datasetId: 1, target: { kind: 'ids', ids: [1, 2] }, layout: 'zip' },
  'pixcrawler:drag-released': null,
  'pixcrawler:cancel-drag': { key: 'k' },
};

const QUESTIONS = [
  'pixcrawler:choose',
  'pixcrawler:show-in-folder',
  'pixcrawler:copy-out',
  'pixcrawler:install-update',
] as const;
const TIDINGS = [
  'pixcrawler:connect',
  'pixcrawler:start-drag',
  'pixcrawler:drag-released',
  'pixcrawler:cancel-drag',
] as const;

function registerAll(onEffect: (channel: string, input: unknown) => void): void {
  for (const channel of QUESTIONS) {
    ipc.handle(channel, async (input) => {
      onEffect(channel, input);
      return undefined as never;
    });
  }
  for (const channel of TIDINGS) {
    ipc.on(channel, (input) => onEffect(channel, input));
  }
}

async function say(channel: keyof typeof VALID, input: unknown): Promise<void> {
  if (questions.has(channel)) await ask(channel as keyof Questions, input);
  else tell(channel as keyof Tidings, input);
}

test('what is not of the declared shape has no effect, and throws nothing', async () => {
  let effects = 0;
  registerAll((channel, input) => {
    effects += 1;
    assert.deepEqual(
      Object.keys((input ?? {}) as object).sort(),
      Object.keys(VALID[channel as 'pixcrawler:choose'] ?? {}).sort(),
    );
  });
  const channels = Object.keys(VALID) as (keyof typeof VALID)[];
  for (const channel of channels) await say(channel, VALID[channel]);
  assert.equal(effects, channels.length);

  const broken = fc.oneof(
    fc.anything().filter((junk) => junk !== null),
    fc.record({ kind: fc.constant('image'), sha256: fc.constantFrom('../../etc/passwd', 'a'.repeat(63), '/a\0b') }),
    fc.record({ kind: fc.constant('library'), path: fc.string() }),
    fc.record({ kind: fc.constant('export'), jobId: fc.constantFrom(-1, 0, 1.5, '1', null), more: fc.anything() }),
    fc.record({ kind: fc.constant('samples'), datasetId: fc.anything(), target: fc.array(fc.anything()) }),
    fc.record({ key: fc.oneof(fc.integer(), fc.string({ minLength: 65, maxLength: 100 })) }),
  );
  effects = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...channels), broken, (channel, junk) => say(channel, junk)),
    { numRuns: 10_000 },
  );
  assert.equal(effects, 0);
});

test('one wrong part spoils the whole', async () => {
  let effects = 0;
  registerAll(() => {
    effects += 1;
  });
  const samples = VALID['pixcrawler:start-drag'];
  const wrong: readonly (readonly [keyof typeof VALID, unknown])[] = [
    ['pixcrawler:choose', { purpose: 'anything' }],
    ['pixcrawler:choose', { purpose: 'list-file', path: '/etc' }],
    ['pixcrawler:show-in-folder', { path: '/etc/passwd' }],
    ['pixcrawler:show-in-folder', { kind: 'image', sha256: '../../etc/passwd' }],
    ['pixcrawler:connect', {}],
    ['pixcrawler:start-drag', { ...samples, layout: 'rar' }],
    ['pixcrawler:start-drag', { ...samples, target: { kind: 'ids', ids: [] } }],
    ['pixcrawler:start-drag', { ...samples, target: { kind: 'ids', ids: [1.5] } }],
    ['pixcrawler:start-drag', { ...samples, paths: ['/etc/passwd'] }],
    ['pixcrawler:start-drag', { kind: 'export', jobId: -1 }],
    ['pixcrawler:copy-out', { kind: 'export', jobId: 1, folder: '/etc' }],
    ['pixcrawler:cancel-drag', { key: 'k'.repeat(65) }],
  ];
  for (const [channel, input] of wrong) await say(channel, input);
  assert.equal(effects, 0);
  assert.equal(logged.length, wrong.length);
});
