import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, test } from 'node:test';
import type { App, Session, WebContents } from 'electron';
import fc from 'fast-check';
import { createLinkOpener, secureApp, secureSession, webAddress } from './security.ts';

/** Every permission that the pinned version names, read from its own declarations. */
const DECLARATIONS = readFileSync(new URL('../node_modules/electron/electron.d.ts', import.meta.url), 'utf8');
const PERMISSIONS = (
  /setPermissionCheckHandler\(handler: \(\(webContents: [^,]*, permission: ([^,]*),/.exec(DECLARATIONS)?.[1] ?? ''
)
  .split(' | ')
  .map((each) => each.replaceAll("'", ''));

let logged: string[];
const log = (message: string): void => void logged.push(message);
beforeEach(() => {
  logged = [];
});

interface Preventable {
  isPrevented: boolean;
  preventDefault(): void;
}

function preventable<T extends object>(more: T): T & Preventable {
  const event = {
    ...more,
    isPrevented: false,
    preventDefault() {
      event.isPrevented = true;
    },
  };
  return event;
}

class FakeApp extends EventEmitter {
  isSandboxed = false;
  enableSandbox(): void {
    this.isSandboxed = true;
  }
}

class FakeContents extends EventEmitter {
  openWindow: (details: { url: string }) => unknown = () => undefined;
  setWindowOpenHandler(handler: typeof this.openWindow): void {
    this.openWindow = handler;
  }
}

function confined(): { app: FakeApp; contents: FakeContents; opened: string[] } {
  const app = new FakeApp();
  const contents = new FakeContents();
  const opened: string[] = [];
  secureApp(app as unknown as App, { openLink: (address) => opened.push(address), log });
  app.emit('web-contents-created', {}, contents as unknown as WebContents);
  return { app, contents, opened };
}

test('every page is in the sandbox, whatever its window says', () => {
  assert.ok(confined().app.isSandboxed);
});

test('a page goes to places of the interface and nowhere else', () => {
  const { contents } = confined();
  const goes = (name: string, url: string, isMainFrame = true): boolean => {
    const event = preventable({ url, isMainFrame });
    contents.emit(name, event);
    return !event.isPrevented;
  };
  const outside = [
    'https://example.org/',
    'http://127.0.0.1/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,x',
    'about:blank',
    'pix://app.evil/',
    'pix://app/media/image/x',
    'chrome://settings',
    'view-source:pix://app/',
  ];
  for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect']) {
    assert.ok(goes(name, 'pix://app/jobs/3'), name);
    for (const url of outside) assert.ok(!goes(name, url), `${name} ${url}`);
  }
  for (const name of ['will-frame-navigate', 'will-redirect']) {
    assert.ok(!goes(name, 'pix://app/', false), `${name}: there are no frames within the page`);
  }
  assert.equal(logged.length, 3 * outside.length + 2);
});

test('no page opens a window; its links are handed on', () => {
  const { contents, opened } = confined();
  assert.deepEqual(contents.openWindow({ url: 'https://example.org/' }), { action: 'deny' });
  assert.deepEqual(opened, ['https://example.org/']);
});

test('no webview is attached, no device chosen, no certificate accepted or given', () => {
  const { app, contents } = confined();
  const webview = preventable({});
  contents.emit('will-attach-webview', webview, {}, {});
  assert.ok(webview.isPrevented);
  const bluetooth = preventable({});
  contents.emit('select-bluetooth-device', bluetooth, [{ deviceId: '1' }], (id: string) => assert.equal(id, ''));
  assert.ok(bluetooth.isPrevented);
  const certificate = preventable({});
  let isAccepted: boolean | undefined;
  app.emit('certificate-error', certificate, contents, 'https://x/', 'net::ERR_CERT', {}, (accepted: boolean) => {
    isAccepted = accepted;
  });
  assert.ok(certificate.isPrevented);
  assert.equal(isAccepted, false);
  const client = preventable({});
  let given: unknown[] = [];
  app.emit('select-client-certificate', client, contents, 'https://x/', [{}], (...args: unknown[]) => {
    given = args;
  });
  assert.ok(client.isPrevented);
  assert.deepEqual(given, []);
});

test('links of the web go to the browser, in their canonical spelling; others are refused and logged', () => {
  const opened: string[] = [];
  const openLink = createLinkOpener({ openExternal: async (address) => void opened.push(address) }, log);
  openLink('https://EXAMPLE.org/a b?c#d');
  openLink('http://example.org');
  assert.deepEqual(opened, ['https://example.org/a%20b?c#d', 'http://example.org/']);
  const refused = [
    'file:///etc/passwd',
    'smb://host/share',
    'javascript:alert(1)',
    'data:text/html,x',
    'mailto:a@b.example',
    'ms-msdt:/id PCWDiagnostic',
    'pixcrawler://open',
    'pix://app/',
    'https://user:password@example.org/',
    'https://user@example.org/',
    `https://example.org/${'a'.repeat(3000)}`,
    '//example.org',
    '\\\\host\\share',
    'https://',
    '',
  ];
  for (const address of refused) openLink(address);
  assert.equal(opened.length, 2);
  assert.equal(logged.length, refused.length);
  assert.ok(logged.every((message) => message.length < 300));
});

test('a browser that cannot be started is logged, not thrown', async () => {
  createLinkOpener({ openExternal: () => Promise.reject(new Error('no browser')) }, log)('https://example.org/');
  await new Promise((resolve) => setImmediate(resolve));
  assert.match(logged[0] ?? '', /no browser/);
});

test('whatever the text, what is opened is an address of the web', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.webUrl(),
        fc.webUrl().map((url) => ` ${url}\n`),
      ),
      (text) => {
        const address = webAddress(text);
        if (address === null) return;
        const { protocol, username, password } = new URL(address);
        assert.match(protocol, /^https?:$/);
        assert.equal(username + password, '');
      },
    ),
    { numRuns: 1000 },
  );
});

