/** What the built desktop does beside its window: tray, closing, notifications, start at login. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { HttpClient } from '../../sdk/client.ts';
import { until } from '../e2e/command-line.ts';
import { killCore, startStage } from './background-stage.ts';
import { eventually, homeFor } from './life.ts';

/** More than a page of them. */
const JOBS = 103;

test('the tray tells how jobs are, pauses and resumes them, and leads back to them', async (context) => {
  const { desktop, crawl, comesTo } = await startStage(context);
  await desktop.until(({ recorded }) => recorded.trays[0]?.menu != null);
  assert.deepEqual(await desktop.evaluate(({ recorded, acts }) => acts.labels(recorded.trays[0]?.menu ?? null)), [
    'No job is running',
    '-',
    'Pause all jobs',
    'Resume all jobs',
    '-',
    'Open PixCrawler',
    'Quit',
  ]);
  const enabled = () =>
    desktop.evaluate(({ recorded }) =>
      recorded.trays[0]?.menu?.items
        .filter((item) => item.enabled && item.type !== 'separator')
        .map(({ label }) => label),
    );
  assert.deepEqual(await enabled(), ['Open PixCrawler', 'Quit']);
  const { id } = await crawl();
  await desktop.until(({ recorded }) =>
    /^PixCrawler\nCollection: birds – \d+ %/.test(recorded.trays[0]?.toolTip ?? ''),
  );
  await desktop.evaluate(({ recorded, acts }) => acts.choose(recorded.trays[0]?.menu ?? null, 'Pause all jobs'));
  await comesTo(id, ['paused']);
  await desktop.until(({ recorded }) => /, paused/.test(recorded.trays[0]?.toolTip ?? ''));
  await desktop.evaluate(({ recorded, acts }) => acts.choose(recorded.trays[0]?.menu ?? null, 'Resume all jobs'));
  await comesTo(id, ['active']);
  const page = await desktop.page();
  await page.evaluate((window) => {
    const seen: string[] = [];
    Object.assign(window, { seen });
    (window as unknown as { pixcrawler: { onNavigate(listener: (path: string) => void): void } }).pixcrawler.onNavigate(
      (path) => void seen.push(path),
    );
  });
  await desktop.until(({ recorded, acts }) => {
    const menu = recorded.trays[0]?.menu;
    const label = menu?.items.find((item) => item.label.startsWith('Collection'))?.label;
    if (menu == null || label === undefined) return false;
    acts.choose(menu, label);
    return true;
  });
  let seen: readonly string[] = [];
  for (let wait = 0; wait < 100 && seen.length === 0; wait++) {
    seen = await page.evaluate((window) => [...(window as unknown as { seen: string[] }).seen]);
  }
  assert.deepEqual(seen, [`/jobs/${id}`]);
  await desktop.evaluate(({ recorded, acts }) => acts.choose(recorded.trays[0]?.menu ?? null, 'Quit'));
  assert.equal((await desktop.exited).code, 0);
});

test('all jobs are all there are, more than the tray can tell of', async (context) => {
  const { desktop, client, home, crawl } = await startStage(context);
  const { datasetId } = await crawl();
  // Main has heard of it, and says no more what holds.
  await desktop.until(({ recorded }) => /\d %/.test(recorded.trays[0]?.toolTip ?? ''));
  await client.jobs.setHolds({ holds: ['battery'] });
  for (let count = 1; count < JOBS; count++) {
    const folder = join(home, `pictures ${count}`);
    await mkdir(folder);
    await client.imports.start({ datasetId, paths: [folder], labelsFrom: 'none' });
  }
  const count = async (of: HttpClient) => {
    const first = await of.jobs.list({ states: ['paused'], limit: 100 });
    const rest = first.next === null ? [] : (await of.jobs.list({ states: ['paused'], after: first.next })).items;
    return first.items.length + rest.length;
  };
  const choose = async (choice: string) => {
    await desktop.until(
      ({ recorded }, label) => recorded.trays[0]?.menu?.items.find((item) => item.label === label)?.enabled,
      choice,
    );
    await desktop.evaluate(({ recorded, acts }, label) => acts.choose(recorded.trays[0]?.menu ?? null, label), choice);
  };
  await choose('Pause all jobs');
  await until(async () => (await count(client)) === JOBS, 'all to be paused', 60_000);
  // Main reads anew what there is.
  const next = await killCore(desktop);
  await choose('Resume all jobs');
  await until(async () => (await count(next)) === 0, 'none to be paused', 60_000);
  await desktop.close();
});

