/** protocol, session and net: who answers which scheme, and what pages may. */

import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type Electron from 'electron';
import { app } from './app.ts';
import { declared } from './declared.ts';
import { recorded } from './recorded.ts';

type Handler = Parameters<Electron.Protocol['handle']>[1];
type HeadersListener = (
  details: Electron.OnHeadersReceivedListenerDetails,
  callback: (response: Electron.HeadersReceivedResponse) => void,
) => void;
type RequestListener = (
  details: Electron.OnBeforeRequestListenerDetails,
  callback: (response: Electron.CallbackResponse) => void,
) => void;

const handlers = new Map<string, Handler>();
const listeners: { headers: HeadersListener | null; request: RequestListener | null } = {
  headers: null,
  request: null,
};

export const protocol = {
  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void {
    if (app.isReady()) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    recorded.privilegedSchemes.push(...schemes);
  },
  handle(scheme: string, handler: Handler): void {
    if (!app.isReady()) throw new Error('Session can only be received when app is ready');
    if (handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
    handlers.set(scheme, handler);
  },
  unhandle(scheme: string): void {
    handlers.delete(scheme);
  },
  isProtocolHandled: (scheme: string): boolean => handlers.has(scheme),
};

/** Both forms: with a filter of addresses, of which the fake knows none, and without. */
function lastOf<Listener>(given: readonly unknown[]): Listener | null {
  return (given.at(-1) ?? null) as Listener | null;
}

export const webRequest = {
  onHeadersReceived(...given: [Electron.WebRequestFilter, HeadersListener | null] | [HeadersListener | null]): void {
    listeners.headers = lastOf(given);
  },
  onBeforeRequest(...given: [Electron.WebRequestFilter, RequestListener | null] | [RequestListener | null]): void {
    listeners.request = lastOf(given);
  },
};

/** What a page gets when it asks for an address: from the handler of its scheme, past those who listen. */
export async function ask(request: Request): Promise<Response> {
  const { url, method } = request;
  const isBlocked = await new Promise<boolean>((resolve) => {
    const details = { url, method, resourceType: 'mainFrame' } as Partial<Electron.OnBeforeRequestListenerDetails>;
    if (listeners.request === null) resolve(false);
    else listeners.request(declared(details), ({ cancel }) => resolve(cancel === true));
  });
  if (isBlocked) throw new Error('ERR_BLOCKED_BY_CLIENT');
  const handler = handlers.get(new URL(url).protocol.slice(0, -1));
  if (handler === undefined) throw new Error('ERR_UNKNOWN_URL_SCHEME');
  const response = await handler(request);
  const { headers: listener } = listeners;
  if (listener === null) return response;
  const responseHeaders = Object.fromEntries([...response.headers].map(([name, value]) => [name, [value]]));
  const details: Partial<Electron.OnHeadersReceivedListenerDetails> = { url, method, responseHeaders };
  const changed = await new Promise<Electron.HeadersReceivedResponse>((resolve) =>
    listener(declared(details), resolve),
  );
  const headers = new Headers();
  for (const [name, values] of Object.entries(changed.responseHeaders ?? responseHeaders)) {
    for (const value of [values].flat()) headers.append(name, value);
  }
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

class Session extends EventEmitter {
  readonly protocol = declared<Electron.Protocol>(protocol);
  readonly webRequest = declared<Electron.WebRequest>(webRequest);

  setPermissionRequestHandler(handler: Parameters<Electron.Session['setPermissionRequestHandler']>[0]): void {
    recorded.permissions.request = handler;
  }

  setPermissionCheckHandler(handler: Parameters<Electron.Session['setPermissionCheckHandler']>[0]): void {
    recorded.permissions.check = handler;
  }

  setDevicePermissionHandler(handler: Parameters<Electron.Session['setDevicePermissionHandler']>[0]): void {
    recorded.permissions.device = handler;
  }

  setBluetoothPairingHandler(_handler: Parameters<Electron.Session['setBluetoothPairingHandler']>[0]): void {}

  setDisplayMediaRequestHandler(_handler: Parameters<Electron.Session['setDisplayMediaRequestHandler']>[0]): void {}

  setSpellCheckerEnabled(_enable: boolean): void {}

  setSpellCheckerLanguages(_languages: string[]): void {}
}

export const defaultSession = new Session();

export const session = {
  get defaultSession(): Electron.Session {
    if (!app.isReady()) throw new Error('Session can only be received when app is ready');
    return declared(defaultSession);
  },
};

export const net = {
  get online(): boolean {
    return recorded.isOnline;
  },
  isOnline: (): boolean => recorded.isOnline,
  /** Files and schemes of the program alone: nothing of the program asks the network from main. */
  async fetch(input: string | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    if (!request.url.startsWith('file:')) return ask(request);
    return new Response(await readFile(fileURLToPath(request.url)));
  },
};

export type { Session };
