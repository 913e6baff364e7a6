/**
 * A page: its preload in an isolated world, and a main world that has no scripts but what a test runs in it. Both share
 * what happens to the window.
 */

import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import type Electron from 'electron';
import type * as Renderer from 'electron/renderer';
import { configuration } from './configuration.ts';
import { bridged, deeplyFrozen } from './context-bridge.ts';
import { declared } from './declared.ts';
import { DomPort, endIdOf } from './dom-port.ts';
import { answer, hear, type Sender } from './ipc.ts';
import type { EndId } from './port-end.ts';
import { createChannel, takeOver } from './port-router.ts';
import { recorded } from './recorded.ts';

/** A message for the main world, where a test listens in its place. */
export interface WindowMessage {
  readonly data: unknown;
  readonly ends: readonly EndId[];
}

/** Where files of the page lie, as the system would tell the page's process. */
const paths = new WeakMap<File, string>();

/** A file as it comes from a drop or a chooser. */
export function fileAt(path: string, bytes: string | Uint8Array<ArrayBuffer> = ''): File {
  const file = new File([bytes], path.split(/[\\/]/).at(-1) ?? '');
  paths.set(file, path);
  return file;
}

const SHARED = {
  AbortController,
  AbortSignal,
  Blob,
  Event,
  EventTarget,
  File,
  Headers,
  Request,
  Response,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  clearInterval,
  clearTimeout,
  console,
  queueMicrotask,
  setInterval,
  setTimeout,
  structuredClone,
};

export class Page {
  readonly #sender: () => Sender;
  readonly #happenings = new EventTarget();
  readonly #documentHappenings = new EventTarget();
  readonly #renderer = new EventEmitter();
  readonly #main: Record<string, unknown>;
  /** Listeners for messages in the main world. */
  #listeners = 0;
  #unheard: WindowMessage[] = [];
  #stand: ((message: WindowMessage) => void) | null = null;
  #readyState: 'loading' | 'complete' = 'loading';

  /** @param sender who speaks when this page does */
  constructor(url: string, preloadPath: string | undefined, sender: () => Sender) {
    this.#sender = sender;
    const place = new URL(url);
    this.#main = this.#world(place, true);
    if (preloadPath === undefined) return;
    const isolated = this.#world(place, false);
    const required = this.#electron();
    const requireInSandbox = (name: string): unknown => {
      if (name === 'electron' || name === 'electron/renderer') return required;
      if (name === 'events' || name === 'node:events') return { EventEmitter };
      throw new Error(`module not found: ${name}`);
    };
    Object.assign(isolated, {
      require: requireInSandbox,
      process: {
        type: 'renderer',
        platform: process.platform,
        sandboxed: true,
        contextIsolated: true,
        versions: { electron: '0' },
      },
      module: { exports: {} },
      exports: {},
    });
    runInContext(readFileSync(preloadPath, 'utf8'), isolated, { filename: preloadPath });
  }

  /** The scripts of the page would have run now. */
  finishLoading(): void {
    this.#readyState = 'complete';
    this.#documentHappenings.dispatchEvent(new Event('DOMContentLoaded'));
    this.#happenings.dispatchEvent(new Event('DOMContentLoaded'));
    this.#happenings.dispatchEvent(new Event('load'));
  }

  unload(): void {
    this.#happenings.dispatchEvent(new Event('pagehide'));
    this.#stand = null;
  }

