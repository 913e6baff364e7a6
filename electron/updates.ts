/** Looks for newer versions, fetches them, and has them installed when the program ends. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppUpdater, NsisUpdater } from 'electron-updater';
import { AppError } from '../shared/errors.ts';
import type { DesktopSettings } from './desktop-settings.ts';
import type { LiveLibrary } from './live-library.ts';
import type { MainLog } from './log.ts';
import { whyNoUpdates } from './update-rules.ts';
import { createSignatureCheck } from './update-signature.ts';

const CHECK_EVERY_MS = 6 * 60 * 60 * 1000;

/** What is used of electron-updater. */
export type Updater = Pick<
  AppUpdater,
  | 'autoDownload'
  | 'autoInstallOnAppQuit'
  | 'allowDowngrade'
  | 'allowPrerelease'
  | 'channel'
  | 'logger'
  | 'quitAndInstall'
> & {
  /** Asked on Windows alone. */
  verifyUpdateCodeSignature?: NsisUpdater['verifyUpdateCodeSignature'];
  checkForUpdates(): Promise<unknown>;
  on(event: 'update-downloaded', listener: (update: { readonly version: string }) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'appimage-filename-updated', listener: (path: string) => void): unknown;
};

interface UpdatesOptions {
  readonly isPackaged: boolean;
  readonly platform: NodeJS.Platform;
  /** That of this process, which an AppImage that is started anew takes over: the library is named in it by then. */
  readonly environment: Record<string, string | undefined>;
  /** Where another library than the usual one was named; absolute. */
  readonly namedDirectory: string | null;
  /** Electron's own, which on macOS takes what was fetched and checks it. */
  readonly nativeUpdater: { on(event: 'update-downloaded', listener: () => void): unknown };
  /** Holds `app-update.yml`. */
  readonly resourcesPath: string;
  readonly library: Pick<LiveLibrary, 'state' | 'onChange' | 'onConnected'>;
  /** Called with the version that waits to be installed. */
  readonly onWaiting: (version: string) => void;
  /** Called with the new path of an AppImage, whose name has its version, at the very end of the program. */
  readonly onMoved: (path: string) => void;
  /** Stops the program as for quitting, and then ends it in this way. */
  readonly endBy: (end: () => void) => void;
  readonly log: Pick<MainLog, 'write' | 'error'>;
  /** Default: electron-updater's, loaded when it is needed. */
  readonly loadUpdater?: () => Promise<Updater>;
  /** Default: six hours in milliseconds. */
  readonly checkEveryMs?: number;
}

export interface Updates {
  /** The version that waits to be installed; null when there is none. */
  readonly version: string | null;
  /**
   * Ends the program, installs the version that waits, and starts it: on Linux with the same library, elsewhere with the one that the
   * system or its environment names. @throws AppError `conflict` when none waits
   */
  install(): void;
  /** To be called while the program ends: what waits is installed by then, unless updates were turned off. */
  stop(): void;
}

/** Watches the settings and looks for updates as they say. Nothing that goes wrong here is more than a line in the log. */
export function createUpdates(options: UpdatesOptions): Updates {
  const updates = new Watcher(options);
  void updates.begin();
  return updates;
}

async function loadElectronUpdater(): Promise<Updater> {
  const { default: module } = await import('electron-updater');
  return module.autoUpdater;
}

class Watcher implements Updates {
  readonly #options: UpdatesOptions;
  #updater: Updater | null = null;
  #timer: NodeJS.Timeout | undefined;
  #version: string | null = null;
  /** Whether the settings have been looked at. */
  #hasBegun = false;
  #lastReported: unknown;

  constructor(options: UpdatesOptions) {
    this.#options = options;
  }

  get version(): string | null {
    return this.#version;
  }

