/** Notification: what was shown is recorded, a test clicks. */

import { EventEmitter } from 'node:events';
import type Electron from 'electron';
import { app } from './app.ts';
import { configuration } from './configuration.ts';
import { declared, tell, tellBare } from './declared.ts';
import { recorded } from './recorded.ts';

export class Notification extends EventEmitter {
  title: string;
  subtitle: string;
  body: string;
  silent: boolean;
  urgency: Electron.Notification['urgency'];
  actions: Electron.NotificationAction[];

  constructor(options: Electron.NotificationConstructorOptions = {}) {
    super();
    if (!app.isReady()) throw new Error('Cannot create Notification before app is ready');
    this.title = options.title ?? '';
    this.subtitle = options.subtitle ?? '';
    this.body = options.body ?? '';
    this.silent = options.silent ?? false;
    this.urgency = options.urgency ?? 'normal';
    this.actions = options.actions ?? [];
  }

  static isSupported(): boolean {
    return configuration.machine.areNotificationsSupported;
  }

  show(): void {
    if (!Notification.isSupported()) return;
    recorded.notifications.push({ title: this.title, body: this.body, reference: new WeakRef(declared(this)) });
    tell<Electron.Notification, 'show'>(this, 'show');
  }

  close(): void {
    emitClose(this);
  }
}

/** Tells that it was closed. @param reason as Windows gives one; absent elsewhere */
export function emitClose(notification: EventEmitter, reason?: Electron.NotificationCloseEventParams['reason']): void {
  // What happened is in the event itself.
  const details: Electron.NotificationCloseEventParams = reason === undefined ? {} : { reason };
  tellBare<Electron.Notification, 'close'>(notification, 'close', { preventDefault: () => undefined, ...details });
}