  /** Main has said something. */
  tell(channel: string, parameters: readonly unknown[], ends: readonly EndId[]): void {
    const ports = ends.map((id) => new DomPort(takeOver(id), takeOver));
    setImmediate(() => this.#renderer.emit(channel, { sender: this.#renderer, ports }, ...parameters));
  }

  /** Runs a function's source in the main world. */
  run(source: string, parameter: unknown): unknown {
    Object.assign(this.#main, { __parameter: parameter });
    return runInContext(`(${source})(window, __parameter)`, this.#main as ReturnType<typeof createContext>);
  }

  /** Messages that nobody in the main world listens for go here, those that came before first. */
  standIn(listener: (message: WindowMessage) => void): void {
    this.#stand = listener;
    for (const message of this.#unheard.splice(0)) listener(message);
  }

  #electron(): Partial<Record<keyof typeof Renderer, object>> {
    const renderer = this.#renderer;
    const say = (channel: string, parameters: readonly unknown[], transfer: readonly unknown[] = []) => {
      const copy = structuredClone(parameters) as unknown[];
      const ends = transfer.map(endIdOf);
      for (const id of ends) takeOver(id);
      setImmediate(() => hear(this.#sender(), channel, copy, ends));
    };
    const ipcRenderer = Object.assign(renderer, {
      send: (channel: string, ...parameters: unknown[]): void => say(channel, parameters),
      postMessage: (channel: string, message: unknown, transfer?: MessagePort[]): void =>
        say(channel, [message], transfer),
      invoke: async (channel: string, ...parameters: unknown[]): Promise<unknown> => {
        const copy = structuredClone(parameters) as unknown[];
        return answer(this.#sender(), channel, copy);
      },
    } satisfies Partial<Electron.IpcRenderer>);
    const contextBridge = {
      exposeInMainWorld: (name: string, api: unknown): void => {
        if (name in this.#main)
          throw new Error(`Cannot bind an API on top of an existing property on the window object`);
        const value = deeplyFrozen(bridged(api));
        Object.defineProperty(this.#main, name, { value, enumerable: true });
      },
    } satisfies Partial<Electron.ContextBridge>;
    const webUtils = {
      getPathForFile: (file: File): string => paths.get(file) ?? '',
    } satisfies Partial<Electron.WebUtils>;
    const webFrame = { setVisualZoomLevelLimits: (): void => undefined } satisfies Partial<Electron.WebFrame>;
    return { contextBridge, ipcRenderer, webUtils, webFrame };
  }

  #world(place: URL, isMain: boolean): Record<string, unknown> & ReturnType<typeof createContext> {
    const counted = (event: string, by: number): void => {
      if (isMain && event === 'message') this.#listeners += by;
    };
    const wrapped = new Map<EventListener, EventListener>();
    const page = this;
    const world: Record<string, unknown> = {
      ...SHARED,
      location: {
        href: place.href,
        origin: originOf(place),
        protocol: place.protocol,
        host: place.host,
        pathname: place.pathname,
      },
      origin: originOf(place),
      navigator: {
        userAgent: 'Chrome Electron',
        onLine: recorded.isOnline,
        language: configuration.machine.locale,
      },
      document: {
        get readyState() {
          return page.#readyState;
        },
        visibilityState: 'visible',
        addEventListener: this.#documentHappenings.addEventListener.bind(this.#documentHappenings),
        removeEventListener: this.#documentHappenings.removeEventListener.bind(this.#documentHappenings),
      },
      addEventListener: (event: string, listener: EventListener, options?: AddEventListenerOptions) => {
        counted(event, 1);
        // Each world sees itself as the source of what is posted in its window.
        const heard = (given: Event) => listener(event === 'message' ? seenIn(world, given) : given);
        wrapped.set(listener, heard);
        this.#happenings.addEventListener(event, heard, options);
      },
      removeEventListener: (event: string, listener: EventListener) => {
        const heard = wrapped.get(listener);
        if (heard === undefined) return;
        counted(event, -1);
        this.#happenings.removeEventListener(event, heard);
      },
      dispatchEvent: (event: Event) => this.#happenings.dispatchEvent(event),
      postMessage: (data: unknown, target?: string | { transfer?: unknown[] }, transfer?: unknown[]) => {
        const given = typeof target === 'object' ? (target.transfer ?? []) : (transfer ?? []);
        this.#post(structuredClone(data), given.map(endIdOf), originOf(place));
      },
      MessageChannel: class {
        readonly port1: DomPort;
        readonly port2: DomPort;
        constructor() {
          const [first, second] = createChannel();
          this.port1 = new DomPort(first, takeOver);
          this.port2 = new DomPort(second, takeOver);
        }
      },
    };
    for (const name of ['window', 'self', 'globalThis'] as const) world[name] = world;
    // Node's own `require` is not in a context: neither world has Node, but through the preload's sandbox.
    return createContext(world) as typeof world & ReturnType<typeof createContext>;
  }

  #post(data: unknown, ends: readonly EndId[], origin: string): void {
    for (const id of ends) takeOver(id);
    setImmediate(() => {
      const isHeard = this.#listeners > 0;
      const ports = isHeard ? ends.map((id) => new DomPort(takeOver(id), takeOver)) : [];
      this.#happenings.dispatchEvent(Object.assign(new Event('message'), { data, ports, origin }));
      if (isHeard) return;
      if (this.#stand === null) this.#unheard.push({ data, ends });
      else this.#stand({ data, ends });
    });
  }
}

function seenIn(world: object, event: Event): Event {
  const { data, ports, origin } = event as MessageEvent;
  return Object.assign(new Event('message'), { data, ports, origin, source: world });
}

/** Custom schemes that are standard have an origin, which `URL` of Node does not know. */
function originOf(place: URL): string {
  const isStandard = recorded.privilegedSchemes.some(
    ({ scheme, privileges }) => `${scheme}:` === place.protocol && privileges?.standard === true,
  );
  return isStandard ? `${place.protocol}//${place.host}` : place.origin;
}

/** A frame of a page, as main sees it. */
export function frameOf(url: string, parent: Electron.WebFrameMain | null): Electron.WebFrameMain {
  const frame: Partial<Electron.WebFrameMain> = {
    url,
    origin: originOf(new URL(url)),
    parent,
    routingId: 1,
    processId: 1,
    frameTreeNodeId: parent === null ? 1 : 2,
    detached: false,
    isDestroyed: () => false,
  };
  const whole = declared<Electron.WebFrameMain>(frame);
  Object.defineProperty(frame, 'top', { get: () => parent?.top ?? whole });
  return whole;
}
