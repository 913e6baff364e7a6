/** The icon beside the clock: what jobs do, and the way back to the window. */

import { Menu, type MenuItemConstructorOptions, nativeImage, Tray } from 'electron';
import type { HttpClient } from '../sdk/client.ts';
import type { Job } from '../shared/contract/jobs.ts';
import type { JobState } from '../shared/vocabulary.ts';
import { atMostEvery } from './at-most-every.ts';
import type { LiveLibrary } from './live-library.ts';
import { PAUSABLE, RESUMABLE, type TrayItem, trayTextOf } from './tray-menu.ts';

/** Twice a second: the tooltip, and what can be chosen. */
const EVERY_MS = 500;
/** Numbers in the menu: a system that does not tell that its menu is open closes it when it gets another. */
const NUMBERS_EVERY_MS = 10_000;
/** A menu that was opened and of whose end nothing is heard counts as closed after that. */
const LONGEST_OPEN_MS = 60_000;
const JOBS_AT_A_TIME = 100;

interface TrayOptions {
  readonly library: LiveLibrary;
  readonly client: HttpClient;
  readonly platform: NodeJS.Platform;
  /** Absolute path. On macOS of a template image, whose name ends in `Template`. */
  readonly imagePath: string;
  /** Shows the window. @param place of the interface; null leaves it where it is */
  readonly open: (place: string | null) => void;
  readonly quit: () => void;
  readonly log: (message: string) => void;
}

export interface DesktopTray {
  stop(): void;
}

/** Electron must be ready. */
export function createTray({ library, client, platform, imagePath, open, quit, log }: TrayOptions): DesktopTray {
  const image = nativeImage.createFromPath(imagePath);
  if (platform === 'darwin') image.setTemplateImage(true);
  const tray = new Tray(image);
  let toolTip = '';
  let shown = '';
  let structure = '';
  let openUntilMs = 0;
  let closing: NodeJS.Timeout | undefined;

  /** All there are, more than the menu knows of. One job that cannot be paused keeps none of the others from it. */
  const each = async (states: readonly JobState[], act: (job: Job) => Promise<unknown>): Promise<void> => {
    for (let after: number | undefined; ; ) {
      const { items, next } = await client.jobs.list({ states: [...states], limit: JOBS_AT_A_TIME, after });
      for (const job of items) act(job).catch((error: unknown) => log(`Job ${job.id}: ${String(error)}`));
      if (next === null) return;
      after = next;
    }
  };
  const onUnlisted = (error: unknown) => log(`Jobs could not be listed: ${String(error)}`);
  const run = (action: Extract<TrayItem, { type: 'item' }>['action']) => {
    switch (action.do) {
      case 'open':
        return open(action.place);
      case 'pause-all':
        return void each(PAUSABLE, ({ id }) => client.jobs.pause({ id })).catch(onUnlisted);
      case 'resume-all':
        return void each(RESUMABLE, ({ id }) => client.jobs.resume({ id })).catch(onUnlisted);
      case 'quit':
        return quit();
    }
  };
  const templateOf = (item: TrayItem): MenuItemConstructorOptions =>
    item.type === 'separator'
      ? { type: 'separator' }
      : {
          // An ampersand would mark a key on Windows and Linux.
          label: platform === 'darwin' ? item.label : item.label.replaceAll('&', '&&'),
          enabled: item.isEnabled,
          click: () => run(item.action),
        };
  /** One that is open stays as it is: to replace it would take it from under the hand. */
  const replaceMenu = () => {
    const text = trayTextOf(library.state);
    const written = JSON.stringify(text.items);
    if (written === shown || performance.now() < openUntilMs) return;
    shown = written;
    structure = text.structure;
    const menu = Menu.buildFromTemplate(text.items.map(templateOf));
    menu.on('menu-will-show', () => {
      openUntilMs = performance.now() + LONGEST_OPEN_MS;
    });
    menu.on('menu-will-close', () => {
      openUntilMs = 0;
      // What was chosen is told only then.
      closing = setTimeout(replaceMenu, EVERY_MS);
    });
    tray.setContextMenu(menu);
  };
  const show = () => {
    const text = trayTextOf(library.state);
    if (text.tooltip !== toolTip) tray.setToolTip(text.tooltip);
    toolTip = text.tooltip;
    if (text.structure !== structure) replaceMenu();
    else numbers.ask();
  };
  const numbers = atMostEvery(NUMBERS_EVERY_MS, replaceMenu);
  const updates = atMostEvery(EVERY_MS, show);
  // On macOS a click opens the menu, on others it is the way to the window.
  if (platform !== 'darwin') tray.on('click', () => open(null));
  library.onChange(updates.ask);
  updates.ask();
  return {
    stop() {
      updates.stop();
      numbers.stop();
      clearTimeout(closing);
      tray.destroy();
    },
  };
}