  async begin(): Promise<void> {
    const { library, log, isPackaged, platform, environment, resourcesPath } = this.#options;
    try {
      const reason = whyNoUpdates({
        isPackaged,
        platform,
        isAppImage: Boolean(environment.APPIMAGE),
        configuration: isPackaged ? await readConfiguration(resourcesPath) : null,
      });
      if (reason !== null) {
        log.write('info', `There are no updates. ${reason}`);
        return;
      }
      library.onChange(({ before, after }) => this.#follow(after.settings, before.settings));
      library.onConnected(() => {
        if (!this.#hasBegun) this.#follow(library.state.settings, null);
      });
      if (library.state.isKnown) this.#follow(library.state.settings, null);
    } catch (error) {
      log.error(error);
    }
  }

  install(): void {
    const updater = this.#updater;
    if (updater === null || this.#version === null) throw new AppError('conflict', 'There is no update to install.');
    const { endBy, environment, namedDirectory } = this.#options;
    endBy(() => {
      if (namedDirectory === null) delete environment.PIXCRAWLER_DATA_DIR;
      else environment.PIXCRAWLER_DATA_DIR = namedDirectory;
      // Without "silent" the installer of Windows shows its pages again, and nothing starts before somebody has clicked through them.
      updater.quitAndInstall(true, true);
    });
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #follow(settings: DesktopSettings, before: DesktopSettings | null): void {
    const isSame =
      before !== null &&
      before.checkForUpdates === settings.checkForUpdates &&
      before.updateChannel === settings.updateChannel;
    if (isSame) return;
    this.#hasBegun = true;
    clearInterval(this.#timer);
    if (this.#updater !== null) this.#updater.autoInstallOnAppQuit = settings.checkForUpdates;
    if (!settings.checkForUpdates) return;
    void this.#check(settings);
    const { checkEveryMs = CHECK_EVERY_MS, library } = this.#options;
    this.#timer = setInterval(() => void this.#check(library.state.settings), checkEveryMs).unref();
  }

  async #check({ updateChannel }: DesktopSettings): Promise<void> {
    try {
      this.#updater ??= this.#prepare(await (this.#options.loadUpdater ?? loadElectronUpdater)());
      const updater = this.#updater;
      updater.channel = updateChannel;
      updater.allowPrerelease = updateChannel === 'beta';
      // Setting the channel allows it. Whoever leaves the beta waits until the others have caught up.
      updater.allowDowngrade = false;
      await updater.checkForUpdates();
    } catch (error) {
      this.#report(error);
    }
  }

  #prepare(updater: Updater): Updater {
    const { environment, log, nativeUpdater, onMoved, platform } = this.#options;
    if (platform === 'win32') updater.verifyUpdateCodeSignature = createSignatureCheck({ environment });
    updater.autoDownload = true;
    updater.autoInstallOnAppQuit = true;
    updater.logger = {
      info: () => undefined,
      warn: (message: unknown) => log.write('warning', `Updates: ${String(message)}`),
      // They come as events as well.
      error: () => undefined,
    };
    updater.on('error', (error) => this.#report(error));
    updater.on('appimage-filename-updated', onMoved);
    let fetched: string | null = null;
    updater.on('update-downloaded', ({ version }) => {
      fetched = version;
      if (platform !== 'darwin') this.#announce(version);
    });
    // What is fetched there is only then copied and checked, which may take minutes, and cannot be installed before.
    if (platform === 'darwin') nativeUpdater.on('update-downloaded', () => fetched !== null && this.#announce(fetched));
    return updater;
  }

  #announce(version: string): void {
    this.#version = version;
    this.#options.log.write('info', 'An update waits to be installed.', { version });
    this.#options.onWaiting(version);
  }

  /** One failure both rejects and is an event. */
  #report(error: unknown): void {
    if (error === this.#lastReported) return;
    this.#lastReported = error;
    this.#options.log.error(error, { while: 'looking for updates' });
  }
}

function readConfiguration(resourcesPath: string): Promise<string | null> {
  return readFile(join(resourcesPath, 'app-update.yml'), 'utf8').catch(() => null);
}
