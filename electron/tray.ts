/** The icon beside the clock: what jobs do, and the way back to the window. */

import { Menu, type MenuItemConstructorOptions, nativeImage, Tray } from 'electron';
import type { HttpClient } from '../sdk/client.ts';
import type { Job } from '../shared/contract/jobs.ts';
import { atMostEvery } from './at-most-every.ts';
import type { LiveLibrary } from './live-library.ts';
import { isPausable, isResumable, type TrayItem, trayTextOf } from './tray-menu.ts';

/** Twice a second. */
const EVERY_MS = 500;

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
  let shown = '';

  /** One job that cannot be paused keeps none of the others from it. */
  const each = (isMeant: (job: Job) => boolean, act: (job: Job) => Promise<unknown>) => {
    for (const job of library.state.jobs.filter(isMeant)) {
      act(job).catch((error: unknown) => log(`Job ${job.id}: ${String(error)}`));
    }
  };
  const run = (action: Extract<TrayItem, { type: 'item' }>['action']) => {
    switch (action.do) {
      case 'open':
        return open(action.place);
      case 'pause-all':
        return each(isPausable, ({ id }) => client.jobs.pause({ id }));
      case 'resume-all':
        return each(isResumable, ({ id }) => client.jobs.resume({ id }));
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
  const show = () => {
    const text = trayTextOf(library.state);
    const written = JSON.stringify(text);
    if (written === shown) return;
    shown = written;
    tray.setToolTip(text.tooltip);
    tray.setContextMenu(Menu.buildFromTemplate(text.items.map(templateOf)));
  };
  const updates = atMostEvery(EVERY_MS, show);
  // On macOS a click opens the menu, on others it is the way to the window.
  if (platform !== 'darwin') tray.on('click', () => open(null));
  library.onChange(updates.ask);
  updates.ask();
  return {
    stop() {
      updates.stop();
      tray.destroy();
    },
  };
}
