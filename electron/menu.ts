/** The menus of the application and those of the right button: as data, from which Electron makes them. */

import type { App, Clipboard, Menu, MenuItemConstructorOptions } from 'electron';
import { t } from './messages.ts';
import { type OpenLink, webAddress } from './security.ts';

type Template = MenuItemConstructorOptions[];

interface MenuActions {
  /** Shows the window at a place of the interface. */
  show(path: string): void;
  /** What other parts of the program have to offer under Help. */
  readonly help: readonly MenuItemConstructorOptions[];
}

interface MenuPlace {
  readonly platform: NodeJS.Platform;
  readonly isPackaged: boolean;
}

interface MenuOptions extends MenuPlace, MenuActions {
  readonly app: Pick<App, 'on'>;
  readonly menu: Pick<typeof Menu, 'buildFromTemplate' | 'setApplicationMenu'>;
  readonly clipboard: Pick<Clipboard, 'writeText'>;
  readonly openLink: OpenLink;
  /** Told of what went wrong. */
  readonly log: (message: string) => void;
}

/** Sets the menu bar, and gives every page that will be there its menu of the right button. Electron must be ready. */
export function registerMenus(options: MenuOptions): void {
  const { app, menu, clipboard, openLink, log } = options;
  menu.setApplicationMenu(menu.buildFromTemplate(applicationMenu(options, options)));
  app.on('web-contents-created', (_event, contents) => {
    contents.on('context-menu', (_details, target) => {
      const template = contextMenu(target, {
        openLink,
        copyText: (text) =>
          void clipboard.writeText(text).catch((error: unknown) => log(`A link was not copied: ${String(error)}`)),
        copyImage: (x, y) => contents.copyImageAt(x, y),
      });
      if (template.length > 0) menu.buildFromTemplate(template).popup();
    });
  });
}

const SEPARATOR: MenuItemConstructorOptions = { type: 'separator' };

/** The menu bar, as each system wants it. */
export function applicationMenu({ platform, isPackaged }: MenuPlace, { show, help }: MenuActions): Template {
  const isMac = platform === 'darwin';
  const settings: MenuItemConstructorOptions = {
    id: 'settings',
    label: t.menu.settings,
    accelerator: 'CmdOrCtrl+,',
    click: () => show('/settings'),
  };
  const places: Template = [
    { id: 'library', label: t.menu.library, accelerator: 'CmdOrCtrl+Shift+L', click: () => show('/') },
    { id: 'jobs', label: t.menu.jobs, accelerator: 'CmdOrCtrl+Shift+J', click: () => show('/jobs') },
  ];
  return [
    ...(isMac ? [macApplicationMenu(settings)] : []),
    {
      label: t.menu.file,
      submenu: isMac
        ? [...places, SEPARATOR, { role: 'close' }]
        : [...places, SEPARATOR, settings, SEPARATOR, { role: 'close' }, { role: 'quit', label: t.menu.quit }],
    },
    { label: t.menu.edit, submenu: editMenu(isMac) },
    { label: t.menu.view, submenu: viewMenu(isPackaged) },
    isMac
      ? { role: 'windowMenu', label: t.menu.window }
      : { label: t.menu.window, submenu: [{ role: 'minimize' }, { role: 'close' }] },
    {
      role: 'help',
      label: t.menu.help,
      submenu: [...help, ...(isMac ? [] : [{ role: 'about', label: t.menu.about } as const])],
    },
  ];
}

function macApplicationMenu(settings: MenuItemConstructorOptions): MenuItemConstructorOptions {
  return {
    label: t.productName,
    submenu: [
      { role: 'about', label: t.menu.about },
      SEPARATOR,
      settings,
      SEPARATOR,
      { role: 'services' },
      SEPARATOR,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      SEPARATOR,
      { role: 'quit', label: t.menu.quit },
    ],
  };
}

/** The page gets its keys first, so that what it undoes itself is not undone twice. */
function editMenu(isMac: boolean): Template {
  return [
    { role: 'undo' },
    { role: 'redo' },
    SEPARATOR,
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    ...(isMac ? [{ role: 'pasteAndMatchStyle' } as const] : []),
    { role: 'delete' },
    SEPARATOR,
    { role: 'selectAll' },
  ];
}

function viewMenu(isPackaged: boolean): Template {
  return [
    ...(isPackaged ? [] : ([{ role: 'reload' }, { role: 'toggleDevTools' }, SEPARATOR] as const)),
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    SEPARATOR,
    { role: 'togglefullscreen' },
  ];
}

/** What lies under the pointer, as Electron's ContextMenuParams tell it. */
interface Target {
  readonly x: number;
  readonly y: number;
  readonly isEditable: boolean;
  readonly selectionText: string;
  readonly linkURL: string;
  readonly mediaType: string;
  readonly hasImageContents: boolean;
  readonly editFlags: {
    readonly canUndo: boolean;
    readonly canRedo: boolean;
    readonly canCut: boolean;
    readonly canCopy: boolean;
    readonly canPaste: boolean;
    readonly canSelectAll: boolean;
  };
}

interface TargetActions {
  readonly openLink: OpenLink;
  copyText(text: string): void;
  /** Copies the picture at a place of the page. */
  copyImage(x: number, y: number): void;
}

/** The menu of the right button; empty where there is nothing to offer. */
export function contextMenu(target: Target, actions: TargetActions): Template {
  const parts = [linkItems(target, actions), imageItems(target, actions), textItems(target)];
  return parts
    .filter((items) => items.length > 0)
    .flatMap((items, place) => (place === 0 ? items : [SEPARATOR, ...items]));
}

function linkItems({ linkURL }: Target, { openLink, copyText }: TargetActions): Template {
  const address = webAddress(linkURL);
  if (address === null) return [];
  return [
    { id: 'open-link', label: t.contextMenu.openLink, click: () => openLink(address) },
    { id: 'copy-link', label: t.contextMenu.copyLink, click: () => copyText(address) },
  ];
}

function imageItems({ mediaType, hasImageContents, x, y }: Target, { copyImage }: TargetActions): Template {
  if (mediaType !== 'image' || !hasImageContents) return [];
  return [{ id: 'copy-image', label: t.contextMenu.copyImage, click: () => copyImage(x, y) }];
}

function textItems({ isEditable, selectionText, editFlags }: Target): Template {
  if (isEditable) {
    return [
      { role: 'undo', label: t.contextMenu.undo, enabled: editFlags.canUndo },
      { role: 'redo', label: t.contextMenu.redo, enabled: editFlags.canRedo },
      SEPARATOR,
      { role: 'cut', label: t.contextMenu.cut, enabled: editFlags.canCut },
      { role: 'copy', label: t.contextMenu.copy, enabled: editFlags.canCopy },
      { role: 'paste', label: t.contextMenu.paste, enabled: editFlags.canPaste },
      SEPARATOR,
      { role: 'selectAll', label: t.contextMenu.selectAll, enabled: editFlags.canSelectAll },
    ];
  }
  if (selectionText.trim() === '') return [];
  return [{ role: 'copy', label: t.contextMenu.copy, enabled: editFlags.canCopy }];
}
