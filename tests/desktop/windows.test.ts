/** The window, its protocol, its bridge and its menus, in the built desktop on the fake Electron. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type * as Electron from 'electron';
import { createPortClient } from '../../sdk/port-client.ts';
import type { DesktopBridge } from '../../shared/host-bridge.ts';
import { until } from '../e2e/command-line.ts';
import { draw, encode } from '../web/draw.ts';
import { type Desktop, type DesktopOptions, startDesktopFor, type TestPage } from './harness.ts';

let root: string;
let count = 0;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'pixcrawler-windows-'));
});
after(() => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

function freshDirectory(): string {
  count += 1;
  return join(root, `data-${count}`);
}

async function start(context: TestContext, machine: DesktopOptions['machine'] = {}): Promise<Desktop> {
  return startDesktopFor(context, { dataDirectory: freshDirectory(), machine });
}

/** The page of the window, loaded: it has said that it listens. */
async function loadedPage(desktop: Desktop): Promise<TestPage> {
  const page = await desktop.page();
  await page.port();
  return page;
}

type BridgedWindow = Window & { readonly pixcrawler: DesktopBridge<File>; heard: unknown[] };

test('the window is hidden until there is something to see, and its page is shut in', async (context) => {
  const desktop = await start(context);
  const { options, isVisible, url } = await desktop.until(({ recorded }) => {
    const [entry] = recorded.windows;
    return entry?.window.isVisible() === true
      ? { options: entry.options, isVisible: entry.window.isVisible(), url: entry.window.webContents.getURL() }
      : null;
  });
  const { webPreferences, show, title, minWidth, minHeight, backgroundColor } = options;
  assert.deepEqual(
    { show, title, minWidth, minHeight, backgroundColor },
    { show: false, title: 'PixCrawler', minWidth: 720, minHeight: 480, backgroundColor: '#f4f4f4' },
  );
  assert.ok(isVisible);
  assert.equal(url, 'pix://app/');
  assert.match(String(options.icon), /512x512\.png$/);
  const { preload, ...switches } = webPreferences ?? {};
  assert.match(preload ?? '', /preload\.cjs$/);
  assert.deepEqual(switches, {
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    plugins: false,
    navigateOnDragDrop: false,
    disableBlinkFeatures: 'Auxclick',
    devTools: false,
    spellcheck: false,
  });
  assert.ok(await desktop.evaluate(({ recorded }) => recorded.isSandboxEnabled));
});

test('tools for developers are there while the program is not packaged', async (context) => {
  const desktop = await start(context, { isPackaged: false });
  const devTools = await desktop.until(({ recorded }) => recorded.windows[0]?.options.webPreferences?.devTools);
  assert.equal(devTools, true);
});

test('a page gets nothing that it should not have', async (context) => {
  const desktop = await start(context);
  await loadedPage(desktop);
  const outcome = await desktop.evaluate(async ({ acts }) => ({
    navigations: ['https://example.org/', 'file:///etc/passwd', 'pix://evil/'].map((url) => acts.navigate(url)),
    redirect: acts.navigate('https://example.org/', 'will-redirect'),
    frame: acts.navigate('https://example.org/', 'will-frame-navigate'),
    within: acts.navigate('pix://app/jobs'),
    windows: ['https://example.org/a', 'file:///etc/passwd', 'javascript:alert(1)'].map((url) => acts.openWindow(url)),
    webview: acts.attachWebview(),
    clipboard: await acts.mayHave('clipboard-sanitized-write'),
    others: await Promise.all(
      (['notifications', 'media', 'geolocation', 'fileSystem', 'usb'] as const).map(acts.mayHave),
    ),
  }));
  assert.deepEqual(outcome, {
    navigations: [false, false, false],
    redirect: false,
    frame: false,
    within: true,
    windows: [false, false, false],
    webview: false,
    clipboard: true,
    others: [false, false, false, false, false],
  });
  const externals = await desktop.evaluate(({ recorded }) => recorded.opened.externals);
  assert.deepEqual(externals, ['https://example.org/a'], 'only a link of the web goes to the browser');
});

