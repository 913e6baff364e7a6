/** BrowserWindow: its place and its state, as the window manager of a quiet machine would keep them. */

import { EventEmitter } from 'node:events';
import type Electron from 'electron';
import { allWindowsClosed, app, life } from './app.ts';
import { declared, tell, tellBare } from './declared.ts';
import { type RecordedWindow, recorded } from './recorded.ts';
import { screen } from './screen.ts';
import { WebContents } from './web-contents.ts';

const WIDTH = 800;
const HEIGHT = 600;

let lastId = 0;
let open: BrowserWindow[] = [];
let focused: BrowserWindow | null = null;

type Shape = 'normal' | 'minimized' | 'maximized' | 'full-screen';

export class BrowserWindow extends EventEmitter {
  readonly id: number;
  readonly webContents: Electron.WebContents;
  title: string;
  readonly #contents: WebContents;
  readonly #record: RecordedWindow;
  #bounds: Electron.Rectangle;
  #isVisible: boolean;
  #isDestroyed = false;
  #shape: Shape;

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super();
    if (!app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
    lastId += 1;
    this.id = lastId;
    this.title = options.title ?? app.name;
    const { x = 0, y = 0, width = WIDTH, height = HEIGHT } = options;
    this.#bounds = { x, y, width, height };
    this.#isVisible = options.show ?? true;
    this.#shape = options.fullscreen === true ? 'full-screen' : 'normal';
    this.#contents = new WebContents(options.webPreferences ?? {});
    this.webContents = declared(this.#contents);
    this.#record = {
      id: this.id,
      window: declared(this),
      options,
      progress: -1,
      progressMode: 'none',
      overlay: null,
      isFlashing: false,
      popups: [],
    };
    recorded.windows.push(this.#record);
    open.push(this);
    if (this.#isVisible) focused = this;
    this.#contents.once('did-finish-load', () => {
      const tellReady = () => tellBare<Electron.BrowserWindow, 'ready-to-show'>(this, 'ready-to-show');
      // On Wayland nothing is painted in a window that is hidden (electron/electron#48859).
      if (process.platform === 'linux' && !this.#isVisible) this.once('show', tellReady);
      else tellReady();
    });
    this.#contents.once('destroyed', () => this.destroy());
    tell<Electron.App, 'browser-window-created'>(app, 'browser-window-created', this);
  }

  static getAllWindows(): Electron.BrowserWindow[] {
    return open.map((each) => declared<Electron.BrowserWindow>(each));
  }

  static getFocusedWindow(): Electron.BrowserWindow | null {
    return focused === null ? null : declared(focused);
  }

  static fromId(id: number): Electron.BrowserWindow | null {
    return orNull(open.find((each) => each.id === id));
  }

  static fromWebContents(contents: Electron.WebContents): Electron.BrowserWindow | null {
    return orNull(open.find((each) => each.webContents === contents));
  }

  async loadURL(url: string): Promise<void> {
    return this.#contents.loadURL(url);
  }

  reload(): void {
    this.#contents.reload();
  }

  show(): void {
    this.showInactive();
    this.focus();
  }

  showInactive(): void {
    this.#alive();
    if (this.#isVisible) return;
    this.#isVisible = true;
    tellBare<Electron.BrowserWindow, 'show'>(this, 'show');
  }

  hide(): void {
    this.#alive();
    if (!this.#isVisible) return;
    this.#isVisible = false;
    this.blur();
    tellBare<Electron.BrowserWindow, 'hide'>(this, 'hide');
  }

  focus(): void {
    this.#alive();
    if (focused === this || !this.#isVisible) return;
    focused?.blur();
    focused = this;
    tellBare<Electron.BrowserWindow, 'focus'>(this, 'focus');
    tell<Electron.App, 'browser-window-focus'>(app, 'browser-window-focus', this);
  }

  blur(): void {
    if (focused !== this) return;
    focused = null;
    tellBare<Electron.BrowserWindow, 'blur'>(this, 'blur');
    tell<Electron.App, 'browser-window-blur'>(app, 'browser-window-blur', this);
  }

  moveTop(): void {}

  isVisible(): boolean {
    return this.#isVisible && !this.#isDestroyed;
  }

  isFocused(): boolean {
    return focused === this;
  }

  minimize(): void {
    this.#become('minimized');
    tellBare<Electron.BrowserWindow, 'minimize'>(this, 'minimize');
  }

  restore(): void {
    if (this.#shape !== 'minimized') return;
    this.#become('normal');
    tellBare<Electron.BrowserWindow, 'restore'>(this, 'restore');
  }

  isMinimized(): boolean {
    return this.#shape === 'minimized';
  }

  maximize(): void {
    this.#become('maximized');
    this.#isVisible = true;
    tellBare<Electron.BrowserWindow, 'maximize'>(this, 'maximize');
  }

  unmaximize(): void {
    if (this.#shape !== 'maximized') return;
    this.#become('normal');
    tellBare<Electron.BrowserWindow, 'unmaximize'>(this, 'unmaximize');
  }

  isMaximized(): boolean {
    return this.#shape === 'maximized';
  }

  setFullScreen(flag: boolean): void {
    if (flag === this.isFullScreen()) return;
    if (!flag && process.platform === 'win32') {
      // It is told before it is so, and what was hidden meanwhile is visible after it.
      tellBare<Electron.BrowserWindow, 'leave-full-screen'>(this, 'leave-full-screen');
      this.#become('normal');
      this.#isVisible = true;
      return;
    }
    this.#become(flag ? 'full-screen' : 'normal');
    if (flag) tellBare<Electron.BrowserWindow, 'enter-full-screen'>(this, 'enter-full-screen');
    else tellBare<Electron.BrowserWindow, 'leave-full-screen'>(this, 'leave-full-screen');
  }

  isFullScreen(): boolean {
    return this.#shape === 'full-screen';
  }

  isNormal(): boolean {
    return this.#shape === 'normal';
  }

  getBounds(): Electron.Rectangle {
    const normal = this.getNormalBounds();
    if (this.#shape === 'maximized') return { ...screen.getDisplayMatching(normal).workArea };
    return this.#shape === 'full-screen' ? { ...screen.getDisplayMatching(normal).bounds } : normal;
  }

  getNormalBounds(): Electron.Rectangle {
    this.#alive();
    return { ...this.#bounds };
  }

  setBounds(bounds: Partial<Electron.Rectangle>): void {
    this.#alive();
    const before = this.#bounds;
    this.#bounds = { ...before, ...bounds };
    const { x, y, width, height } = this.#bounds;
    if (x !== before.x || y !== before.y) tellBare<Electron.BrowserWindow, 'move'>(this, 'move');
    if (width !== before.width || height !== before.height) tellBare<Electron.BrowserWindow, 'resize'>(this, 'resize');
  }

  getSize(): number[] {
    return [this.#bounds.width, this.#bounds.height];
  }

  setSize(width: number, height: number): void {
    this.setBounds({ width, height });
  }

  getPosition(): number[] {
    return [this.#bounds.x, this.#bounds.y];
  }

  setPosition(x: number, y: number): void {
    this.setBounds({ x, y });
  }

  getTitle(): string {
    return this.title;
  }

  setTitle(title: string): void {
    this.title = title;
  }

  setProgressBar(progress: number, options?: Electron.ProgressBarOptions): void {
    this.#alive();
    this.#record.progress = progress;
    this.#record.progressMode = options?.mode ?? (progress < 0 ? 'none' : 'normal');
  }

  setOverlayIcon(overlay: Electron.NativeImage | null, description: string): void {
    this.#record.overlay = overlay === null ? null : description;
  }

  flashFrame(flag: boolean): void {
    this.#record.isFlashing = flag;
  }

  setMenu(_menu: Electron.Menu | null): void {}

  removeMenu(): void {}

  setMenuBarVisibility(_isVisible: boolean): void {}

  setAutoHideMenuBar(_isHidden: boolean): void {}

  setBackgroundColor(_colour: string): void {}

  setSkipTaskbar(_skip: boolean): void {}

  setRepresentedFilename(_name: string): void {}

  /** As the button of the window does: what listens may keep it open. */
  close(): void {
    if (this.#isDestroyed || tell<Electron.BrowserWindow, 'close'>(this, 'close')) return;
    this.destroy();
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    if (focused === this) focused = null;
    open = open.filter((each) => each !== this);
    WebContents.destroy(this.#contents);
    tellBare<Electron.BrowserWindow, 'closed'>(this, 'closed');
    if (open.length === 0) allWindowsClosed();
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  #become(shape: Shape): void {
    this.#alive();
    this.#shape = shape;
  }

  #alive(): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed');
  }
}

function orNull(window: BrowserWindow | undefined): Electron.BrowserWindow | null {
  return window === undefined ? null : declared(window);
}

life.closeWindows = (isForced) => {
  for (const window of open) {
    if (isForced) window.destroy();
    else window.close();
  }
  return open.length === 0;
};
