/** Gives every client of the contract a port of its own to the core, and another one whenever the core was started again. */

import type { WebContents } from 'electron';
import { createPortClient, type PortClient } from '../sdk/port-client.ts';
import type { CoreState, CoreSupervisor } from './core-supervisor.ts';

export interface CorePorts {
  /** Main's own client of the contract. */
  readonly client: PortClient['client'];
  /** A page has loaded: it gets a port now, or when there is a core. */
  connect(page: WebContents): void;
}

export function createCorePorts(supervisor: Pick<CoreSupervisor, 'onState' | 'openPort'>): CorePorts {
  const pages = new Set<WebContents>();
  const own = createPortClient();

  function connectOwn(): void {
    const port = supervisor.openPort();
    if (port === null) return;
    port.start();
    own.connect(port);
  }
  function handOver(page: WebContents): void {
    const port = supervisor.openPort();
    if (port === null) return;
    try {
      page.postMessage('pixcrawler:port', null, [port]);
    } catch {
      // Its process is gone, and the port with it. The page asks for another when it is loaded again.
    }
  }
  function follow(state: CoreState): void {
    if (state === 'starting') connectOwn();
    else if (state !== 'running') own.disconnect();
    for (const page of pages) {
      if (page.isDestroyed()) continue;
      if (state === 'starting') handOver(page);
      else if (state !== 'running') page.send('pixcrawler:core-gone', null);
    }
  }
  supervisor.onState(follow);
  return {
    client: own.client,
    connect(page) {
      if (!pages.has(page)) {
        pages.add(page);
        page.once('destroyed', () => pages.delete(page));
      }
      handOver(page);
    },
  };
}
