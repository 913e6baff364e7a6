/** webContents of a window. */

import { EventEmitter } from 'node:events';
import type Electron from 'electron';
import { app } from './app.ts';
import { declared, tell, tellBare } from './declared.ts';
import { idsOf } from './message-port-main.ts';
import { frameOf, Page, type WindowMessage } from './page.ts';
import { takeOver } from './port-router.ts';
import { recorded } from './recorded.ts';
import { ask, defaultSession } from './session.ts';

const BLANK = 'about:blank';
/** As electron_api_web_frame_main.cc: whose process is gone. */
const DISPOSED = 'Render frame was disposed before WebFrameMain could be accessed';
let lastId = 0;
const all: WebContents[] = [];

type OpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];

export class WebContents extends EventEmitter {
  readonly id: number;
  readonly session = declared<Electron.Session>(defaultSession);
  zoomLevel = 0;
  zoomFactor = 1;
  readonly #preferences: Electron.WebPreferences;
  #frame = frameOf(BLANK, null);
  #page: Page | null = null;
  #openHandler: OpenHandler | null = null;
  #stand: ((message: WindowMessage) => void) | null = null;
  #isDestroyed = false;
  #isCrashed = false;
  #isLoading = false;
  #hasDevTools = false;
  #history: string[] = [];

  constructor(preferences: Electron.WebPreferences) {
    super();
    lastId += 1;
    this.id = lastId;
    this.#preferences = preferences;
    all.push(this);
    tell<Electron.App, 'web-contents-created'>(app, 'web-contents-created', this);
  }

  get mainFrame(): Electron.WebFrameMain {
    return this.#frame;
  }

  get navigationHistory(): Electron.NavigationHistory {
    const history: Partial<Electron.NavigationHistory> = {
      canGoBack: () => this.#history.length > 1,
      canGoForward: () => false,
      goBack: () => undefined,
      goForward: () => undefined,
      clear: () => {
        this.#history = this.#history.slice(-1);
      },
    };
    return declared(history);
  }