test("the tray's menu stays while a person has it open, and is seldom replaced for its numbers", async (context) => {
  const { desktop, client, crawl, comesTo } = await startStage(context);
  const { id } = await crawl();
  await comesTo(id, ['active']);
  await desktop.until(({ recorded }) => /\d %/.test(recorded.trays[0]?.toolTip ?? ''));
  const early = await desktop.evaluate(({ recorded }) => recorded.trays[0]?.menuCount ?? 0);
  for (let step = 0; step < 4; step++) {
    const toolTip = await desktop.evaluate(({ recorded }) => recorded.trays[0]?.toolTip);
    await desktop.until(({ recorded }, before) => recorded.trays[0]?.toolTip !== before, toolTip);
  }
  const menuCount = await desktop.evaluate(({ recorded }) => recorded.trays[0]?.menuCount ?? 0);
  assert.ok(menuCount - early <= 1, `${menuCount - early} menus for four numbers`);

  await desktop.evaluate(({ acts }) => acts.setTrayMenuOpen(true));
  await client.jobs.pause({ id });
  await desktop.until(({ recorded }) => /, paused/.test(recorded.trays[0]?.toolTip ?? ''));
  assert.equal(await desktop.evaluate(({ recorded }) => recorded.trays[0]?.menuCount), menuCount);
  await desktop.evaluate(({ acts }) => acts.setTrayMenuOpen(false));
  await desktop.until(({ recorded }) => recorded.trays[0]?.menu?.items[0]?.label.includes('paused'));
  await desktop.close();
});

for (const [platform, imageName] of [
  ['linux', 'tray.png'],
  ['darwin', 'trayTemplate.png'],
  ['win32', 'tray.ico'],
] as const) {
  test(`on ${platform} the tray has an image and names as the system wants them, and goes with the program`, async (context) => {
    const { desktop, client, crawl } = await startStage(context, { machine: { platform } });
    const isMac = platform === 'darwin';
    const [isTemplate, bytes] = await desktop.until(({ recorded }) => {
      const image = recorded.trays[0]?.image;
      return typeof image === 'object' ? [image.isTemplateImage(), image.toPNG()] : null;
    });
    assert.equal(isTemplate, isMac);
    // There a click opens the menu, elsewhere it is the way to the window.
    await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
    const isShown = await desktop.evaluate(({ recorded, acts }) => {
      recorded.windows[0]?.window.hide();
      acts.clickTray();
      return recorded.windows[0]?.window.isVisible();
    });
    assert.equal(isShown, !isMac);
    const wanted = readFileSync(new URL(`../../resources/${imageName}`, import.meta.url));
    assert.ok(wanted.equals(bytes as Uint8Array), `another image than ${imageName}`);

    const [dataset] = await client.datasets.list({});
    await client.datasets.rename({ id: dataset?.id ?? 0, name: 'salt & pepper' });
    await crawl();
    await desktop.until(({ recorded }) => /: salt & pepper – \d+ %/.test(recorded.trays[0]?.toolTip ?? ''));
    const label = await desktop.until(
      ({ recorded }) => recorded.trays[0]?.menu?.items.find((item) => item.label.includes('pepper'))?.label,
    );
    // One alone would mark a key.
    assert.match(label, isMac ? /: salt & pepper – / : /: salt && pepper – /);

    await desktop.evaluate(({ electron, recorded }) => {
      electron.app.once('quit', () =>
        process.stdout.write(`trays: ${recorded.trays.map(({ isDestroyed }) => isDestroyed)}\n`),
      );
    });
    await desktop.close();
    assert.match(desktop.output(), /^trays: true$/m);
  });
}

