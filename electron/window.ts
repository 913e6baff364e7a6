/** The window of the interface: made when it is wanted, hidden until there is something to see, and found again where it was. */

import { BrowserWindow, type BrowserWindowConstructorOptions, nativeTheme, screen } from 'electron';
import type { News } from './channels.ts';
import type { JsonFile } from './json-file.ts';
import { t } from './messages.ts';
import { INTERFACE_ORIGIN } from './protocol.ts';
import { LEAST_SIZE, placeWindow, type WindowState } from './window-state.ts';

/** The canvas of the interface in either theme, so that nothing flashes before its first paint. */
const BACKGROUND = { light: '#f4f4f4', dark: '#1b1b1b' } as const;
interface AppWindowOptions {
  /** Absolute path of the built preload. */
  readonly preloadPath: string;
  /** Of the window in lists of windows; absent where the system takes it from the program. */
  readonly iconPath?: string;
  readonly isPackaged: boolean;
  readonly memory: JsonFile<WindowState>;
  /** Asked when a person closes the window: whether it is hidden, and the program goes on. */
  readonly staysBehind: () => boolean;
  /** Called with each window that is made, to look after what goes wrong in it. */
  readonly watch: (window: BrowserWindow) => void;
  /** Told of what went wrong. */
  readonly log: (message: string) => void;
}

export interface AppWindow {
  /** Null while there is no window. */
  readonly window: BrowserWindow | null;
  /** Brings it to the front, and makes it when there is none. @param path a place of the interface, such as `/jobs/3` */
  show(path?: string): void;
  /** Tells the page, if there is a window; what comes before the page listens waits for it. */
  tell<C extends keyof News>(channel: C, news: News[C]): void;
  /** The page listens from now on: it has said `pixcrawler:connect`. */
  connected(): void;
  /** Writes down where it is. */
  remember(): void;
}

/** Electron must be ready. */
export function createAppWindow(options: AppWindowOptions): AppWindow {
  let window: BrowserWindow | null = null;
  /** What a page that loads is told when it listens; null while it does. */
  let waiting: (() => void)[] | null = [];

  const create = (path: string): BrowserWindow => {
    const { isMaximized, isFullScreen, bounds } = placeWindow(options.memory.read(), displays());
    const created = new BrowserWindow({ ...windowOptions(options, nativeTheme.shouldUseDarkColors), ...bounds });
    let isRevealed = false;
    const reveal = () => {
      if (isRevealed || created.isDestroyed()) return;
      isRevealed = true;
      // Either would show it at once.
      if (isMaximized) created.maximize();
      if (isFullScreen) created.setFullScreen(true);
      created.show();
    };
    created.once('ready-to-show', reveal);
    created.webContents.on('render-process-gone', () => {
      waiting ??= [];
    });
    watchPlace(created, options.memory);
    options.watch(created);
    // The page's own title is that of a tab.
    created.on('page-title-updated', (event) => event.preventDefault());
    created.on('close', (event) => {
      if (!options.staysBehind()) return;
      event.preventDefault();
      hide();
    });
    created.on('closed', () => {
      window = null;
      waiting = [];
    });
    created.loadURL(`${INTERFACE_ORIGIN}${path}`).then(
      () => {
        // On Wayland nothing is painted in a window that is hidden, and so it is never ready (electron/electron#48859).
        if (process.platform === 'linux') reveal();
      },
      (error: unknown) => {
        options.log(String(error));
        reveal();
      },
    );
    return created;
  };

  const hide = () => {
    if (process.platform === 'darwin' && window?.isFullScreen() === true) {
      // A full screen that is hidden leaves a black one behind. Elsewhere a hidden window that leaves it is shown.
      window.once('leave-full-screen', () => window?.hide());
      window.setFullScreen(false);
    } else window?.hide();
  };

  return {
    get window() {
      return window;
    },
    show(path) {
      if (window === null) {
        window = create(path ?? '/');
        return;
      }
      raise(window);
      if (path !== undefined) this.tell('pixcrawler:navigate', path);
    },
    tell(channel, news) {
      const contents = window?.webContents;
      if (contents === undefined || contents.isDestroyed()) return;
      const send = () => contents.postMessage(channel, news);
      if (waiting === null) send();
      else waiting.push(send);
    },
    connected() {
      const held = waiting ?? [];
      waiting = null;
      for (const send of held) send();
    },
    remember() {
      if (window !== null) rememberPlace(window, options.memory);
      options.memory.flush();
    },
  };
}

/** Everything that a page could reach beyond its sandbox is off, said in so many words. */
function windowOptions(
  { preloadPath, iconPath, isPackaged }: AppWindowOptions,
  isDark: boolean,
): BrowserWindowConstructorOptions {
  return {
    show: false,
    title: t.productName,
    minWidth: LEAST_SIZE.width,
    minHeight: LEAST_SIZE.height,
    backgroundColor: isDark ? BACKGROUND.dark : BACKGROUND.light,
    ...(iconPath === undefined ? {} : { icon: iconPath }),
    webPreferences: {
      preload: preloadPath,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      plugins: false,
      // A file that is dropped beside its target must not replace the interface.
      navigateOnDragDrop: false,
      // A click with the middle button would open windows.
      disableBlinkFeatures: 'Auxclick',
      devTools: !isPackaged,
      // Its dictionaries would come from a server that the user has not heard of.
      spellcheck: false,
    },
  };
}

function raise(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** The primary one first. */
function displays() {
  const primary = screen.getPrimaryDisplay();
  return [primary, ...screen.getAllDisplays().filter(({ id }) => id !== primary.id)];
}

function stateOf(window: BrowserWindow): WindowState {
  const bounds = window.getNormalBounds();
  const { id, workArea } = screen.getDisplayMatching(window.getBounds());
  return { bounds, isMaximized: window.isMaximized(), isFullScreen: window.isFullScreen(), display: { id, workArea } };
}

function rememberPlace(window: BrowserWindow, memory: JsonFile<WindowState>): void {
  // What a minimised window says of itself is not where it will be.
  if (!window.isDestroyed() && !window.isMinimized()) memory.write(stateOf(window));
}

function watchPlace(window: BrowserWindow, memory: JsonFile<WindowState>): void {
  const remember = () => rememberPlace(window, memory);
  window.on('resize', remember);
  window.on('move', remember);
  window.on('maximize', remember);
  window.on('unmaximize', remember);
  window.on('enter-full-screen', remember);
  window.on('leave-full-screen', remember);
  window.on('close', () => {
    remember();
    memory.flush();
  });
}
