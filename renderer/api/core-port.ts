/** The line to the core on the desktop: ports that the preload hands to this page, one after the other as cores come and go. */

import type { HttpClient } from '../../sdk/client.ts';
import { createPortClient } from '../../sdk/port-client.ts';

interface CoreLine {
  readonly client: HttpClient;
  /** Resolves when the next port has come. */
  nextConnection(): Promise<void>;
}

/** Listens for ports from now on. @param page the window that the preload speaks to */
export function openCoreLine(page: Window): CoreLine {
  const { client, connect, disconnect } = createPortClient();
  let next = Promise.withResolvers<void>();
  page.addEventListener('message', ({ source, data, ports: [port] }: MessageEvent<unknown>) => {
    // Of others than the preload, which speaks as this very window, nothing is taken.
    if (source !== page) return;
    if (data === 'pixcrawler:core-gone') disconnect();
    if (data !== 'pixcrawler:port' || port === undefined) return;
    connect(port);
    port.start();
    next.resolve();
    next = Promise.withResolvers();
  });
  return { client, nextConnection: () => next.promise };
}