  static pageOf(contents: WebContents): Page {
    if (contents.#page === null) throw new Error('This window shows no page.');
    return contents.#page;
  }

  /** Lets a test hear what is posted in the main world of each page that is loaded here. */
  static standIn(contents: WebContents, listener: (message: WindowMessage) => void): void {
    contents.#stand = listener;
    contents.#page?.standIn(listener);
  }

  static openHandlerOf(contents: WebContents): OpenHandler | null {
    return contents.#openHandler;
  }

  static destroy(contents: WebContents): void {
    if (contents.#isDestroyed) return;
    contents.#isDestroyed = true;
    contents.#page?.unload();
    all.splice(all.indexOf(contents), 1);
    tellBare<Electron.WebContents, 'destroyed'>(contents, 'destroyed');
  }

  static crash(contents: WebContents, reason: Electron.RenderProcessGoneDetails['reason']): void {
    contents.#isCrashed = true;
    contents.#page?.unload();
    contents.#page = null;
    const details = { reason, exitCode: 1 } satisfies Electron.RenderProcessGoneDetails;
    tell<Electron.WebContents, 'render-process-gone'>(contents, 'render-process-gone', details);
    tell<Electron.App, 'render-process-gone'>(app, 'render-process-gone', contents, details);
  }

  async loadURL(url: string): Promise<void> {
    this.#alive();
    this.#page?.unload();
    this.#page = null;
    this.#isCrashed = false;
    this.#isLoading = true;
    tellBare<Electron.WebContents, 'did-start-loading'>(this, 'did-start-loading');
    try {
      const response = await ask(new Request(url, { headers: { accept: 'text/html' } }));
      const headers = Object.fromEntries(response.headers);
      recorded.loads.push({ url, status: response.status, headers, body: await response.text() });
    } catch (error) {
      this.#isLoading = false;
      const description = error instanceof Error ? error.message : String(error);
      tell<Electron.WebContents, 'did-fail-load'>(this, 'did-fail-load', -2, description, url, true, 1, 1);
      throw new Error(`${description} (-2) loading '${url}'`);
    }
    if (this.#isDestroyed) return;
    this.#history.push(url);
    this.#frame = frameOf(url, null);
    const frame = this.#frame;
    this.#page = new Page(url, this.#preferences.preload, () => ({ sender: declared(this), senderFrame: frame }));
    if (this.#stand !== null) this.#page.standIn(this.#stand);
    tell<Electron.WebContents, 'did-navigate'>(this, 'did-navigate', url, 200, 'OK');
    tell<Electron.WebContents, 'dom-ready'>(this, 'dom-ready');
    this.#page.finishLoading();
    this.#isLoading = false;
    tellBare<Electron.WebContents, 'did-finish-load'>(this, 'did-finish-load');
    tellBare<Electron.WebContents, 'did-stop-loading'>(this, 'did-stop-loading');
  }

  reload(): void {
    const url = this.getURL();
    if (url !== '') void this.loadURL(url);
  }

  forcefullyCrashRenderer(): void {
    WebContents.crash(this, 'crashed');
  }

  reloadIgnoringCache(): void {
    this.reload();
  }

  getURL(): string {
    return this.#frame.url === BLANK ? '' : this.#frame.url;
  }

  getTitle(): string {
    return '';
  }

  getType(): ReturnType<Electron.WebContents['getType']> {
    return 'window';
  }

  getProcessId(): number {
    return 1;
  }

  getOSProcessId(): number {
    return process.pid;
  }

  send(channel: string, ...parameters: unknown[]): void {
    if (this.#isCrashed) console.error('Error sending from webFrameMain: ', new Error(DISPOSED));
    this.#page?.tell(channel, structuredClone(parameters) as unknown[], []);
  }

  postMessage(channel: string, message: unknown, transfer: Electron.MessagePortMain[] = []): void {
    const copy = structuredClone(message) as unknown;
    const ends = idsOf(transfer);
    if (this.#isCrashed) {
      for (const id of ends) takeOver(id).close();
      throw new Error(DISPOSED);
    }
    this.#page?.tell(channel, [copy], ends);
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler;
  }

  startDrag({ file, files, icon }: Electron.Item): void {
    const dragged = files ?? [file];
    if (dragged.length === 0 || dragged.some((path) => typeof path !== 'string' || path === '')) {
      throw new Error("Must specify either 'file' or 'files' option");
    }
    const hasIcon = typeof icon === 'string' ? icon !== '' : !icon.isEmpty();
    recorded.drags.push({ webContentsId: this.id, files: dragged, hasIcon });
  }

  focus(): void {}

  isFocused(): boolean {
    return recorded.windows.some(({ window }) => window.webContents.id === this.id && window.isFocused());
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  isCrashed(): boolean {
    return this.#isCrashed;
  }

  isLoading(): boolean {
    return this.#isLoading;
  }

  close(): void {
    WebContents.destroy(this);
  }

  openDevTools(): void {
    this.#hasDevTools = true;
  }

  closeDevTools(): void {
    this.#hasDevTools = false;
  }

  toggleDevTools(): void {
    this.#hasDevTools = !this.#hasDevTools;
  }

  isDevToolsOpened(): boolean {
    return this.#hasDevTools;
  }

  getZoomLevel(): number {
    return this.zoomLevel;
  }

  setZoomLevel(level: number): void {
    this.zoomLevel = level;
  }

  setZoomFactor(factor: number): void {
    this.zoomFactor = factor;
  }

  async setVisualZoomLevelLimits(_minimum: number, _maximum: number): Promise<void> {}

  setIgnoreMenuShortcuts(_ignore: boolean): void {}

  setBackgroundThrottling(_isAllowed: boolean): void {}

  replaceMisspelling(_text: string): void {}

  inspectElement(_x: number, _y: number): void {}

  copyImageAt(_x: number, _y: number): void {}

  cut(): void {}

  copy(): void {}

  paste(): void {}

  selectAll(): void {}

  undo(): void {}

  redo(): void {}

  #alive(): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed');
  }
}

export const webContents = {
  getAllWebContents: (): Electron.WebContents[] => all.map((each) => declared<Electron.WebContents>(each)),
  getFocusedWebContents: (): Electron.WebContents | null => {
    const focused = all.find((each) => each.isFocused());
    return focused === undefined ? null : declared(focused);
  },
  fromId: (id: number): Electron.WebContents | undefined => {
    const found = all.find((each) => each.id === id);
    return found === undefined ? undefined : declared(found);
  },
};
