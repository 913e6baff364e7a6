/** The program's life: what closing a window means, and how it ends without losing anything. */

import type { App, BrowserWindow, Event, PowerMonitor } from 'electron';
import type { MainLog } from './log.ts';

/** The first asks to end; whoever sends another does not want to wait. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How long what was to end the program in its own way may take: by then the core is gone, and a window would only show that. */
const ENDING_MS = 10_000;

interface LifecycleOptions {
  readonly app: App;
  readonly powerMonitor: Pick<PowerMonitor, 'on'>;
  readonly platform: string;
  readonly log: MainLog;
  /** Whether the program goes on when its window is closed. */
  readonly closesToTray: () => boolean;
  /** Called whenever a window was closed that way. */
  readonly onStaysBehind: () => void;
  readonly showWindow: () => void;
  /** Ends what must end well, jobs first. Called once. */
  readonly stop: () => Promise<void>;
}

export interface Lifecycle {
  /** Asked when a person closes the window: true when it is hidden instead, and the program goes on. */
  staysBehind(): boolean;
  /** Stops as for quitting, and then ends the program in this way: an update that installs itself. Quits when that takes over 10 s. */
  endBy(end: () => void): void;
}

/** Watches from now on for whatever ends the program. */
export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { app, powerMonitor, platform, log, closesToTray, onStaysBehind, showWindow } = options;
  let isQuitting = false;
  let stopping: Promise<void> | null = null;
  let isStopped = false;

  const stop = (): Promise<void> => {
    stopping ??= options
      .stop()
      .catch((error: unknown) => log.error(error))
      .then(() => {
        isStopped = true;
      });
    return stopping;
  };

  app.on('before-quit', (event) => {
    isQuitting = true;
    if (isStopped) return;
    event.preventDefault();
    void stop().then(() => app.quit());
  });
  app.on('window-all-closed', () => {
    // On macOS a program without windows is still there, in the dock.
    if (platform !== 'darwin') app.quit();
  });
  app.on('activate', showWindow);

  // The system waits a moment for those that ask it to. The declaration leaves the event out.
  const onShutdown = (event: Event) => {
    event.preventDefault();
    app.quit();
  };
  // On Linux it waits only for those that Electron has counted, and the first listener of all comes before the count begins.
  powerMonitor.on('suspend', () => undefined);
  powerMonitor.on('shutdown', onShutdown as () => void);
  app.on('browser-window-created', (_event, window: BrowserWindow) => {
    // Windows: Electron ends the process as soon as it has told the second, so what takes time begins when the first one asks.
    window.on('query-session-end', () => app.quit());
    window.on('session-end', () => void stop());
  });

  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (isQuitting) app.exit(1);
      else app.quit();
    });
  }

  return {
    staysBehind() {
      if (isQuitting || !closesToTray()) return false;
      onStaysBehind();
      return true;
    },
    endBy(end) {
      isQuitting = true;
      void stop().then(() => {
        setTimeout(() => {
          log.write('warning', 'What was to end the program did not, so it quits.');
          app.quit();
        }, ENDING_MS);
        end();
      });
    },
  };
}
