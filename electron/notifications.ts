/** Tells a person who looks elsewhere what has come of jobs, at most one notification at a time for what happens together. */

import { Notification } from 'electron';
import type { LiveLibrary } from './live-library.ts';
import { grouped, type Notice, noticesOf } from './notices.ts';

/** What happens within that is told together. */
const TOGETHER_MS = 1_500;
/** How many can be clicked on long after they were shown. */
const MOST_KEPT = 50;

interface NotificationsOptions {
  readonly library: LiveLibrary;
  /** Whether the window is in front: then it tells all that itself. */
  readonly isInFront: () => boolean;
  /** Shows a place of the interface. */
  readonly open: (place: string) => void;
  /** Told of what needs attention while nobody looked, with a notification or without. */
  readonly onAttention: () => void;
  /** Default: 1,500 milliseconds. */
  readonly togetherMs?: number;
}

export interface Notifications {
  /** Shows one that was decided elsewhere, whatever the settings say, where the system can. */
  show(notice: Notice): void;
  stop(): void;
}

/** Electron must be ready. */
export function createNotifications(options: NotificationsOptions): Notifications {
  const { library, isInFront, open, onAttention, togetherMs = TOGETHER_MS } = options;
  let waiting: Notice[] = [];
  let timer: NodeJS.Timeout | undefined;
  /** One that is collected as garbage forgets what a click does. */
  const shown = new Set<Notification>();

  const show = ({ title, text, place }: Notice): void => {
    if (!Notification.isSupported()) return;
    const notification = new Notification({ title, body: text });
    shown.add(notification);
    for (const oldest of shown) {
      if (shown.size <= MOST_KEPT) break;
      shown.delete(oldest);
    }
    notification.on('click', () => {
      shown.delete(notification);
      open(place);
    });
    notification.on('close', ({ reason }) => {
      // One that the system has put aside can still be clicked where it keeps them.
      if (reason !== 'timedOut' && reason !== 'applicationHidden') shown.delete(notification);
    });
    notification.show();
  };
  const tell = () => {
    timer = undefined;
    const notice = grouped(waiting);
    waiting = [];
    if (notice === null || isInFront()) return;
    if (notice.needsAttention) onAttention();
    if (library.state.settings.notifications) show(notice);
  };
  library.onChange((change) => {
    const notices = noticesOf(change);
    if (notices.length === 0) return;
    waiting.push(...notices);
    timer ??= setTimeout(tell, togetherMs);
  });
  return { show, stop: () => clearTimeout(timer) };
}
