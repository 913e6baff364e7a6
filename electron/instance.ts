/** One instance for a data directory: what a second start, a link or a file asks for is brought to the first. */

import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { App } from 'electron';
import { defaultDataDirectory } from '../shared/data-directory.ts';
import { AppError } from '../shared/errors.ts';
import { type Launch, NOTHING, parseLaunch, parseOpenedLink } from './launch.ts';
import { t } from './messages.ts';

export interface InstanceOptions {
  readonly app: App;
  /** `process.argv`, with the program, and with the folder of the app where the program is a bare Electron. */
  readonly argv: readonly string[];
  readonly isBareElectron: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly homeDirectory: string;
  readonly workingDirectory: string;
}

export interface Instance {
  /** Absolute path. */
  readonly dataDirectory: string;
  /** The data directory, where it is not the usual one: whoever starts the program for it has to name it. */
  readonly namedDirectory: string | null;
  /** What this start asked for. */
  readonly first: Launch;
  /**
   * Tells what is asked for from now on, and at once what came before anybody listened. A start that asks for nothing wants
   * the window.
   */
  onLaunch(listener: (launch: Launch) => void): void;
  /**
   * To be called as the program begins to end. Nothing is told any more: a start that comes now waits for the end and is the
   * one instance then. What macOS hands over without a start begins the program anew.
   */
  end(): void;
}

/** While an instance ends this file in its folder names its process. */
const ENDING_FILE = 'ending';
/** An instance has ten seconds for its core, and ten more for what installs an update. */
const ENDING_PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 100;
/** A file that was left behind, and cannot be removed, is not believed for ever. */
const MOST_ASKED = 3;

/** What a second start tells the first. */
interface Handed extends Record<string, unknown> {
  readonly arguments: readonly string[];
  readonly workingDirectory: string;
}

/**
 * Makes this the one instance; to be called before Electron is ready, since macOS hands over links and files that early.
 * @returns null when there is one, which has been told what this one was asked for
 * @throws AppError `unavailable` when nothing can tell whether there is one
 */
export function claimInstance(options: InstanceOptions): Instance | null {
  const { app, argv, isBareElectron, environment, platform, workingDirectory } = options;
  const given = argv.slice(isBareElectron ? 2 : 1);
  const first = parseLaunch(given, { workingDirectory, exists: existsSync });
  const usualDirectory = defaultDataDirectory(options);
  const dataDirectory = first.dataDirectory ?? chosenDirectory();
  const namedDirectory = dataDirectory === usualDirectory ? null : dataDirectory;
  keepBeside(app, dataDirectory, first.isHidden, platform);
  const endingPath = join(dataDirectory, 'desktop', ENDING_FILE);
  for (
    let asked = 1;
    !app.requestSingleInstanceLock({ arguments: given, workingDirectory } satisfies Handed);
    asked++
  ) {
    // Who ends has heard it and does nothing about it.
    if (asked < MOST_ASKED && waitForEnd(endingPath)) continue;
    if (isLocked(app, platform)) return null;
    // Electron says no as well where it could make no lock: there is nobody who could have been told anything.
    throw new AppError('unavailable', t.trouble.noLock(app.getPath('userData'), app.getPath('temp')));
  }
  // Where it cannot be written it is not there either.
  attempt(() => rmSync(endingPath, { force: true }));

  let isEnding = false;
  const beginAnew = (asked: string): void => {
    const program = isBareElectron ? argv.slice(1, 2) : [];
    const library = namedDirectory === null ? [] : ['--data-dir', namedDirectory];
    app.relaunch({ args: [...program, ...library, asked] });
  };
  const early: Launch[] = [];
  let tell = (launch: Launch): void => void early.push(launch);
  app.on('second-instance', (_event, _argv, _directory, handed) => {
    if (!isEnding) tell(launchOf(handed));
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    if (isEnding) beginAnew(path);
    else tell({ ...NOTHING, paths: existsSync(path) ? [path] : [] });
  });
  app.on('open-url', (event, url) => {
    event.preventDefault();
    if (isEnding) beginAnew(url);
    else tell(parseOpenedLink(url));
  });
  return {
    dataDirectory,
    namedDirectory,
    first,
    onLaunch(listener) {
      tell = listener;
      for (const launch of early.splice(0)) listener(launch);
    },
    end() {
      isEnding = true;
      // A full disk keeps nobody from ending.
      attempt(() => writeFileSync(endingPath, String(process.pid)));
    },
  };

  function chosenDirectory(): string {
    const named = environment.PIXCRAWLER_DATA_DIR;
    if (named === undefined || named === '') return usualDirectory;
    return parseLaunch(['--data-dir', named], { workingDirectory, exists: existsSync }).dataDirectory ?? named;
  }
}

