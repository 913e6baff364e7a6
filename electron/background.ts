/** What the desktop does beside its window: tray, notifications, taskbar, power, start at login, updates. */

import { join } from 'node:path';
import { app, autoUpdater, type BrowserWindow, powerMonitor, powerSaveBlocker } from 'electron';
import type { HttpClient } from '../sdk/client.ts';
import type { HostHold } from '../shared/vocabulary.ts';
import { createLiveLibrary } from './live-library.ts';
import type { MainLog } from './log.ts';
import { registerLoginItem } from './login-item.ts';
import { createMachine } from './machine.ts';
import { t } from './messages.ts';
import type { Notice } from './notices.ts';
import { createNotifications } from './notifications.ts';
import { createPower } from './power.ts';
import { createTaskbar } from './taskbar.ts';
import { createTray, type DesktopTray } from './tray.ts';
import { createTraySupport } from './tray-support.ts';
import { createUpdates, type Updates } from './updates.ts';

interface BackgroundOptions {
  /** The contract, over a port of main's own. */
  readonly client: HttpClient;
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Holds the tray's images. */
  readonly imagesPath: string;
  /** What a start at login is given in any case. */
  readonly loginArguments: readonly string[];
  /** Where another library than the usual one was named; absolute. */
  readonly namedDirectory: string | null;
  /** Null while there is no window. */
  readonly window: () => BrowserWindow | null;
  /** Brings the window to the front. @param place of the interface; undefined leaves it where it is */
  readonly open: (place?: string) => void;
  readonly quit: () => void;
  /** Stops as for quitting, and then ends the program in this way. */
  readonly endBy: (end: () => void) => void;
  /** Called with why jobs should rest, whenever that has changed. */
  readonly onHolds: (holds: readonly HostHold[]) => void;
  /** Called with the version that waits to be installed. */
  readonly onUpdate: (version: string) => void;
  /** Called with the new path of the program, when an update has given it one. */
  readonly onMoved: (path: string) => void;
  readonly mainLog: Pick<MainLog, 'write' | 'error'>;
  readonly log: (message: string) => void;
}

export interface Background {
  /** Whether the program goes on in the tray when its window is closed: never where the system shows none. */
  readonly closesToTray: () => boolean;
  /** Shows a notification that was decided elsewhere. */
  readonly notify: (notice: Notice) => void;
  readonly updates: Pick<Updates, 'version' | 'install'>;
  /** To be called while the program ends. */
  stop(): void;
}

/** Electron must be ready. */
export function createBackground(options: BackgroundOptions): Background {
  const { client, platform, environment, imagesPath, window, open, quit, log } = options;
  const library = createLiveLibrary({ client });
  let tray: DesktopTray | null = null;
  const showTray = () => {
    tray ??= createTray({
      library,
      client,
      platform,
      imagePath: join(imagesPath, trayImageOf(platform)),
      open: (place) => open(place ?? undefined),
      quit,
      log,
    });
  };
  const support = createTraySupport({
    platform,
    onTray: showTray,
    onNone: () => {
      // Trays of X11 are of another kind, which nobody on the bus knows of.
      if (environment.XDG_SESSION_TYPE === 'x11') showTray();
      // It was started at login, and nothing shows that it is there.
      if (window() === null) notifications.show({ ...t.noTray, place: '/', needsAttention: false });
    },
  });
  const taskbar = createTaskbar({ app, platform, library, window });
  const notifications = createNotifications({
    library,
    isInFront: () => window()?.isFocused() === true,
    open,
    onAttention: taskbar.onAttention,
  });
  const power = createPower({
    library,
    client,
    powerMonitor,
    powerSaveBlocker,
    onHolds: options.onHolds,
    machine: createMachine({ platform, environment, isOnBatteryPower: () => powerMonitor.isOnBatteryPower() }),
  });
  const loginItem = registerLoginItem({
    app,
    library,
    platform,
    environment,
    homeDirectory: app.getPath('home'),
    executablePath: process.execPath,
    arguments: options.loginArguments,
    namedDirectory: options.namedDirectory,
    log,
  });
  const updates = createUpdates({
    isPackaged: app.isPackaged,
    platform,
    environment,
    namedDirectory: options.namedDirectory,
    nativeUpdater: autoUpdater,
    resourcesPath: process.resourcesPath,
    library,
    onWaiting: options.onUpdate,
    onMoved: (path) => {
      loginItem.moveTo(path);
      options.onMoved(path);
    },
    endBy: options.endBy,
    log: options.mainLog,
  });
  return {
    updates,
    closesToTray: () => support.hasTray && library.state.settings.closeToTray,
    notify: notifications.show,
    stop() {
      updates.stop();
      library.stop();
      support.stop();
      notifications.stop();
      taskbar.stop();
      power.stop();
      tray?.stop();
    },
  };
}

function trayImageOf(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'trayTemplate.png';
  return platform === 'win32' ? 'tray.ico' : 'tray.png';
}