test('closing the window leaves it in the tray, which is told once; without a tray it ends the program', async (context) => {
  const { desktop } = await startStage(context);
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  // The bus is asked while the program starts.
  await desktop.until(({ recorded }) => {
    const window = recorded.windows[0]?.window;
    window?.close();
    return window?.isDestroyed() === false && !window.isVisible();
  });
  await desktop.evaluate(({ acts }) => acts.clickTray());
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  await desktop.evaluate(({ recorded }) => recorded.windows[0]?.window.close());
  assert.deepEqual(await desktop.evaluate(({ recorded }) => recorded.notifications.map(({ title }) => title)), [
    'PixCrawler goes on',
  ]);
  await desktop.close();

  const other = await startStage(context, {
    environment: { PATH: process.env.PATH ?? '', DBUS_SESSION_BUS_ADDRESS: 'none:' },
  });
  await other.desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  await other.desktop.evaluate(({ recorded }) => recorded.windows[0]?.window.close());
  assert.equal((await other.desktop.exited).code, 0);
});

test('who turns the tray off closes the program with the window', async (context) => {
  const { desktop, client } = await startStage(context);
  await client.settings.set({ name: 'desktop.closeToTray', value: 'false' });
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  await new Promise((done) => setTimeout(done, 300));
  await desktop.evaluate(({ recorded }) => recorded.windows[0]?.window.close());
  assert.equal((await desktop.exited).code, 0);
});

test('what ends while nobody looks is told, and a click leads to it', async (context) => {
  const { desktop, crawl, comesTo, client } = await startStage(context);
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  await desktop.evaluate(({ recorded }) => recorded.windows[0]?.window.blur());
  const { id, datasetId } = await crawl(3);
  await comesTo(id, ['completed']);
  const told = await desktop.until(({ recorded }) => recorded.notifications[0]?.title);
  assert.equal(told, 'Collection: birds');
  assert.equal(await desktop.evaluate(({ recorded }) => recorded.badge), '', 'it needs nobody');
  const page = await desktop.page();
  await page.evaluate((window) => {
    Object.assign(window, { seen: '' });
    (window as unknown as { pixcrawler: { onNavigate(listener: (path: string) => void): void } }).pixcrawler.onNavigate(
      (path) => void Object.assign(window, { seen: path }),
    );
  });
  // Windows moves it to its Action Center.
  await desktop.evaluate(({ acts }) => acts.closeNotification(0, 'timedOut'));
  await desktop.evaluate(({ acts }) => acts.collectGarbage());
  assert.equal(await desktop.evaluate(({ acts }) => acts.clickNotification(0)), true);
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isFocused());
  let seen = '';
  for (let wait = 0; wait < 100 && seen === ''; wait++) {
    seen = await page.evaluate((window) => (window as unknown as { seen: string }).seen);
  }
  assert.equal(seen, `/datasets/${datasetId}/browse`);
  await desktop.evaluate(({ acts }) => acts.collectGarbage());
  assert.equal(await desktop.evaluate(({ acts }) => acts.clickNotification(0)), false, 'it is not kept any longer');

  // In front the window tells it itself; and who wants none gets none.
  await comesTo((await client.validations.start({ datasetId })).id, ['completed']);
  await new Promise((done) => setTimeout(done, 2_000));
  assert.equal(await desktop.evaluate(({ recorded }) => recorded.notifications.length), 1);
  await client.settings.set({ name: 'desktop.notifications', value: 'false' });
  await desktop.evaluate(({ recorded }) => recorded.windows[0]?.window.blur());
  await comesTo((await client.validations.start({ datasetId })).id, ['completed']);
  await new Promise((done) => setTimeout(done, 2_000));
  assert.equal(await desktop.evaluate(({ recorded }) => recorded.notifications.length), 1);
});

