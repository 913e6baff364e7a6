/** What a person, the system or a hostile page does: called by tests inside the program's process. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type Electron from 'electron';
import { app, life } from './app.ts';
import { configuration } from './configuration.ts';
import { declared, faked, tell, tellBare } from './declared.ts';
import { answer, hear } from './ipc.ts';
import { emitClose } from './notification.ts';
import { fileAt, frameOf } from './page.ts';
import { powerMonitor } from './power.ts';
import { showPowerSupplies } from './power-supplies.ts';
import { type RecordedTray, recorded } from './recorded.ts';
import { setKeychain } from './safe-storage.ts';
import { displayOf, displays, screen } from './screen.ts';
import { ask } from './session.ts';
import { UtilityProcess } from './utility-process.ts';
import { WebContents } from './web-contents.ts';

type Permission = Parameters<NonNullable<Parameters<Electron.Session['setPermissionRequestHandler']>[0]>>[1];

/** The contents of a window. Default: those of the first one that is open. */
export function contentsOf(windowId?: number): WebContents {
  const entry = recorded.windows.find(({ id, window }) => id === (windowId ?? id) && !window.isDestroyed());
  if (entry === undefined) throw new Error(`There is no window ${windowId ?? 'at all'}.`);
  return faked(entry.window.webContents, WebContents);
}

function openWindows(): readonly Electron.BrowserWindow[] {
  return recorded.windows.map(({ window }) => window).filter((window) => !window.isDestroyed());
}

function itemAt(menu: Electron.Menu | null, path: readonly string[]): Electron.MenuItem {
  let items = menu?.items ?? [];
  let found: Electron.MenuItem | undefined;
  for (const label of path) {
    found = items.find((item) => item.label === label || item.id === label || item.role === label);
    if (found === undefined) {
      throw new Error(`There is no "${label}" among ${JSON.stringify(items.map((item) => item.label))}.`);
    }
    items = found.submenu?.items ?? [];
  }
  return found!;
}

function livingTray(): RecordedTray {
  const entry = recorded.trays.find(({ isDestroyed }) => !isDestroyed);
  if (entry === undefined) throw new Error('There is no tray.');
  return entry;
}

function notificationAt(index: number): Electron.Notification | undefined {
  const notification = recorded.notifications.at(index);
  if (notification === undefined) throw new Error(`There is no notification ${index}.`);
  return notification.reference.deref();
}

