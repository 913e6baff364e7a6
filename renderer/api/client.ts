/** The contract, on whichever transport the host of this page gives. */

import { createHttpClient } from '../../sdk/client.ts';
import type { DesktopBridge } from '../../shared/host-bridge.ts';
import { openCoreLine } from './core-port.ts';

declare global {
  interface Window {
    /** The preload's; undefined in a browser. */
    readonly pixcrawler?: DesktopBridge<Blob>;
  }
}

/** The desktop hands over ports to its core; in a browser the cookie of the host that served this page lets us in. */
const line =
  window.pixcrawler === undefined
    ? {
        client: createHttpClient({ baseUrl: window.location.origin }),
        /** Nobody tells a browser that a host has come back. */
        nextConnection: () => new Promise<never>(() => undefined),
      }
    : openCoreLine(window);

export const { client, nextConnection } = line;
