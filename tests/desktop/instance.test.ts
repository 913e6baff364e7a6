import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openCore } from '../../core/index.ts';
import { type Desktop, type Inside, startDesktop } from './harness.ts';
import { eventually, homeFor, mainLog, openDesktopFor, startAgain, whenLogged } from './life.ts';

interface Heard {
  readonly opened: { readonly paths: readonly string[]; readonly links: readonly string[] }[];
  readonly places: string[];
}

/** Listens in the page as the interface does. */
async function listen(desktop: Desktop): Promise<() => Promise<Heard>> {
  const page = await desktop.page();
  await page.evaluate((window) => {
    const heard = { opened: [] as unknown[], places: [] as string[] };
    const { pixcrawler } = window as unknown as {
      pixcrawler: Record<'onOpened' | 'onNavigate', (listener: (news: never) => void) => void>;
    };
    pixcrawler.onOpened((opened) => void heard.opened.push(opened));
    pixcrawler.onNavigate((place) => void heard.places.push(place));
    Object.assign(window, { heard });
  });
  return () => page.evaluate((window) => (window as unknown as { heard: Heard }).heard);
}

/** One that hands over and ends has done nothing else. */
const HANDED_OVER = { code: 0, utilityProcesses: [], windowCount: 0, dialogs: [] };
const windowCount = ({ recorded }: Inside) => recorded.windows.length;
const isVisible = ({ recorded }: Inside) => recorded.windows[0]?.window.isVisible() === true;

test('a second start shows the first one, hands over what it was given, and ends', async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  const pictures = join(folder, 'pictures');
  mkdirSync(pictures);
  writeFileSync(join(folder, 'list.csv'), 'url\n');
  const desktop = await openDesktopFor(context, { dataDirectory });
  const heard = await listen(desktop);
  await desktop.until(isVisible);
  await desktop.evaluate(({ recorded }) => recorded.windows[0]?.window.hide());

  const given = [pictures, join(folder, 'list.csv'), join(folder, 'missing'), 'https://a.example/gallery'];
  assert.deepEqual(await startAgain({ dataDirectory, arguments: given }), HANDED_OVER);
  await desktop.until(isVisible);
  await eventually(async () => (await heard()).opened.length === 1);
  assert.deepEqual((await heard()).opened, [
    { paths: [pictures, join(folder, 'list.csv')], links: ['https://a.example/gallery'] },
  ]);
  assert.equal(await desktop.evaluate(windowCount), 1);
  assert.equal(await desktop.evaluate(({ recorded }) => recorded.utilityProcesses.length), 1);
  assert.equal((await desktop.close()).code, 0);
});

test('a second start brings a minimised window back, and to the front', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory });
  await desktop.until(isVisible);
  await desktop.evaluate(({ recorded }) => recorded.windows[0]?.window.minimize());
  assert.deepEqual(await startAgain({ dataDirectory }), HANDED_OVER);
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isMinimized() === false);
  await desktop.evaluate(({ recorded }) => recorded.windows[0]?.window.blur());
  assert.deepEqual(await startAgain({ dataDirectory }), HANDED_OVER);
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isFocused());
  assert.equal((await desktop.close()).code, 0);
});

test('a hidden start has no window until one is wanted', async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  await (await openCore({ dataDirectory, environment: {}, version: '0.0.0' })).close();
  const desktop = await openDesktopFor(context, { dataDirectory, arguments: ['--hidden'] });
  assert.equal(await desktop.evaluate(windowCount), 0);
  assert.deepEqual(await startAgain({ dataDirectory, arguments: ['--hidden'] }), HANDED_OVER);
  assert.deepEqual(await startAgain({ dataDirectory }), HANDED_OVER);
  await desktop.until(isVisible);
  assert.equal(await desktop.evaluate(windowCount), 1);
  await desktop.evaluate(({ recorded }) => recorded.windows[0]?.window.hide());
  // What is opened is to be seen, however it was started.
  assert.deepEqual(await startAgain({ dataDirectory, arguments: ['--hidden', folder] }), HANDED_OVER);
  await desktop.until(isVisible);
  assert.equal((await desktop.close()).code, 0);
});

test('on macOS a start at login has no window until one is wanted', async (context) => {
  const { dataDirectory } = homeFor(context);
  const machine = { platform: 'darwin', wasOpenedAtLogin: true } as const;
  const desktop = await openDesktopFor(context, { dataDirectory, machine });
  assert.equal(await desktop.evaluate(windowCount), 0);
  await desktop.evaluate(({ acts }) => acts.activate(false));
  await desktop.until(isVisible);
  assert.equal((await desktop.close()).code, 0);
});