export const acts = {
  /** A menu's items as labels, with those of submenus below them. */
  labels(menu: Electron.Menu | null): unknown[] {
    return (menu?.items ?? [])
      .filter((item) => item.visible)
      .map((item) => {
        if (item.type === 'separator') return '-';
        return item.submenu === undefined ? item.label : { [item.label]: acts.labels(item.submenu) };
      });
  },
  /** Chooses an item by its labels, ids or roles, from the outermost. */
  choose(menu: Electron.Menu | null, ...path: readonly string[]): void {
    itemAt(menu, path).click({}, recorded.windows[0]?.window);
  },
  item: itemAt,
  clickTray(): void {
    tell<Electron.Tray, 'click'>(livingTray().tray, 'click', { x: 0, y: 0, width: 0, height: 0 });
  },
  /** Opens the tray's menu, or closes it. */
  setTrayMenuOpen(isOpen: boolean): void {
    const { menu } = livingTray();
    if (menu === null) throw new Error('The tray has no menu.');
    if (isOpen) tell<Electron.Menu, 'menu-will-show'>(menu, 'menu-will-show');
    else tell<Electron.Menu, 'menu-will-close'>(menu, 'menu-will-close');
  },
  /** @returns whether the program still had it */
  clickNotification(index: number): boolean {
    const notification = notificationAt(index);
    if (notification !== undefined) tell<Electron.Notification, 'click'>(notification, 'click');
    return notification !== undefined;
  },
  /** The system takes a notification from the screen, or a person does. @param reason as Windows tells it */
  closeNotification(index: number, reason?: Electron.NotificationCloseEventParams['reason']): void {
    const notification = notificationAt(index);
    if (notification !== undefined) emitClose(notification, reason);
  },
  /** Everything that nobody can reach any more is gone. */
  async collectGarbage(): Promise<void> {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    // What a WeakRef has given stays until the turn is over.
    for (let turn = 0; turn < 3; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      collect();
    }
  },
  openUrl: (url: string): boolean => tell<Electron.App, 'open-url'>(app, 'open-url', url),
  openFile: (path: string): boolean => tell<Electron.App, 'open-file'>(app, 'open-file', path),
  activate: (hasWindows: boolean): boolean => tell<Electron.App, 'activate'>(app, 'activate', hasWindows),
  suspend: (): void => tellBare<Electron.PowerMonitor, 'suspend'>(powerMonitor, 'suspend'),
  resume: (): void => tellBare<Electron.PowerMonitor, 'resume'>(powerMonitor, 'resume'),
  /** The system shuts down. It waits for nobody that does not prevent it: on Linux processes are ended, on macOS Electron quits. */
  shutDown(): void {
    const isLinux = configuration.machine.platform === 'linux';
    if (isLinux && !recorded.isShutdownDelayed) return;
    if (tell<Electron.PowerMonitor, 'shutdown'>(powerMonitor, 'shutdown')) return;
    if (isLinux) process.kill(process.pid, 'SIGKILL');
    else app.quit();
  },
  /** Windows asks whether the session may end. @returns whether the program lets it */
  querySessionEnd: (): boolean =>
    openWindows().every(
      (window) => !tell<Electron.BrowserWindow, 'query-session-end'>(window, 'query-session-end', declared({})),
    ),
  /** Windows ends the session. Electron ends the process as soon as it has told that, unless it quits already. */
  endSession(): void {
    for (const window of openWindows())
      tell<Electron.BrowserWindow, 'session-end'>(window, 'session-end', declared({}));
    if (!life.isQuitting) process.kill(process.pid, 'SIGKILL');
  },
  /** Pulls the plug, or puts it in. What Electron tells of it differs. @param level 0 to 1 */
  setBattery(isOnBattery: boolean, level: number): void {
    const { platform } = configuration.machine;
    recorded.isOnBattery = isOnBattery;
    showPowerSupplies(isOnBattery, level);
    if (isOnBattery) {
      if (platform === 'darwin') tellBare<Electron.PowerMonitor, 'on-battery'>(powerMonitor, 'on-battery');
    } else if (platform !== 'linux') tellBare<Electron.PowerMonitor, 'on-ac'>(powerMonitor, 'on-ac');
  },
  /** Replaces the displays that are plugged in. */
  setDisplays(wanted: readonly { readonly id: number; readonly bounds: Electron.Rectangle }[]): void {
    const gone = displays.filter(({ id }) => wanted.every((each) => each.id !== id));
    displays.splice(0, displays.length, ...wanted.map(({ id, bounds }) => displayOf(id, bounds)));
    for (const display of gone) tell<Electron.Screen, 'display-removed'>(screen, 'display-removed', display);
  },
  /** A page wants to go elsewhere. @returns whether it may */
  navigate(url: string, event: 'will-navigate' | 'will-redirect' | 'will-frame-navigate' = 'will-navigate'): boolean {
    const details = { url, isMainFrame: true, isSameDocument: false };
    const happening = { ...details, defaultPrevented: false, preventDefault: (): void => undefined };
    happening.preventDefault = () => {
      happening.defaultPrevented = true;
    };
    contentsOf().emit(event, happening, url);
    return !happening.defaultPrevented;
  },
  /** A page opens a window. @returns whether it may */
  openWindow(url: string): boolean {
    const handler = WebContents.openHandlerOf(contentsOf());
    const details: Partial<Electron.HandlerDetails> = {
      url,
      frameName: '',
      features: '',
      disposition: 'foreground-tab',
    };
    return handler === null || handler(declared(details)).action === 'allow';
  },
  /** A page holds a webview. @returns whether it may */
  attachWebview(preferences: Electron.WebPreferences = {}): boolean {
    return !tell<Electron.WebContents, 'will-attach-webview'>(contentsOf(), 'will-attach-webview', preferences, {});
  },
  /** A page asks for something. @returns whether it gets it; that of Electron itself, without a handler, is yes */
  async mayHave(permission: Permission): Promise<boolean> {
    const { request } = recorded.permissions;
    if (request === null) return true;
    const details = declared<Electron.PermissionRequest>({ isMainFrame: true, requestingUrl: contentsOf().getURL() });
    return new Promise((resolve) => request(declared(contentsOf()), permission, resolve, details));
  },
  /** A message as a frame of another address would send it, past the preload. @returns what is answered to a question */
  async speakFrom(
    frameUrl: string,
    kind: 'send' | 'invoke',
    channel: string,
    ...parameters: unknown[]
  ): Promise<unknown> {
    const contents = contentsOf();
    const senderFrame = frameOf(frameUrl, frameUrl === contents.getURL() ? null : contents.mainFrame);
    const from = { sender: declared<Electron.WebContents>(contents), senderFrame };
    if (kind === 'invoke') return answer(from, channel, parameters);
    hear(from, channel, parameters, []);
    return undefined;
  },
  /** What a page gets for an address. */
  async request(url: string, init: RequestInit = {}) {
    const response = await ask(new Request(url, init));
    const body = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: Object.fromEntries(response.headers), body };
  },
  crashPage: (windowId?: number): void => WebContents.crash(contentsOf(windowId), 'crashed'),
  failFatally: (pid: number, location: string): void => UtilityProcess.failFatally(pid, location),
  setKeychain,
  fileAt,
};

export type Acts = typeof acts;
