/** Progress on the taskbar or dock, over all jobs, and a number on the dock for what needs attention. */

import type { App, BrowserWindow } from 'electron';
import { atMostEvery } from './at-most-every.ts';
import { overallProgress } from './job-facts.ts';
import type { LiveLibrary } from './live-library.ts';

/** Twice a second. */
const EVERY_MS = 500;

interface TaskbarOptions {
  readonly app: Pick<App, 'on' | 'dock' | 'setBadgeCount'>;
  readonly platform: NodeJS.Platform;
  readonly library: LiveLibrary;
  /** Null while there is no window. */
  readonly window: () => BrowserWindow | null;
}

export interface Taskbar {
  /** Something needs attention and nobody looked. */
  onAttention(): void;
  stop(): void;
}

/** Electron must be ready. */
export function createTaskbar({ app, platform, library, window }: TaskbarOptions): Taskbar {
  let unseen = 0;
  let hasFailed = false;
  let shown = '';
  let shownOn: BrowserWindow | null = null;

  const show = () => {
    const current = window();
    if (current === null || current.isDestroyed()) return;
    const { value, mode } = overallProgress(library.state.jobs, hasFailed);
    const written = `${mode} ${value.toFixed(3)}`;
    if (written === shown && current === shownOn) return;
    shown = written;
    shownOn = current;
    current.setProgressBar(value, { mode });
  };
  /** Windows has no such number. */
  const mark = (count: number) => {
    if (platform === 'linux') app.setBadgeCount(count);
    else app.dock?.setBadge(count === 0 ? '' : String(count));
  };
  const updates = atMostEvery(EVERY_MS, show);
  const seen = () => {
    unseen = 0;
    hasFailed = false;
    mark(unseen);
    updates.ask();
  };
  library.onChange(({ before, ended }) => {
    const isInFront = window()?.isFocused() === true;
    if (before.isKnown && !isInFront && ended.some(({ state }) => state === 'failed')) hasFailed = true;
    updates.ask();
  });
  app.on('browser-window-focus', seen);
  app.on('browser-window-created', (_event, created) => {
    // Windows gives a window that is shown another button, which knows nothing yet.
    created.on('show', () => {
      shown = '';
      updates.ask();
    });
    // The bar of the dock is the program's, and stays as it was when the window has gone; one that is only hidden has it back.
    created.on('close', () => {
      created.setProgressBar(-1);
      shown = '';
    });
    created.on('hide', updates.ask);
  });
  return {
    onAttention() {
      unseen += 1;
      mark(unseen);
      app.dock?.bounce('informational');
    },
    stop: updates.stop,
  };
}
