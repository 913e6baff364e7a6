import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { App } from 'electron';
import { claimInstance } from './instance.ts';

/** Claims a library that another has. @param locks what Electron answers, in order; the last one from then on */
function claim(context: TestContext, locks: readonly boolean[], ending: string | null, isLocked = true) {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'pixcrawler-instance-'));
  context.after(() => rmSync(dataDirectory, { recursive: true, force: true }));
  const endingPath = join(dataDirectory, 'desktop', 'ending');
  mkdirSync(join(dataDirectory, 'desktop'));
  if (ending !== null) writeFileSync(endingPath, ending);
  const userData = join(dataDirectory, 'desktop');
  if (isLocked) symlinkSync('machine-1', join(userData, 'SingletonLock'));
  let asked = 0;
  const app: Pick<App, 'getPath' | 'setPath' | 'on' | 'requestSingleInstanceLock'> = {
    getPath: () => userData,
    setPath: () => undefined,
    on: () => app as App,
    requestSingleInstanceLock: () => locks[Math.min(asked++, locks.length - 1)] ?? false,
  };
  const instance = claimInstance({
    app: app as App,
    argv: ['pixcrawler', '--data-dir', dataDirectory],
    isBareElectron: false,
    environment: {},
    platform: 'linux',
    homeDirectory: dataDirectory,
    workingDirectory: dataDirectory,
  });
  assert.ok(!readdirSync(userData).some((name) => name.startsWith('lock-probe')));
  return { isClaimed: instance !== null, asked, isEnding: existsSync(endingPath) };
}

/** Of a process that is gone. */
const GONE = String(spawnSync(process.execPath, ['--version']).pid);

test('one that was told a moment before it was gone has lost nothing', (context) => {
  assert.deepEqual(claim(context, [false, true], GONE), { isClaimed: true, asked: 2, isEnding: false });
});

test('one that goes on is told once', (context) => {
  assert.deepEqual(claim(context, [false], null), { isClaimed: false, asked: 1, isEnding: false });
});

test('what was left behind by one that ended long ago is not believed for ever', (context) => {
  assert.deepEqual(claim(context, [false], GONE), { isClaimed: false, asked: 3, isEnding: true });
  assert.deepEqual(claim(context, [false], 'no number'), { isClaimed: false, asked: 3, isEnding: true });
});

test('no lock, and nobody who has it, is not taken for another instance', (context) => {
  assert.throws(() => claim(context, [false], null, false), { code: 'unavailable', message: /A lock was expected in/ });
  assert.throws(() => claim(context, [false], GONE, false), { code: 'unavailable' });
  assert.equal(claim(context, [false, true], GONE, false).isClaimed, true);
});
