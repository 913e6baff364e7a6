import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fromBufferPromise } from 'yauzl';
import { openCore } from '../../core/index.ts';
import { type Inside, startDesktopFor } from './harness.ts';
import { clientOf, eventually, homeFor, mainLog, openDesktopFor, whenLogged } from './life.ts';

const dialogs = ({ recorded }: Inside) => recorded.dialogs.map(({ kind, options }) => ({ kind, ...options }));
const loadCount = ({ recorded }: Inside) => recorded.loads.length;

test('a page that breaks is loaded again three times in a minute, and then a person is asked', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory });
  const crash = async (loads: number) => {
    await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
    await desktop.evaluate(({ acts }) => acts.crashPage());
    await eventually(async () => (await desktop.evaluate(loadCount)) === loads);
  };
  for (const loads of [2, 3, 4]) await crash(loads);
  // The page that came back has a port of its own, and the core was never away.
  const client = await clientOf(desktop);
  assert.equal((await client.settings.get({ name: 'desktop.closeToTray' })).value, true);
  assert.deepEqual(await desktop.evaluate(dialogs), []);

  await desktop.evaluate(({ recorded }) => void recorded.answers.buttons.push('Show log', 'Try again'));
  await crash(5);
  const asked = await desktop.evaluate(dialogs);
  assert.equal(asked.length, 2);
  assert.deepEqual(asked[0]?.buttons?.length, 4);
  assert.deepEqual(await desktop.evaluate(({ recorded }) => recorded.opened.shown), [
    join(dataDirectory, 'logs', 'main.log'),
  ]);
  // What it did before is forgiven.
  await crash(6);
  assert.equal((await desktop.evaluate(dialogs)).length, 2);
  assert.equal((await desktop.close()).code, 0);
});

test('a page whose process ends in good order is let go', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory });
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  await desktop.evaluate(({ recorded }) => {
    const { webContents } = recorded.windows[0]!.window;
    webContents.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 });
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await desktop.evaluate(loadCount), 1);
  assert.equal((await desktop.close()).code, 0);
});

test('the question of a window that hangs is asked once, and goes when it answers or is gone', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory, machine: { platform: 'darwin' } });
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  const counts = await desktop.evaluate(async ({ electron, recorded }) => {
    const { window } = recorded.windows[0]!;
    const signals: AbortSignal[] = [];
    electron.dialog.showMessageBox = async (...given: unknown[]) => {
      const { signal } = given.at(-1) as { readonly signal: AbortSignal };
      signals.push(signal);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      return { response: 0, checkboxChecked: false };
    };
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const seen: number[][] = [];
    const look = () => seen.push([signals.length, signals.filter(({ aborted }) => aborted).length]);
    window.emit('unresponsive');
    window.emit('unresponsive');
    look();
    window.emit('responsive');
    await turn();
    look();
    window.emit('unresponsive');
    look();
    window.destroy();
    look();
    return seen;
  });
  assert.deepEqual(counts, [
    [1, 0],
    [1, 1],
    [2, 1],
    [2, 2],
  ]);
  assert.equal((await desktop.close()).code, 0);
});

test('a window that hangs can be waited for, or loaded again', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory });
  await desktop.until(({ recorded }) => recorded.windows[0]?.window.isVisible());
  await desktop.evaluate(({ recorded }) => {
    recorded.answers.buttons.push('Wait');
    recorded.windows[0]?.window.emit('unresponsive');
  });
  const [asked] = await desktop.evaluate(dialogs);
  assert.deepEqual(asked?.buttons, ['Wait', 'Reload']);
  assert.equal(await desktop.evaluate(loadCount), 1);
  await desktop.evaluate(({ recorded }) => {
    recorded.answers.buttons.push('Reload');
    recorded.windows[0]?.window.emit('unresponsive');
  });
  await desktop.until(({ recorded }) => recorded.loads.length === 2);
  assert.equal((await desktop.close()).code, 0);
});

/** Message boxes stay open until a button is pressed. */
function holdBoxes({ electron, recorded }: Inside): void {
  electron.dialog.showMessageBox = async (...given: unknown[]) => {
    const options = given.at(-1) as { readonly buttons: string[] };
    const { promise, resolve } = Promise.withResolvers<string>();
    Object.assign(globalThis, { press: resolve });
    recorded.dialogs.push({ kind: 'message', options, windowId: null });
    return { response: options.buttons.indexOf(await promise), checkboxChecked: false };
  };
}
const press = (_inside: Inside, button: string) =>
  (globalThis as unknown as { press: (button: string) => void }).press(button);