test('what ends together is told once, and what was told and put away is forgotten', async (context) => {
  const { desktop, client, comesTo } = await startStage(context);
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  await desktop.evaluate(({ recorded }) => {
    recorded.windows[0]?.window.blur();
    // On a busy machine a second and a half is too short for two jobs.
    const wait = globalThis.setTimeout;
    globalThis.setTimeout = ((run: () => void, ms?: number) => wait(run, ms === 1_500 ? 6_000 : ms)) as typeof wait;
  });
  const [dataset] = await client.datasets.list({});
  const judge = async () => {
    const { id } = await client.validations.start({ datasetId: dataset?.id ?? 0 });
    await comesTo(id, ['completed']);
  };
  await judge();
  await judge();
  await desktop.until(({ recorded }) => recorded.notifications.length > 0);
  await judge();
  await desktop.until(({ recorded }) => recorded.notifications.length > 1);
  assert.deepEqual(await desktop.evaluate(({ recorded }) => recorded.notifications.map(({ title }) => title)), [
    '2 things have happened',
    'Judgement: birds',
  ]);
  await desktop.evaluate(({ acts }) => acts.closeNotification(1, 'userCanceled'));
  await desktop.evaluate(({ acts }) => acts.collectGarbage());
  assert.equal(await desktop.evaluate(({ acts }) => acts.clickNotification(1)), false);
});

test('what needs attention is counted until somebody looks, also for who wants no notifications', async (context) => {
  const { desktop, client, home, comesTo } = await startStage(context);
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  await client.settings.set({ name: 'desktop.notifications', value: 'false' });
  await writeFile(join(home, 'torn.jpg'), 'no picture');
  const [dataset] = await client.datasets.list({});
  await desktop.evaluate(({ recorded }) => recorded.windows[0]?.window.blur());
  const { id } = await client.imports.start({ datasetId: dataset?.id ?? 0, paths: [join(home, 'torn.jpg')] });
  await comesTo(id, ['failed', 'completed-with-errors']);
  await desktop.until(({ recorded }) => recorded.badge === '1');
  assert.deepEqual(await desktop.evaluate(({ recorded }) => recorded.notifications.length), 0);
  await desktop.evaluate(({ recorded }) => recorded.windows[0]?.window.focus());
  await desktop.until(({ recorded }) => recorded.badge === '');
});

test('the start at login is what the settings of each library say', async (context) => {
  const { folder: home } = homeFor(context);
  const environment = { HOME: home, XDG_DATA_HOME: '', XDG_CONFIG_HOME: '' };
  const entries = () => readdirSync(join(home, '.config/autostart')).sort();
  const usual = await startStage(context, {
    dataDirectory: join(home, '.local/share/pixcrawler'),
    machine: { home },
    environment,
  });
  await usual.client.settings.set({ name: 'desktop.startAtLogin', value: 'true' });
  await eventually(() => entries().join() === 'pixcrawler.desktop');
  const other = await startStage(context, { machine: { home }, environment });
  await other.client.settings.set({ name: 'desktop.startAtLogin', value: 'true' });
  await eventually(() => entries().length === 2);
  await usual.client.settings.unset({ name: 'desktop.startAtLogin' });
  await eventually(() => entries().length === 1);
  assert.match(readFileSync(join(home, '.config/autostart', entries()[0]!), 'utf8'), /"--data-dir" /);
  await usual.desktop.close();
  await other.desktop.close();

  const mac = await startStage(context, {
    dataDirectory: join(home, 'Library/Application Support/PixCrawler'),
    machine: { home, platform: 'darwin' },
    environment,
  });
  await mac.client.settings.set({ name: 'desktop.startAtLogin', value: 'true' });
  assert.equal(await mac.desktop.until(({ recorded }) => recorded.loginItem.openAtLogin), true);
});

test('a bare Electron is told at login which program it is', async (context) => {
  const { desktop, client, dataDirectory } = await startStage(context, {
    machine: { platform: 'win32', isPackaged: false },
  });
  await client.settings.set({ name: 'desktop.startAtLogin', value: 'true' });
  const [words, path] = await desktop.until(({ electron, recorded }) =>
    recorded.loginItem.openAtLogin === true ? [recorded.loginItem.args, electron.app.getAppPath()] : null,
  );
  assert.deepEqual(words, [path, '--data-dir', dataDirectory, '--hidden']);
});