/** How Chromium marks a folder as taken: with a symbolic link, and on Windows with a file that it holds open. */
const lockNameOf = (platform: string): string => (platform === 'win32' ? 'lockfile' : 'SingletonLock');

/**
 * Electron's own files lie in the data directory. They also tell instances apart: one library, one instance. A library on a disk
 * that takes no lock, such as a stick that cameras read as well, has them in a folder of its own among those of the user.
 */
function keepBeside(app: App, dataDirectory: string, isLogin: boolean, platform: string): void {
  const path = join(dataDirectory, 'desktop');
  // Where this fails the core cannot open the library either, and says why.
  attempt(() => {
    // What is started at login has been there: where it is not, its disk is away, and nothing is made in its place.
    mkdirSync(path, { recursive: !isLogin || existsSync(dataDirectory), mode: 0o700 });
    app.setPath('userData', takesLock(path, platform) ? path : makeElsewhere(app, dataDirectory));
  });
}

function takesLock(path: string, platform: string): boolean {
  const probe = join(path, `lock-probe-${process.pid}`);
  try {
    if (platform === 'win32') writeFileSync(probe, '');
    else symlinkSync(lockNameOf(platform), probe);
    rmSync(probe);
    return true;
  } catch {
    return false;
  }
}

/** @returns the folder of that library; below the one that Electron would use */
function makeElsewhere(app: App, dataDirectory: string): string {
  const mark = createHash('sha256').update(realpathSync(dataDirectory)).digest('hex').slice(0, 8);
  const path = join(app.getPath('userData'), `desktop-${mark}`);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

/** Whether there is another instance, or was one that broke. */
function isLocked(app: App, platform: string): boolean {
  return lstatSync(join(app.getPath('userData'), lockNameOf(platform)), { throwIfNoEntry: false }) !== undefined;
}

function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // Whoever asks says why that is no matter.
  }
}

/** Holds this process up, which has nothing else to do yet. @returns false when nobody is ending, or it takes over a minute */
function waitForEnd(endingPath: string): boolean {
  const until = performance.now() + ENDING_PATIENCE_MS;
  const bell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  // Who was asked a moment ago may be gone by now: the file stays until the next one begins.
  const isEnding = existsSync(endingPath);
  while (isRunning(endingPath)) {
    if (performance.now() > until) return false;
    Atomics.wait(bell, 0, 0, LOOK_EVERY_MS);
  }
  return isEnding;
}

/** Whether the process that a file names is still there. */
function isRunning(path: string): boolean {
  try {
    process.kill(Number.parseInt(readFileSync(path, 'utf8'), 10), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** It comes from another process, which may be of another version. */
function launchOf(handed: unknown): Launch {
  const { arguments: given, workingDirectory } = (handed ?? {}) as Partial<Handed>;
  if (!Array.isArray(given) || !given.every((argument) => typeof argument === 'string')) return NOTHING;
  if (typeof workingDirectory !== 'string') return NOTHING;
  return parseLaunch(given, { workingDirectory, exists: existsSync });
}