test('main hears the main frame of its page alone', async (context) => {
  const desktop = await start(context);
  await loadedPage(desktop);
  const codes = await desktop.evaluate(async ({ acts }) => {
    const strangers = ['https://example.org/', 'pix://evil/', 'file:///etc/passwd'];
    const ask = async (url: string) => acts.speakFrom(url, 'invoke', 'pixcrawler:show-in-folder', { kind: 'library' });
    return (await Promise.allSettled(strangers.map(ask))).map((answer) =>
      answer.status === 'rejected' ? 'unanswered' : (answer.value as { error?: { code: string } }).error?.code,
    );
  });
  for (const code of codes) assert.ok(code === 'forbidden' || code === 'unanswered', code);
  assert.deepEqual(await desktop.evaluate(({ recorded }) => recorded.opened.shown), []);
});

test('the page has one bridge, frozen, with the fewest functions and no Node', async (context) => {
  const desktop = await start(context);
  const page = await loadedPage(desktop);
  const found = await page.evaluate((window) => {
    const bridge = (window as unknown as BridgedWindow).pixcrawler;
    const all = window as unknown as Record<string, unknown>;
    return {
      names: Object.keys(bridge).sort(),
      isFrozen: Object.isFrozen(bridge),
      others: ['require', 'process', 'module', 'Buffer', 'electron', 'ipcRenderer'].filter((name) => name in all),
    };
  });
  assert.deepEqual(found, {
    names: [
      'cancelDrag',
      'choose',
      'copyOut',
      'installUpdate',
      'onDrag',
      'onNavigate',
      'onOpened',
      'onState',
      'pathOf',
      'platform',
      'showInFolder',
      'startDrag',
    ],
    isFrozen: true,
    others: [],
  });
});

test('a file tells where it lies; one that a script made lies nowhere', async (context) => {
  const page = await loadedPage(await start(context));
  const paths = await page.evaluate((window, { fileAt }) => {
    const { pathOf } = (window as unknown as BridgedWindow).pixcrawler;
    return [pathOf(fileAt('/home/me/cats/a.jpg')), pathOf(new File([], 'b.jpg'))];
  });
  assert.deepEqual(paths, ['/home/me/cats/a.jpg', '']);
});

test('a place that is asked for is told to the page, also to one that does not listen yet', async (context) => {
  const desktop = await start(context);
  const page = await loadedPage(desktop);
  const choose = (id: string) =>
    desktop.evaluate(({ electron, acts }, name) => acts.choose(electron.Menu.getApplicationMenu(), 'File', name), id);
  await choose('jobs');
  await choose('settings');
  // The page listens when its scripts run: the last place is where it goes.
  const listen = () =>
    page.evaluate((window) => {
      const own = window as unknown as BridgedWindow;
      own.heard ??= [];
      own.pixcrawler.onNavigate((path) => own.heard.push(path));
    });
  const heard = () => page.evaluate((window) => (window as unknown as BridgedWindow).heard);
  await desktop.until(() => new Promise((resolve) => setTimeout(() => resolve(true), 100)));
  await listen();
  assert.deepEqual(await heard(), ['/settings']);
  await choose('library');
  await until(async () => (await heard()).length === 2, 'the next place');
  assert.deepEqual(await heard(), ['/settings', '/']);
});

