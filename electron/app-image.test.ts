import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isOwnAppImage, moveAppImageLinks, registerAppImageLinks } from './app-image.ts';

const PROGRAM = '/apps/PixCrawler.AppImage';

async function start(context: TestContext) {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'pixcrawler-app-image-')));
  context.after(() => rm(root, { recursive: true, force: true }));
  const [iconPath, applications] = [join(root, 'icon.png'), join(root, 'home/.local/share/applications')];
  const system = join(root, 'system/applications');
  writeFileSync(iconPath, 'an icon');
  mkdirSync(system, { recursive: true });
  const commands: string[] = [];
  const problems: string[] = [];
  const register = async (environment: Record<string, string> = {}, problem?: Error) => {
    await registerAppImageLinks({
      environment: { APPIMAGE: PROGRAM, XDG_DATA_DIRS: join(root, 'system'), ...environment },
      homeDirectory: join(root, 'home'),
      iconPath,
      run: async (command) => {
        commands.push(command.join(' '));
        if (problem !== undefined) throw problem;
        return '';
      },
      log: (message) => void problems.push(message),
    });
  };
  const own = join(applications, 'pixcrawler.desktop');
  const exec = () => /^Exec=(.*)$/m.exec(readFileSync(own, 'utf8'))?.[1];
  return { root, applications, system, own, exec, commands, problems, register };
}

const REGISTERED = 'xdg-mime default pixcrawler.desktop x-scheme-handler/pixcrawler';

test('an AppImage has links opened by itself, and follows where it moves', async (context) => {
  const { root, own, exec, commands, problems, register } = await start(context);
  await register();
  assert.equal(exec(), `"${PROGRAM}" %u`);
  assert.equal(
    readFileSync(join(root, 'home/.local/share/icons/hicolor/512x512/apps/pixcrawler.png'), 'utf8'),
    'an icon',
  );
  await register();
  assert.deepEqual(commands, [REGISTERED], 'nothing had changed');
  await register({ APPIMAGE: '/elsewhere/Pix.AppImage' });
  assert.equal(exec(), '"/elsewhere/Pix.AppImage" %u');
  assert.deepEqual(commands, [REGISTERED, REGISTERED]);
  assert.deepEqual(readdirSync(join(own, '..')), ['pixcrawler.desktop']);
  assert.deepEqual(problems, []);
});

test('an update that has another name is what links open, as far as they opened this program', async (context) => {
  const { root, applications, own, exec, register } = await start(context);
  const move = () => moveAppImageLinks({}, join(root, 'home'), '/apps/PixCrawler-2.AppImage');
  move();
  assert.ok(!existsSync(own));
  await register();
  move();
  assert.equal(exec(), '"/apps/PixCrawler-2.AppImage" %u');
  const foreign = '[Desktop Entry]\nExec=another %u\n';
  writeFileSync(join(applications, 'pixcrawler.desktop'), foreign);
  move();
  assert.equal(readFileSync(own, 'utf8'), foreign);
});

test('entries are where the user has them', async (context) => {
  const { root, own, register } = await start(context);
  await register({ XDG_DATA_HOME: join(root, 'share') });
  assert.ok(existsSync(join(root, 'share/applications/pixcrawler.desktop')));
  assert.ok(!existsSync(own));
});

test('what a package, an integrator or a person has put there stays, and is not hidden', async (context) => {
  const { applications, system, own, commands, register } = await start(context);
  await register();
  const packaged = join(system, 'pixcrawler.desktop');
  writeFileSync(packaged, '[Desktop Entry]\nExec=/opt/PixCrawler/pixcrawler %U\n');
  await register();
  assert.ok(!existsSync(own), 'it would hide the one of the package');
  await rm(packaged);
  for (const name of ['appimagekit_0f-pixcrawler.desktop', 'pixcrawler.desktop']) {
    const path = join(applications, name);
    writeFileSync(path, '[Desktop Entry]\nExec=/apps/integrated %U\n');
    await register();
    assert.deepEqual(readdirSync(applications), [name]);
    assert.match(readFileSync(path, 'utf8'), /integrated/);
    await rm(path);
  }
  assert.equal(commands.length, 1);
  // Its own folder, while it runs, is not the system.
  writeFileSync(packaged, 'the one in the AppImage');
  await register({ APPDIR: join(system, '..') });
  assert.ok(existsSync(own));
});

test('what cannot be registered is said, and tried again at the next start', async (context) => {
  const { own, commands, problems, register } = await start(context);
  await register({}, new Error('spawn xdg-mime ENOENT'));
  assert.ok(!existsSync(own));
  assert.match(problems.join(), /Links to PixCrawler.*xdg-mime ENOENT/);
  await register();
  assert.deepEqual([commands.length, existsSync(own)], [2, true]);
});

test('what is no AppImage writes nothing, nor does a path that would be two lines', async (context) => {
  const { applications, commands, problems, register } = await start(context);
  await register({ APPIMAGE: '' });
  await register({ APPIMAGE: '/apps/a\nExec=evil' });
  assert.deepEqual([existsSync(applications), commands, problems], [false, [], []]);
});

test('the variables of an AppImage are its own only where it lies in it', async (context) => {
  const { root } = await start(context);
  const mounted = join(root, 'mounted');
  mkdirSync(mounted);
  symlinkSync(mounted, join(root, 'link'));
  const program = join(mounted, 'pixcrawler');
  assert.ok(isOwnAppImage({ APPIMAGE: PROGRAM, APPDIR: mounted }, program));
  assert.ok(isOwnAppImage({ APPIMAGE: PROGRAM, APPDIR: `${join(root, 'link')}/` }, program));
  for (const [APPIMAGE, APPDIR, path] of [
    [PROGRAM, mounted, '/opt/PixCrawler/pixcrawler'],
    [PROGRAM, mounted, `${mounted}-other/pixcrawler`],
    [PROGRAM, join(root, 'gone'), program],
    [PROGRAM, undefined, program],
    [undefined, mounted, program],
    ['relative.AppImage', mounted, program],
  ] as const) {
    assert.ok(!isOwnAppImage({ APPIMAGE, APPDIR }, path), `${APPIMAGE} ${APPDIR} ${path}`);
  }
});