test('what nobody expects in main is written down, and the program goes on', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory });
  await desktop.evaluate(() => {
    setImmediate(() => {
      throw new Error('caught by nobody');
    });
    void Promise.reject(new Error('awaited by nobody'));
  });
  for (const text of ['caught by nobody', 'awaited by nobody']) {
    await eventually(() =>
      mainLog(dataDirectory).some(({ level, message }) => level === 'error' && message.includes(text)),
    );
  }
  await desktop.evaluate(({ electron, acts }) => acts.choose(electron.Menu.getApplicationMenu(), 'help', 'show-log'));
  assert.deepEqual(await desktop.evaluate(({ recorded }) => recorded.opened.shown), [
    join(dataDirectory, 'logs', 'main.log'),
  ]);
  assert.equal((await desktop.close()).code, 0);
});

test('a library that another program has open is no crash: why is said, and it can be tried again', async (context) => {
  const { dataDirectory } = homeFor(context);
  const other = await openCore({ dataDirectory, environment: {}, version: '0.0.0' });
  await other.client.settings.list();
  const desktop = await startDesktopFor(context, { dataDirectory });
  await desktop.evaluate(holdBoxes);
  await desktop.until(({ recorded }) => recorded.dialogs.length === 1);
  const [asked] = await desktop.evaluate(dialogs);
  assert.match(asked?.message ?? '', /cannot open its library/);
  assert.match(asked?.detail ?? '', /open in another PixCrawler/);

  await desktop.evaluate(press, 'Try again');
  await desktop.until(({ recorded }) => recorded.dialogs.length === 2);
  await other.close();
  await desktop.evaluate(press, 'Try again');
  await whenLogged(dataDirectory, 'The core is ready.');
  const client = await clientOf(desktop);
  await eventually(async () => (await client.settings.list()).length > 0);
  assert.equal(mainLog(dataDirectory).filter(({ message }) => /unexpectedly/.test(message)).length, 0);
  // What it was refused for is over: from now on it is started again by itself.
  process.kill(await desktop.evaluate(({ recorded }) => recorded.utilityProcesses.at(-1)?.pid ?? 0), 'SIGKILL');
  await whenLogged(dataDirectory, 'The core is ready.', 2);
  assert.equal((await desktop.evaluate(dialogs)).length, 2);
  assert.equal((await desktop.close()).code, 0);
});

test('a library whose disk goes away is waited for, and nothing is made in its place', async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory });
  const client = await clientOf(desktop);
  await client.datasets.create({ name: 'kept' });
  await desktop.evaluate(holdBoxes);
  const away = join(folder, 'away');
  renameSync(dataDirectory, away);
  await desktop.evaluate(({ recorded }) => {
    // What is remembered is written a moment later.
    recorded.windows[0]?.window.setBounds({ x: 30, y: 40, width: 900, height: 700 });
    process.kill(recorded.utilityProcesses[0]?.pid ?? 0, 'SIGKILL');
  });
  await desktop.until(({ recorded }) => recorded.dialogs.length === 1);
  assert.match((await desktop.evaluate(dialogs))[0]?.detail ?? '', /its disk is away/);
  assert.ok(!existsSync(dataDirectory), 'something was made in its place');
  mkdirSync(dataDirectory);
  await desktop.evaluate(press, 'Try again');
  await desktop.until(({ recorded }) => recorded.dialogs.length === 2);
  assert.match((await desktop.evaluate(dialogs))[1]?.detail ?? '', /is offline/);
  assert.deepEqual(readdirSync(dataDirectory), []);
  rmdirSync(dataDirectory);
  renameSync(away, dataDirectory);
  await desktop.evaluate(press, 'Try again');
  await eventually(async () => (await client.datasets.list({}))[0]?.name === 'kept');
  assert.equal((await desktop.close()).code, 0);
});

test('a start at login makes no library where there is none', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await startDesktopFor(context, { dataDirectory, arguments: ['--hidden'] });
  await desktop.evaluate(holdBoxes);
  await desktop.until(({ recorded }) => recorded.dialogs.length === 1);
  assert.match((await desktop.evaluate(dialogs))[0]?.detail ?? '', /its disk is away/);
  assert.ok(!existsSync(dataDirectory));
  await desktop.kill();
});

test('a core that is started again while there is no page is found by the next one', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory });
  await desktop.evaluate(holdBoxes);
  for (const loads of [1, 2, 3, 4]) {
    await desktop.until(({ recorded }, count) => recorded.loads.length === count, loads);
    await desktop.until(({ recorded }) => !recorded.windows[0]?.window.webContents.isLoading());
    await clientOf(desktop);
    await desktop.evaluate(({ acts }) => acts.crashPage());
  }
  await desktop.until(({ recorded }) => recorded.dialogs.length === 1);
  process.kill(await desktop.evaluate(({ recorded }) => recorded.utilityProcesses[0]?.pid ?? 0), 'SIGKILL');
  await whenLogged(dataDirectory, 'The core is ready.', 2);
  assert.deepEqual(
    mainLog(dataDirectory).filter(({ message }) => /Render frame/.test(message)),
    [],
  );
  await desktop.evaluate(press, 'Try again');
  await desktop.until(({ recorded }) => recorded.loads.length === 5);
  const client = await clientOf(desktop);
  await eventually(async () => (await client.settings.list()).length > 0);
  assert.equal((await desktop.close()).code, 0);
});