test('pages, files and images come by the protocol, and nothing else', async (context) => {
  const desktop = await start(context);
  const page = await desktop.page();
  const { client, connect } = createPortClient();
  const port = await page.port();
  connect(port);
  if ('start' in port) (port as MessagePort).start();
  const picture = await encode(draw(7, 320, 200), 'jpeg');
  const path = join(root, 'picture.jpg');
  await writeFile(path, picture.bytes);
  const { id: datasetId } = await client.datasets.create({ name: 'One' });
  await client.imports.start({ datasetId, paths: [path], labelsFrom: 'none' });
  let sha256 = '';
  await until(async () => {
    sha256 = (await client.samples.list({ datasetId, limit: 1 })).items[0]?.sha256 ?? '';
    return sha256 !== '';
  }, 'the picture');
  const ask = (url: string, method = 'GET', headers: Record<string, string> = {}) =>
    desktop.evaluate(
      async ({ acts }, given) => {
        const { status, headers, body } = await acts.request(given.url, given);
        return { status, headers, body };
      },
      { url, method, headers },
    );
  const image = await ask(`pix://app/media/image/${sha256}`);
  assert.equal(image.status, 200);
  assert.equal(image.headers['content-type'], 'image/jpeg');
  assert.ok(Buffer.from(image.body).equals(picture.bytes), 'the bytes that were imported');
  const head = await ask(`pix://app/media/image/${sha256}`, 'HEAD');
  assert.deepEqual(
    [head.status, head.body.length, head.headers['content-length']],
    [200, 0, String(picture.bytes.length)],
  );
  const range = await ask(`pix://app/media/image/${sha256}`, 'GET', { range: 'bytes=10-19' });
  assert.deepEqual([range.status, range.body.length], [206, 10]);
  assert.equal(range.headers['content-range'], `bytes 10-19/${picture.bytes.length}`);
  assert.equal((await ask(`pix://app/media/image/${sha256}`, 'GET', { range: 'bytes=9999999-' })).status, 416);
  assert.equal((await ask(`pix://app/media/image/${sha256}`, 'GET', { 'if-none-match': `"${sha256}"` })).status, 304);
  const thumbnail = await ask(`pix://app/media/thumb/${sha256}`);
  assert.deepEqual([thumbnail.status, thumbnail.headers['content-type']], [200, 'image/jpeg']);
  for (const response of [image, thumbnail]) {
    assert.equal(response.headers['x-content-type-options'], 'nosniff');
    assert.match(response.headers['content-security-policy'] ?? '', /sandbox/);
  }
  assert.equal((await ask(`pix://app/media/image/${'f'.repeat(64)}`)).status, 404);
  assert.equal((await ask('pix://app/media/image/..%2f..%2fetc%2fpasswd')).status, 404);
  assert.equal((await ask(`pix://app/media/image/${sha256}`, 'POST')).status, 405);
  const html = await ask('pix://app/datasets/1/browse');
  assert.equal(html.status, 200);
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(Buffer.from(html.body).toString())?.[1];
  assert.ok(script !== undefined, 'the page names its scripts');
  assert.equal((await ask(`pix://app${script}`)).status, 200);
  for (const path of [
    '/../preload.cjs',
    '/%2e%2e/preload.cjs',
    '/assets/..%5c..%5cpreload.cjs',
    '/assets/%00',
    '/.built',
  ]) {
    assert.equal((await ask(`pix://app${path}`)).status, 404, path);
  }
});

test('the window comes back where it was, or where it can be', async (context) => {
  const dataDirectory = freshDirectory();
  const bounds = { x: 2100, y: 120, width: 900, height: 640 };
  const displays = [
    { id: 1, bounds: { x: 0, y: 0, width: 1920, height: 1080 } },
    { id: 2, bounds: { x: 1920, y: 0, width: 1920, height: 1080 } },
  ];
  const first = await startDesktopFor(context, { dataDirectory, machine: { displays } });
  await first.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  await first.evaluate(({ recorded }, to) => recorded.windows[0]?.window.setBounds(to), bounds);
  await first.close();
  const second = await startDesktopFor(context, { dataDirectory, machine: { displays } });
  assert.deepEqual(await second.until(({ recorded }) => recorded.windows[0]?.window.getBounds()), bounds);
  await second.close();
  const third = await startDesktopFor(context, { dataDirectory, machine: { displays: displays.slice(0, 1) } });
  const moved = await third.until(({ recorded }) => recorded.windows[0]?.window.getBounds());
  assert.ok(moved.x >= 0 && moved.x + moved.width <= 1920, JSON.stringify(moved));
  assert.deepEqual([moved.width, moved.height], [bounds.width, bounds.height]);
});

test('each system has the menus that it is used to', async (context) => {
  const tops: Record<string, readonly unknown[]> = {};
  for (const platform of ['darwin', 'win32', 'linux'] as const) {
    const desktop = await start(context, { platform });
    tops[platform] = await desktop.until(({ electron }) =>
      electron.Menu.getApplicationMenu()?.items.map(({ label }: Electron.MenuItem) => label),
    );
    await desktop.close();
  }
  const elsewhere = ['File', 'Edit', 'View', 'Window', 'Help'];
  assert.deepEqual(tops, { darwin: ['PixCrawler', ...elsewhere], win32: elsewhere, linux: elsewhere });
});