test('elsewhere a start at login is what its arguments say', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory, machine: { wasOpenedAtLogin: true } });
  await desktop.until(isVisible);
  assert.equal((await desktop.close()).code, 0);
});

test('an AppImage without its sandbox says why it does not start', async (context) => {
  const { dataDirectory } = homeFor(context);
  // What is run here is Node, in its folder.
  const environment = { APPIMAGE: '/opt/PixCrawler.AppImage', APPDIR: dirname(process.execPath) };
  const unprotected = { dataDirectory, environment, arguments: ['--no-sandbox'] };
  const { code, dialogs, ...rest } = await startAgain(unprotected);
  assert.deepEqual([code, rest], [1, { utilityProcesses: [], windowCount: 0 }]);
  assert.match(dialogs.join(), /user namespaces.*\.deb/s);
  const sandboxed = await openDesktopFor(context, { dataDirectory, environment });
  assert.equal((await sandboxed.close()).code, 0);
  // Whoever asks for it elsewhere gets what was asked for.
  const { environment: _appImage, ...elsewhere } = unprotected;
  assert.equal((await (await openDesktopFor(context, elsewhere)).close()).code, 0);
});

test('an AppImage registers its links, and not those of another AppImage that started the program', async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  const told = join(folder, 'told');
  // Whatever the machine's own command would change, this one only writes down.
  writeFileSync(join(folder, 'xdg-mime'), `#!/bin/sh\necho "$@" >> '${told}'\n`, { mode: 0o755 });
  const others = { XDG_DATA_HOME: join(folder, 'share'), XDG_DATA_DIRS: folder, PATH: `${folder}:${process.env.PATH}` };
  const start = async (environment: Readonly<Record<string, string>>) => {
    const desktop = await openDesktopFor(context, { dataDirectory, environment: { ...others, ...environment } });
    return async () => assert.equal((await desktop.close()).code, 0);
  };
  const APPIMAGE = join(folder, 'Pix.AppImage');
  await (await start({ APPIMAGE, APPDIR: folder }))();
  assert.ok(!existsSync(others.XDG_DATA_HOME));
  const end = await start({ APPIMAGE, APPDIR: dirname(process.execPath) });
  await eventually(() => existsSync(told));
  await end();
  assert.equal(readFileSync(told, 'utf8'), 'default pixcrawler.desktop x-scheme-handler/pixcrawler\n');
  const entry = readFileSync(join(folder, 'share/applications/pixcrawler.desktop'), 'utf8');
  assert.match(entry, /^Exec=".*\/Pix\.AppImage" %u$/m);
});

test('two libraries are two instances', async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  const first = await openDesktopFor(context, { dataDirectory });
  const second = await openDesktopFor(context, { dataDirectory: join(folder, 'other') });
  assert.equal((await second.close()).code, 0);
  assert.equal((await first.close()).code, 0);
});

test('links lead to places and addresses, and whatever else they say is ignored', async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory, arguments: ['pixcrawler://job/7'] });
  await desktop.until(isVisible);
  assert.deepEqual(await desktop.evaluate(({ recorded }) => recorded.loads[0]?.url), 'pix://app/jobs/7');
  const heard = await listen(desktop);

  for (const link of ['pixcrawler://dataset/3/review', 'pixcrawler://collect?url=https%3A%2F%2Fa.example%2Fx']) {
    assert.deepEqual(await startAgain({ dataDirectory, arguments: [link] }), HANDED_OVER);
  }
  await eventually(async () => (await heard()).opened.length === 1);
  // As a browser might be made to take a link apart.
  const attack = ['pixcrawler://dataset/1"', `--data-dir=${join(folder, 'evil')}`, folder, '--hidden'];
  assert.deepEqual(await startAgain({ dataDirectory, arguments: attack }), HANDED_OVER);
  await eventually(() => mainLog(dataDirectory).some(({ message }) => message.includes('pixcrawler://dataset/1"')));
  assert.deepEqual(await heard(), {
    opened: [{ paths: [], links: ['https://a.example/x'] }],
    places: ['/datasets/3/review'],
  });
  assert.equal((await desktop.close()).code, 0);
});