type Handlers = Record<string, ((...args: never[]) => unknown) | undefined>;

function secured(): { session: EventEmitter; handlers: Handlers; isSpelling: boolean | undefined } {
  const handlers: Handlers = {};
  const result = { session: new EventEmitter(), handlers, isSpelling: undefined as boolean | undefined };
  const setters = [
    'setPermissionRequestHandler',
    'setPermissionCheckHandler',
    'setDevicePermissionHandler',
    'setBluetoothPairingHandler',
    'setDisplayMediaRequestHandler',
  ];
  for (const name of setters) {
    Object.assign(result.session, {
      [name]: (handler: (...args: never[]) => unknown) => {
        handlers[name] = handler;
      },
    });
  }
  Object.assign(result.session, {
    setSpellCheckerEnabled: (isEnabled: boolean) => {
      result.isSpelling = isEnabled;
    },
    webRequest: {
      onBeforeRequest: (handler: (...args: never[]) => unknown) => {
        handlers.onBeforeRequest = handler;
      },
    },
  });
  secureSession(result.session as unknown as Session, { log });
  return result;
}

test('of all permissions the page has one: to write text to the clipboard', () => {
  const { handlers } = secured();
  assert.ok(PERMISSIONS.length > 30, 'the permissions were not found in the declarations');
  const request = handlers.setPermissionRequestHandler as (...args: unknown[]) => void;
  const check = handlers.setPermissionCheckHandler as (...args: unknown[]) => boolean;
  const asked = (permission: string, requestingUrl: string, isMainFrame: boolean): boolean => {
    let isGranted = false;
    request({}, permission, (granted: boolean) => (isGranted = granted), { requestingUrl, isMainFrame });
    return isGranted;
  };
  const granted = PERMISSIONS.filter((each) => asked(each, 'pix://app/jobs', true));
  const checked = PERMISSIONS.filter((each) => check({}, each, 'pix://app/', { isMainFrame: true }));
  assert.deepEqual(granted, ['clipboard-sanitized-write']);
  assert.deepEqual(checked, ['clipboard-sanitized-write']);
  for (const origin of ['https://app', 'pix://app.evil', 'pix://evil', 'null', '', 'file://']) {
    assert.ok(!asked('clipboard-sanitized-write', `${origin}/`, true), origin);
    assert.ok(!check(null, 'clipboard-sanitized-write', origin, { isMainFrame: true }), origin);
  }
  assert.ok(!asked('clipboard-sanitized-write', 'pix://app/', false));
  assert.ok(!check({}, 'clipboard-sanitized-write', 'pix://app', { isMainFrame: false }));
});

