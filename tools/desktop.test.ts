import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findDesktop, type Machine } from './desktop.ts';

/** A folder like that of the program, with these files. */
async function withProgram(
  files: Readonly<Record<string, string>>,
  look: (machine: Machine) => Promise<void>,
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'pixcrawler-desktop-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
      if (text.startsWith('#!')) await chmod(join(root, path), 0o755);
    }
    await look({ root, platform: 'linux', environment: { DISPLAY: ':0' }, userId: 1000 });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const SHELL = { 'electron/main.ts': '' };
const PACKAGE = { 'node_modules/electron/package.json': '{}' };
const DOWNLOADED = { 'node_modules/electron/path.txt': 'electron' };
const binary = (script: string) => ({ 'node_modules/electron/dist/electron': `#!/bin/sh\n${script}\n` });

const isWindows = process.platform === 'win32' ? 'needs a shell script as the binary' : false;

test('each thing that is missing is named', async () => {
  for (const [files, reason] of [
    [{}, /without its desktop shell/],
    [SHELL, /not installed/],
    [{ ...SHELL, ...PACKAGE }, /not been downloaded/],
    [{ ...SHELL, ...PACKAGE, ...DOWNLOADED }, /binary is missing/],
  ] as const) {
    await withProgram(files, async (machine) => {
      const desktop = await findDesktop(machine);
      assert.match(desktop.isPossible ? '' : desktop.reason, reason);
    });
  }
});

test('a binary that starts is the desktop, where there is a display and a user', { skip: isWindows }, async () => {
  await withProgram({ ...SHELL, ...PACKAGE, ...DOWNLOADED, ...binary('echo v39') }, async (machine) => {
    const binaryPath = join(machine.root, 'node_modules/electron/dist/electron');
    assert.deepEqual(await findDesktop(machine), { isPossible: true, binaryPath });
    assert.deepEqual(await findDesktop({ ...machine, environment: { WAYLAND_DISPLAY: 'wayland-0' } }), {
      isPossible: true,
      binaryPath,
    });
    const without = async (change: Partial<Machine>) => {
      const desktop = await findDesktop({ ...machine, ...change });
      return desktop.isPossible ? '' : desktop.reason;
    };
    assert.match(await without({ environment: {} }), /no display/);
    assert.match(await without({ userId: 0 }), /root/);
    assert.equal(await without({ platform: 'darwin', environment: {}, userId: 501 }), '');
  });
});

test('a binary that fails, or never answers, is none, and that is known within ten seconds', {
  skip: isWindows,
}, async () => {
  for (const script of ['echo "error while loading shared libraries" >&2; exit 127', 'exec sleep 60']) {
    const startedMs = performance.now();
    await withProgram({ ...SHELL, ...PACKAGE, ...DOWNLOADED, ...binary(script) }, async (machine) => {
      const desktop = await findDesktop(machine);
      assert.match(desktop.isPossible ? '' : desktop.reason, /does not start/);
    });
    assert.ok(performance.now() - startedMs < 10_000);
  }
});