test('a start while the program ends waits for the end, and opens what it was given itself', async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  const pictures = join(folder, 'pictures');
  mkdirSync(pictures);
  const ending = await openDesktopFor(context, { dataDirectory });
  await ending.until(isVisible);
  const pid = await ending.evaluate(({ recorded }) => recorded.utilityProcesses[0]?.pid ?? 0);
  process.kill(pid, 'SIGSTOP');
  await ending.evaluate(({ electron, recorded }) => {
    recorded.windows[0]?.window.hide();
    setImmediate(() => electron.app.quit());
  });
  await eventually(() => existsSync(join(dataDirectory, 'desktop', 'ending')));

  const starting = startDesktop({ dataDirectory, arguments: [pictures] });
  context.after(async () => (await starting).kill());
  const earliest = await Promise.race([starting, new Promise<null>((resolve) => setTimeout(resolve, 1_500, null))]);
  assert.equal(earliest, null, 'it has neither begun nor ended');
  assert.equal(await ending.evaluate(isVisible), false, 'nothing is shown that is about to go');
  process.kill(pid, 'SIGCONT');
  assert.deepEqual(await ending.exited, { code: 0, signal: null });

  const desktop = await starting;
  await whenLogged(dataDirectory, 'The core is ready.', 2);
  const heard = await listen(desktop);
  await desktop.until(isVisible);
  await eventually(async () => (await heard()).opened.length === 1);
  assert.deepEqual((await heard()).opened, [{ paths: [pictures], links: [] }]);
  // Nobody waits for one that has ended.
  assert.deepEqual(await startAgain({ dataDirectory }), HANDED_OVER);
  assert.equal((await desktop.close()).code, 0);
});

test('a data directory that is a file is told by the core, and nothing before it fails', async (context) => {
  const { dataDirectory } = homeFor(context);
  writeFileSync(dataDirectory, '');
  const { code, dialogs } = await startAgain({ dataDirectory });
  assert.deepEqual([code, dialogs], [0, ['PixCrawler cannot open its library']]);
});

test('a library on a disk without symbolic links is one instance as well, and remembers its window', async (context) => {
  const { dataDirectory } = homeFor(context);
  const machine = { linklessFolder: dataDirectory };
  const desktop = await openDesktopFor(context, { dataDirectory, machine });
  await desktop.until(isVisible);
  const userData = await desktop.evaluate(({ electron }) => electron.app.getPath('userData'));
  assert.match(userData, new RegExp(`^${dataDirectory}-home/.config/PixCrawler/desktop-[0-9a-f]{8}$`));
  await desktop.evaluate(({ recorded }) => recorded.windows[0]?.window.hide());
  assert.deepEqual(await startAgain({ dataDirectory, machine }), HANDED_OVER);
  await desktop.until(isVisible);
  assert.equal((await desktop.close()).code, 0);
  assert.ok(existsSync(join(userData, 'window.json')));

  const other = `${dataDirectory}-2`;
  const home = `${dataDirectory}-home`;
  const second = await openDesktopFor(context, { dataDirectory: other, machine: { linklessFolder: other, home } });
  assert.notEqual(await second.evaluate(({ electron }) => electron.app.getPath('userData')), userData);
  assert.equal((await second.close()).code, 0);
});

test('where no lock can be made at all it says so, and that nothing was started', async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  const { code, dialogs, ...rest } = await startAgain({ dataDirectory, machine: { linklessFolder: folder } });
  assert.deepEqual([code, rest], [1, { utilityProcesses: [], windowCount: 0 }]);
  assert.match(dialogs.join(), /A lock was expected in \S+\/PixCrawler\/desktop-[0-9a-f]{8}, .*start PixCrawler again/);
});

test('on macOS what is handed over while the program ends begins it anew', async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory, machine: { platform: 'darwin' } });
  const relaunches = await desktop.evaluate(({ electron, acts, recorded }, path) => {
    setImmediate(() => electron.app.quit());
    return new Promise<unknown>((resolve) => {
      setImmediate(() => {
        acts.openFile(path);
        acts.openUrl('pixcrawler://job/2');
        resolve(recorded.relaunches);
      });
    });
  }, folder);
  const library = ['--data-dir', dataDirectory];
  assert.deepEqual(relaunches, [{ args: [...library, folder] }, { args: [...library, 'pixcrawler://job/2'] }]);
  assert.deepEqual(await desktop.exited, { code: 0, signal: null });
});

test('on macOS files and links come as events', async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory, machine: { platform: 'darwin' } });
  const heard = await listen(desktop);
  const isTaken = await desktop.evaluate(
    ({ acts }, path) => [acts.openFile(path), acts.openUrl('pixcrawler://job/2'), acts.openUrl('file:///etc/passwd')],
    folder,
  );
  assert.deepEqual(isTaken, [true, true, true]);
  await eventually(async () => (await heard()).places.length === 1);
  assert.deepEqual(await heard(), { opened: [{ paths: [folder], links: [] }], places: ['/jobs/2'] });
  assert.equal((await desktop.close()).code, 0);
});