test('no device is given, paired or chosen, and no screen shared', () => {
  const { session, handlers } = secured();
  assert.equal((handlers.setDevicePermissionHandler as () => boolean)(), false);
  const answers: unknown[] = [];
  const take = (answer?: unknown) => answers.push(answer);
  (handlers.setBluetoothPairingHandler as (...args: unknown[]) => void)({}, take);
  (handlers.setDisplayMediaRequestHandler as (...args: unknown[]) => void)({}, take);
  const events = ['select-hid-device', 'select-serial-port', 'select-usb-device'].map((name) => {
    const event = preventable({});
    session.emit(name, event, ...(name === 'select-serial-port' ? [[{ portId: '1' }], {}] : [{}]), take);
    return event;
  });
  assert.ok(events.every(({ isPrevented }) => isPrevented));
  assert.deepEqual(answers, [{ confirmed: false }, null, null, '', undefined]);
});

test('nothing is downloaded', () => {
  const { session } = secured();
  const event = preventable({});
  session.emit('will-download', event, { getURL: () => 'pix://app/media/image/x' });
  assert.ok(event.isPrevented);
  assert.equal(logged.length, 1);
});

test('words that are typed are sent nowhere', () => {
  assert.equal(secured().isSpelling, false);
});

test('nothing in the window asks a network or a disk', () => {
  const ask = secured().handlers.onBeforeRequest as unknown as (
    details: { url: string },
    answer: (response: { cancel: boolean }) => void,
  ) => void;
  const isCancelled = (url: string): boolean | undefined => {
    let isRefused: boolean | undefined;
    ask({ url }, ({ cancel }) => {
      isRefused = cancel;
    });
    return isRefused;
  };
  for (const url of ['pix://app/', 'pix://app/media/thumb/x', 'blob:pix://app/1', 'data:image/png,x']) {
    assert.equal(isCancelled(url), false, url);
  }
  for (const url of [
    'http://x/',
    'https://x/',
    'ws://x/',
    'wss://x/',
    'ftp://x/',
    'file:///x',
    'chrome://x',
    'nonsense',
  ]) {
    assert.equal(isCancelled(url), true, url);
  }
});

test('what reaches out of a window is in few files, and nothing remote or unsafe in any', () => {
  const folder = new URL('./', import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => ({ name: name.replaceAll('\\', '/'), text: readFileSync(new URL(name, folder), 'utf8') }));
  const holding = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ name }) => name);
  assert.deepEqual(holding(/new BrowserWindow\(/), ['window.ts']);
  assert.deepEqual(holding(/ipcMain\.(on|handle|once)\(/), ['ipc.ts']);
  assert.deepEqual(holding(/shell\.openExternal\(/), ['security.ts']);
  assert.deepEqual(holding(/protocol\.(handle|register|intercept)/).sort(), ['main.ts', 'protocol.ts']);
  const never =
    /@electron\/remote|enableRemoteModule|<webview|webSecurity: false|nodeIntegration: true|contextIsolation: false|sandbox: false|bypassCSP: true|loadFile\(|file:\/\/|enableBlinkFeatures|experimentalFeatures: true|allowRunningInsecureContent: true|executeJavaScript/;
  assert.deepEqual(holding(never), []);
});