test('a library that cannot be opened is left by quitting', async (context) => {
  const { dataDirectory } = homeFor(context);
  const other = await openCore({ dataDirectory, environment: {}, version: '0.0.0' });
  await other.client.settings.list();
  const desktop = await startDesktopFor(context, { dataDirectory });
  // Nobody answers the question: it is dismissed.
  assert.deepEqual(await desktop.exited, { code: 0, signal: null });
  await other.close();
});

test('diagnostics hold logs, versions, settings and the report of the doctor, and no secret', async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory });
  const client = await clientOf(desktop);
  await client.settings.set({ name: 'sources.openverse.token', value: 'a-secret-token' });
  // Not every log can be read, and the others are to be had nonetheless.
  mkdirSync(join(dataDirectory, 'logs', 'core.log.1'));
  writeFileSync(join(dataDirectory, 'logs', 'notes.txt'), 'of the user');
  const archive = join(folder, 'diagnostics.zip');
  await desktop.evaluate(({ electron, recorded, acts }, path) => {
    recorded.answers.paths.push([path]);
    acts.choose(electron.Menu.getApplicationMenu(), 'help', 'export-diagnostics');
  }, archive);
  await desktop.until(({ recorded }) => recorded.opened.shown.length > 0);
  assert.equal(statSync(archive).mode & 0o777, 0o600, 'others may read it');
  const held = await entriesOf(archive);
  assert.match(held.get('logs/core.log.1') ?? '', /could not be read: .*EISDIR/);
  assert.deepEqual([...held.keys()].sort(), [
    'about.json',
    'doctor.json',
    'logs/core.log.1',
    'logs/main.log',
    'settings.json',
  ]);
  assert.equal((JSON.parse(held.get('about.json') ?? '') as { core: string }).core, 'running');
  assert.equal((JSON.parse(held.get('doctor.json') ?? '') as { ok: boolean }).ok, true);
  for (const [name, text] of held) assert.ok(!text.includes('a-secret-token'), name);
  assert.ok(!(held.get('settings.json') ?? '').includes('sources.openverse.token'));

  // Its dialog begins where it was last; what cannot be written there is said, and where.
  await desktop.evaluate(
    ({ electron, recorded, acts }, path) => {
      recorded.answers.paths.push([path]);
      acts.choose(electron.Menu.getApplicationMenu(), 'help', 'export-diagnostics');
    },
    join(folder, 'gone', 'diagnostics.zip'),
  );
  await desktop.until(({ recorded }) => recorded.dialogs.length === 3);
  const [first, second, failure] = await desktop.evaluate(dialogs);
  assert.equal(dirname(first?.defaultPath ?? ''), join(`${dataDirectory}-home`, 'Documents'));
  assert.equal(dirname(second?.defaultPath ?? ''), folder);
  assert.ok(failure?.message?.includes(`Expected the folder ${join(folder, 'gone')}`), failure?.message);
  assert.equal((await desktop.close()).code, 0);
});

test('diagnostics can be had without a core', async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  const other = await openCore({ dataDirectory, environment: {}, version: '0.0.0' });
  await other.client.settings.list();
  const archive = join(folder, 'diagnostics.zip');
  const desktop = await startDesktopFor(context, { dataDirectory });
  await desktop.evaluate(({ recorded }, path) => {
    recorded.answers.paths.push([path]);
    recorded.answers.buttons.push('Export diagnostics…');
  }, archive);
  assert.deepEqual(await desktop.exited, { code: 0, signal: null });
  await other.close();
  const held = await entriesOf(archive);
  assert.equal((JSON.parse(held.get('about.json') ?? '') as { core: string }).core, 'failed');
  assert.match(held.get('logs/main.log') ?? '', /open in another PixCrawler/);
});

async function entriesOf(path: string): Promise<ReadonlyMap<string, string>> {
  const zip = await fromBufferPromise(readFileSync(path), {});
  const held = new Map<string, string>();
  for await (const entry of zip.eachEntry()) {
    const stream = await zip.openReadStreamPromise(entry);
    held.set(entry.fileName, Buffer.concat(await stream.toArray()).toString('utf8'));
  }
  return held;
}