test('the right button opens what is under it, and nothing where nothing is', async (context) => {
  const desktop = await start(context);
  await loadedPage(desktop);
  const outcome = await desktop.evaluate(async ({ electron, recorded, acts }) => {
    const contents = recorded.windows[0]?.window.webContents;
    const none = {
      canUndo: false,
      canRedo: false,
      canCut: false,
      canCopy: false,
      canPaste: false,
      canSelectAll: false,
    };
    const target = {
      x: 1,
      y: 2,
      isEditable: false,
      selectionText: '',
      linkURL: '',
      mediaType: 'none',
      editFlags: none,
    };
    const press = (more: object) => contents?.emit('context-menu' as 'focus', {}, { ...target, ...more });
    press({});
    const before = recorded.windows[0]?.popups.length;
    press({ linkURL: 'https://example.org/page' });
    const popup = recorded.windows[0]?.popups.at(-1) ?? null;
    acts.choose(popup, 'copy-link');
    acts.choose(popup, 'open-link');
    const copiedAt: number[][] = [];
    if (contents !== undefined) contents.copyImageAt = (...place) => copiedAt.push(place);
    press({ mediaType: 'image', hasImageContents: true });
    acts.choose(recorded.windows[0]?.popups.at(-1) ?? null, 'copy-image');
    return {
      before,
      copiedAt,
      labels: acts.labels(popup),
      copied: await electron.clipboard.readText(),
      opened: recorded.opened.externals,
    };
  });
  assert.deepEqual(outcome, {
    before: 0,
    copiedAt: [[1, 2]],
    labels: ['Open link in browser', 'Copy link address'],
    copied: 'https://example.org/page',
    opened: ['https://example.org/page'],
  });
});

test('Windows is told who the program is, and that links are its own; other systems read that from the package', async (context) => {
  const facts = async (platform: 'win32' | 'linux', isPackaged = true) =>
    (await start(context, { platform, isPackaged })).evaluate(({ recorded }) => [
      recorded.appUserModelId,
      recorded.protocolClients,
    ]);
  assert.deepEqual(await facts('win32'), ['dev.pixcrawler.desktop', ['pixcrawler']]);
  // A bare Electron would be what opens links from then on.
  assert.deepEqual(await facts('win32', false), [null, []]);
  assert.deepEqual(await facts('linux'), [null, []]);
});

test('a window that fills the screen is hidden by closing it elsewhere than on macOS', async (context) => {
  const desktop = await start(context, { platform: 'win32' });
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  const isVisible = await desktop.evaluate(({ recorded }) => {
    const { window } = recorded.windows[0]!;
    window.setFullScreen(true);
    window.close();
    return window.isVisible();
  });
  assert.equal(isVisible, false);
});

test('a window that is minimised at the end comes back as it was before', async (context) => {
  const dataDirectory = freshDirectory();
  const first = await startDesktopFor(context, { dataDirectory });
  await first.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  await first.evaluate(({ recorded }) => {
    recorded.windows[0]?.window.maximize();
    recorded.windows[0]?.window.minimize();
  });
  await first.close();
  const second = await startDesktopFor(context, { dataDirectory });
  await second.until(({ recorded }) => recorded.windows[0]?.window.isMaximized());
});

test('on macOS a window that fills the screen leaves that before it is hidden', async (context) => {
  const desktop = await start(context, { platform: 'darwin' });
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  const order = await desktop.evaluate(({ recorded }) => {
    const { window } = recorded.windows[0]!;
    const seen: string[] = [];
    window.setFullScreen(true);
    window.on('leave-full-screen', () => seen.push('leave-full-screen'));
    window.on('hide', () => seen.push('hide'));
    window.close();
    return { seen, isFullScreen: window.isFullScreen(), isVisible: window.isVisible() };
  });
  assert.deepEqual(order, { seen: ['leave-full-screen', 'hide'], isFullScreen: false, isVisible: false });
});

test('what a page that broke should have heard waits for the one that comes after it', async (context) => {
  const desktop = await start(context);
  await loadedPage(desktop);
  const posted = await desktop.evaluate(({ electron, acts, recorded }) => {
    const { webContents } = recorded.windows[0]!.window;
    const channels: string[] = [];
    const post = webContents.postMessage.bind(webContents);
    webContents.postMessage = (channel, ...others) => {
      channels.push(channel);
      post(channel, ...others);
    };
    acts.crashPage();
    acts.choose(electron.Menu.getApplicationMenu(), 'File', 'jobs');
    Object.assign(globalThis, { channels });
    return [...channels];
  });
  assert.ok(!posted.includes('pixcrawler:navigate'), 'told to a page that is gone');
  await desktop.until(() => (globalThis as unknown as { channels: string[] }).channels.includes('pixcrawler:navigate'));
});

test('a window whose page cannot be loaded is shown all the same', async (context) => {
  const desktop = await start(context, { platform: 'darwin' });
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  await desktop.evaluate(({ electron, recorded }) => {
    recorded.windows[0]?.window.destroy();
    electron.protocol.unhandle('pix');
    electron.app.emit('activate');
  });
  await desktop.until(({ recorded }) => recorded.windows[1]?.window.isVisible());
});
