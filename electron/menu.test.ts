import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContextMenuParams, MenuItemConstructorOptions } from 'electron';
import fc from 'fast-check';
import { applicationMenu, contextMenu } from './menu.ts';

type Items = readonly MenuItemConstructorOptions[];

function childrenOf({ submenu }: MenuItemConstructorOptions): Items {
  return (submenu ?? []) as Items;
}

/** What an item is, in a word. */
function nameOf({ type, role, id }: MenuItemConstructorOptions): string {
  return type === 'separator' ? '-' : (role ?? id ?? '?');
}

function bar(platform: NodeJS.Platform, isPackaged = true, show: (path: string) => void = () => undefined): Items {
  return applicationMenu({ platform, isPackaged }, { show, help: [{ id: 'diagnostics', label: 'Diagnostics' }] });
}

function shapeOf(items: Items): Record<string, string[]> {
  return Object.fromEntries(items.map((item) => [item.label ?? '', childrenOf(item).map(nameOf)]));
}

const EDIT = ['undo', 'redo', '-', 'cut', 'copy', 'paste'];

test('on a Mac the application has a menu of its own, with settings and quit', () => {
  assert.deepEqual(shapeOf(bar('darwin')), {
    PixCrawler: ['about', '-', 'settings', '-', 'services', '-', 'hide', 'hideOthers', 'unhide', '-', 'quit'],
    File: ['library', 'jobs', '-', 'close'],
    Edit: [...EDIT, 'pasteAndMatchStyle', 'delete', '-', 'selectAll'],
    View: ['resetZoom', 'zoomIn', 'zoomOut', '-', 'togglefullscreen'],
    Window: [],
    Help: ['diagnostics'],
  });
  assert.equal(bar('darwin').find(({ label }) => label === 'Window')?.role, 'windowMenu');
});

test('elsewhere File has settings and quit', () => {
  for (const platform of ['linux', 'win32'] as const) {
    assert.deepEqual(shapeOf(bar(platform)), {
      File: ['library', 'jobs', '-', 'settings', '-', 'close', 'quit'],
      Edit: [...EDIT, 'delete', '-', 'selectAll'],
      View: ['resetZoom', 'zoomIn', 'zoomOut', '-', 'togglefullscreen'],
      Window: ['minimize', 'close'],
      Help: ['diagnostics', 'about'],
    });
  }
});

test('the tools for developers are not in a package', () => {
  for (const platform of ['darwin', 'linux', 'win32'] as const) {
    const names = (isPackaged: boolean) => bar(platform, isPackaged).flatMap(childrenOf).map(nameOf);
    assert.ok(names(false).includes('toggleDevTools'));
    assert.ok(!names(true).includes('toggleDevTools'));
    assert.ok(!names(true).includes('reload'));
  }
});

test('no accelerator is one of the keys of the interface, nor of two items', () => {
  const taken = ['k', 'enter', 'shift+enter', 'z', 'shift+z', 'y', 'a', 'f'].map((keys) => `cmdorctrl+${keys}`);
  for (const platform of ['darwin', 'linux', 'win32'] as const) {
    const accelerators = bar(platform, false)
      .flatMap(childrenOf)
      .flatMap(({ accelerator }) => (typeof accelerator === 'string' ? [accelerator.toLowerCase()] : []));
    assert.equal(new Set(accelerators).size, accelerators.length);
    for (const accelerator of accelerators) {
      assert.ok(!taken.includes(accelerator), accelerator);
      assert.match(accelerator, /^cmdorctrl\+/, 'a bare key would be taken from whoever types');
    }
  }
});

test('places of the interface are shown', () => {
  const shown: string[] = [];
  for (const { id, click } of bar('linux', true, (path) => shown.push(path)).flatMap(childrenOf)) {
    if (id !== undefined) click?.({} as never, undefined, {} as never);
  }
  assert.deepEqual(shown, ['/', '/jobs', '/settings']);
});

const NOTHING: ContextMenuParams['editFlags'] = {
  canUndo: false,
  canRedo: false,
  canCut: false,
  canCopy: false,
  canPaste: false,
  canDelete: false,
  canSelectAll: false,
  canEditRichly: false,
};
const PLAIN = {
  x: 3,
  y: 4,
  isEditable: false,
  selectionText: '',
  linkURL: '',
  mediaType: 'none',
  hasImageContents: false,
  editFlags: NOTHING,
};

function click(items: Items, id: string): void {
  items.find((item) => item.id === id)?.click?.({} as never, undefined, {} as never);
}

test('the right button offers what lies under it', () => {
  const done: string[] = [];
  const actions = {
    openLink: (address: string) => done.push(`open ${address}`),
    copyText: (text: string) => done.push(`copy ${text}`),
    copyImage: (x: number, y: number) => done.push(`image ${x} ${y}`),
  };
  const menu = (target: Partial<typeof PLAIN>) => contextMenu({ ...PLAIN, ...target }, actions);
  const names = (target: Partial<typeof PLAIN>) => menu(target).map(nameOf);
  assert.deepEqual(names({}), []);
  assert.deepEqual(names({ selectionText: '  ' }), []);
  assert.deepEqual(names({ selectionText: 'words' }), ['copy']);
  assert.deepEqual(names({ isEditable: true, selectionText: 'words' }), [
    ...EDIT.slice(0, 3),
    'cut',
    'copy',
    'paste',
    '-',
    'selectAll',
  ]);
  assert.deepEqual(names({ linkURL: 'https://example.org/', selectionText: 'words' }), [
    'open-link',
    'copy-link',
    '-',
    'copy',
  ]);
  assert.deepEqual(names({ mediaType: 'image', hasImageContents: true }), ['copy-image']);
  assert.deepEqual(names({ mediaType: 'image', hasImageContents: false }), []);
  for (const linkURL of ['pix://app/jobs', 'file:///etc/passwd', 'javascript:alert(1)', 'https://me:pw@example.org/']) {
    assert.deepEqual(names({ linkURL }), [], linkURL);
  }
  const link = menu({ linkURL: 'https://example.org', mediaType: 'image', hasImageContents: true });
  for (const id of ['open-link', 'copy-link', 'copy-image']) click(link, id);
  assert.deepEqual(done, ['open https://example.org/', 'copy https://example.org/', 'image 3 4']);
});

test('in a text field nothing is offered that would do nothing', () => {
  fc.assert(
    fc.property(
      fc.record({
        canUndo: fc.boolean(),
        canRedo: fc.boolean(),
        canCut: fc.boolean(),
        canCopy: fc.boolean(),
        canPaste: fc.boolean(),
        canSelectAll: fc.boolean(),
      }),
      (editFlags) => {
        const actions = { openLink: () => undefined, copyText: () => undefined, copyImage: () => undefined };
        const items = contextMenu({ ...PLAIN, isEditable: true, editFlags }, actions);
        const enabled = new Map(items.map(({ role, enabled }) => [role, enabled]));
        const { canUndo, canRedo, canCut, canCopy, canPaste, canSelectAll } = editFlags;
        assert.deepEqual(
          ['undo', 'redo', 'cut', 'copy', 'paste', 'selectAll'].map((role) => enabled.get(role as 'undo')),
          [canUndo, canRedo, canCut, canCopy, canPaste, canSelectAll],
        );
      },
    ),
  );
});
