/** What the host of this page does for the interface, whichever it is. */

import type { HostBridge } from '../../shared/host-bridge.ts';
import { browserHost } from './browser-host.ts';
import { createDesktopHost } from './desktop-host.ts';

export const host: HostBridge<Blob, AbortSignal> =
  window.pixcrawler === undefined ? browserHost : createDesktopHost(window.pixcrawler);
