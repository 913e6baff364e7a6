/** Runs before the page, in its sandbox: the one bridge between the interface and main. Only plain data passes. */

import { contextBridge, type IpcRendererEvent, ipcRenderer, webUtils } from 'electron';
import type { DesktopBridge } from '../../shared/host-bridge.ts';
import type { Answer, News, Questions, Tidings } from '../channels.ts';

/** @throws the error as data, since what passes to the page of an Error is its message alone */
async function ask<C extends keyof Questions>(
  channel: C,
  input: Questions[C]['input'],
): Promise<Questions[C]['output']> {
  const answer = (await ipcRenderer.invoke(channel, input)) as Answer<Questions[C]['output']>;
  if (answer.error !== undefined) throw answer.error;
  return answer.output;
}

function tell<C extends keyof Tidings>(channel: C, tiding: Tidings[C]): void {
  ipcRenderer.send(channel, tiding);
}

/**
 * News for listeners of the page. What comes before the first of them listens is kept.
 * @param keeps whether each piece counts, or the last alone
 */
function news<C extends keyof News>(
  channel: C,
  keeps: 'all' | 'last',
): (listener: (news: News[C]) => void) => () => void {
  const listeners = new Set<(news: News[C]) => void>();
  let kept: News[C][] = [];
  ipcRenderer.on(channel, (_event, piece: News[C]) => {
    if (listeners.size === 0) kept = keeps === 'all' ? [...kept, piece] : [piece];
    for (const listener of listeners) listener(piece);
  });
  return (listener) => {
    listeners.add(listener);
    for (const piece of kept.splice(0)) listener(piece);
    return () => void listeners.delete(listener);
  };
}

const bridge: DesktopBridge<File> = {
  platform: process.platform as DesktopBridge<File>['platform'],
  pathOf: (file) => webUtils.getPathForFile(file),
  choose: (purpose) => ask('pixcrawler:choose', { purpose }),
  showInFolder: (shown) => ask('pixcrawler:show-in-folder', shown),
  startDrag: (request) => {
    tell('pixcrawler:start-drag', request);
    // The page hears no more of the pointer once the system has the drag; if it does, the system has not.
    const released = () => tell('pixcrawler:drag-released', null);
    window.addEventListener('pointerup', released, { once: true, capture: true });
  },
  cancelDrag: (key) => tell('pixcrawler:cancel-drag', { key }),
  copyOut: (request) => ask('pixcrawler:copy-out', request),
  installUpdate: () => ask('pixcrawler:install-update', null),
  onDrag: news('pixcrawler:drag', 'all'),
  onNavigate: news('pixcrawler:navigate', 'last'),
  onOpened: news('pixcrawler:opened', 'all'),
  onState: news('pixcrawler:state', 'last'),
};

/** Hands what concerns the core to the page itself, once its scripts have run: a port cannot pass through the bridge. */
function forward(channel: 'pixcrawler:port' | 'pixcrawler:core-gone'): void {
  ipcRenderer.on(channel, async (event: IpcRendererEvent) => {
    await isLoaded;
    window.postMessage(channel, window.location.origin, event.ports);
  });
}

const isLoaded = new Promise<void>((resolve) => {
  if (document.readyState !== 'loading') resolve();
  else document.addEventListener('DOMContentLoaded', () => resolve(), { once: true });
});

contextBridge.exposeInMainWorld('pixcrawler', Object.freeze(bridge));
forward('pixcrawler:port');
forward('pixcrawler:core-gone');
tell('pixcrawler:connect', null);
