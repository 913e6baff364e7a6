import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Inside } from './harness.ts';
import { clientOf, eventually, homeFor, openDesktopFor } from './life.ts';

const closeWindow = ({ recorded }: Inside) => recorded.windows.at(-1)?.window.close();
const windowState = ({ recorded }: Inside) => {
  const { window } = recorded.windows.at(-1)!;
  return window.isDestroyed() ? 'gone' : window.isVisible() ? 'visible' : 'hidden';
};
const notifications = ({ recorded }: Inside) => recorded.notifications.map(({ title, body }) => ({ title, body }));

/** Where a tray is always shown; a Linux without one has tests beside those of the tray. */
const machine = { platform: 'win32' } as const;

test('closing the window hides it and tells once that the program goes on', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory, machine });
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  await desktop.evaluate(closeWindow);
  assert.equal(await desktop.evaluate(windowState), 'hidden');
  const told = await desktop.evaluate(notifications);
  assert.equal(told.length, 1);
  assert.match(told[0]?.body ?? '', /quit/i);
  const page = await desktop.page();
  await page.evaluate((window) => {
    (window as unknown as { pixcrawler: { onNavigate(listener: (path: string) => void): void } }).pixcrawler.onNavigate(
      (path) => void Object.assign(window, { seen: path }),
    );
  });
  await desktop.evaluate(({ acts }) => acts.clickNotification(0));
  assert.equal(await desktop.evaluate(windowState), 'visible');
  await eventually(async () => (await page.evaluate((window) => Reflect.get(window, 'seen'))) === '/settings/desktop');
  await desktop.evaluate(closeWindow);

  await desktop.evaluate(({ electron }) => electron.app.emit('activate'));
  assert.equal(await desktop.evaluate(windowState), 'visible');
  await desktop.evaluate(closeWindow);
  assert.equal((await desktop.evaluate(notifications)).length, 1);
  assert.equal((await desktop.close()).code, 0);

  const next = await openDesktopFor(context, { dataDirectory, machine });
  await next.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  await next.evaluate(closeWindow);
  assert.deepEqual(await next.evaluate(notifications), []);
  assert.equal((await next.close()).code, 0);
});

test('closing the window ends the program where that was chosen', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory, machine });
  const client = await clientOf(desktop);
  await client.settings.set({ name: 'desktop.closeToTray', value: 'false' });
  let hasEnded = false;
  void desktop.exited.then(() => {
    hasEnded = true;
  });
  // The setting reaches main as an event, a moment later.
  await eventually(async () => {
    if (hasEnded) return true;
    await desktop.evaluate(({ electron, recorded }) => {
      electron.app.emit('activate');
      recorded.windows.at(-1)?.window.close();
    });
    return false;
  });
  assert.deepEqual(await desktop.exited, { code: 0, signal: null });
});

test('closing the window on macOS leaves the program in the dock without a word', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory, machine: { platform: 'darwin' } });
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  await desktop.evaluate(closeWindow);
  assert.equal(await desktop.evaluate(windowState), 'hidden');
  assert.deepEqual(await desktop.evaluate(notifications), []);
  assert.equal((await desktop.close()).code, 0);
});

test('on macOS a program whose window was closed for good is still there, and makes another when it is wanted', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory, machine: { platform: 'darwin' } });
  await (await clientOf(desktop)).settings.set({ name: 'desktop.closeToTray', value: 'false' });
  // The setting reaches main as an event, a moment later.
  await eventually(() =>
    desktop.evaluate(({ electron, recorded }) => {
      electron.app.emit('activate');
      const { window } = recorded.windows.at(-1)!;
      window.close();
      return window.isDestroyed();
    }),
  );
  // It would be ending by now.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await desktop.evaluate(({ electron }) => electron.app.emit('activate'));
  await desktop.until(({ recorded }) => recorded.windows.at(-1)?.window.isVisible());
  assert.equal((await desktop.close()).code, 0);
});

test('what is opened when the window is gone waits for the page of the next one', async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory, machine: { platform: 'darwin' } });
  await clientOf(desktop);
  await desktop.evaluate(({ recorded, acts }, path) => {
    recorded.windows[0]?.window.destroy();
    acts.openFile(path);
    acts.openFile(path);
  }, folder);
  const page = await desktop.page(await desktop.until(({ recorded }) => recorded.windows[1]?.id));
  await page.port();
  await page.evaluate((window) => {
    const heard: unknown[] = [];
    const unheard: unknown[] = [];
    const { pixcrawler } = window as unknown as {
      pixcrawler: { onOpened(listener: (opened: unknown) => void): () => void };
    };
    pixcrawler.onOpened((opened) => void heard.push(opened));
    pixcrawler.onOpened((opened) => void unheard.push(opened))();
    Object.assign(window, { heard, unheard });
  });
  const heard = () => page.evaluate((window) => (window as unknown as { heard: unknown[] }).heard);
  const opened = { paths: [folder], links: [] };
  await eventually(async () => (await heard()).length === 2);
  await desktop.evaluate(({ acts }, path) => acts.openFile(path), folder);
  await eventually(async () => (await heard()).length === 3);
  assert.deepEqual(await heard(), [opened, opened, opened]);
  assert.deepEqual(await page.evaluate((window) => Reflect.get(window, 'unheard')), [], 'it listens no more');
  assert.equal((await desktop.close()).code, 0);
});
