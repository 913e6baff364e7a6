/** Notes when the steps of a start were reached, as marks of `performance`: `npm run bench:startup` reads them. */

import type { App } from 'electron';
import type { CoreSupervisor } from './core-supervisor.ts';

/** In the order in which they are reached, but for the core, which opens beside the window. */
export type StartMark = 'evaluated' | 'window' | 'core' | 'painted';

/** Only the first time counts. */
export function markStart(name: StartMark): void {
  const mark = `pixcrawler:${name}`;
  if (performance.getEntriesByName(mark).length === 0) performance.mark(mark);
}

/** To be called before the first window is made. */
export function watchStart(app: Pick<App, 'once'>, supervisor: Pick<CoreSupervisor, 'onState'>): void {
  app.once('browser-window-created', (_event, window) => {
    markStart('window');
    window.once('ready-to-show', () => markStart('painted'));
  });
  const unwatch = supervisor.onState((state) => {
    if (state !== 'running') return;
    markStart('core');
    unwatch();
  });
}
