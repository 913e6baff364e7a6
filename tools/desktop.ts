/** Whether the desktop can be opened on this machine, and what is done about it when only Electron's binary is missing. */

import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask, binaryAddress, type Environment, electronVersion, fetchBinary, isCached } from './electron-binary.ts';

/** Electron tells its version at once, or something is wrong with it. */
const PATIENCE_MS = 5_000;

export interface Machine {
  /** The folder of the program. */
  readonly root: string;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly environment: Environment;
  /** undefined where there are none. */
  readonly userId: number | undefined;
}

export type Desktop =
  | { readonly isPossible: true; readonly binaryPath: string }
  /** `reason` completes "…, because". With `lacksBinary` nothing else is in the way, as far as can be seen. */
  | { readonly isPossible: false; readonly reason: string; readonly lacksBinary?: true };

/** The machine that this runs on. */
export function thisMachine(environment: Environment): Machine {
  const { platform, arch } = process;
  return {
    root: fileURLToPath(new URL('..', import.meta.url)),
    platform,
    arch,
    environment,
    userId: process.getuid?.(),
  };
}

const no = (reason: string): Desktop => ({ isPossible: false, reason });

/** Decides within seconds, without asking any network. */
export async function findDesktop({ root, platform, environment, userId }: Machine): Promise<Desktop> {
  if (environment.PIXCRAWLER_HOST === 'browser') return no('the browser was asked for');
  if (!(await exists(join(root, 'electron', 'main.ts')))) return no('this PixCrawler comes without its desktop shell');
  const folder = join(root, 'node_modules', 'electron');
  if (!(await exists(join(folder, 'package.json')))) return no('Electron is not installed');
  if (platform === 'linux') {
    if (!environment.DISPLAY && !environment.WAYLAND_DISPLAY) return no('there is no display');
    if (userId === 0) return no('Electron does not run as root');
  }
  // The package writes down where it put its binary, once it has been downloaded.
  const name = await readFile(join(folder, 'path.txt'), 'utf8').catch(() => null);
  const given = environment.ELECTRON_OVERRIDE_DIST_PATH;
  if (name === null && !given) {
    return { isPossible: false, reason: "Electron's binary has not been downloaded", lacksBinary: true };
  }
  const binaryPath = given ? join(given, name?.trim() || 'electron') : join(folder, 'dist', name?.trim() ?? '');
  if (!(await exists(binaryPath, constants.X_OK))) {
    return { isPossible: false, reason: "Electron's binary is missing", ...(given ? {} : { lacksBinary: true }) };
  }
  return (await runs(binaryPath)) ? { isPossible: true, binaryPath } : no('Electron does not start on this machine');
}

export interface Teller {
  /** A line that stays. */
  readonly say: (line: string) => void;
  /** A line that the next one replaces, where there is a terminal. */
  readonly onProgress: (line: string) => void;
}

/**
 * Fetches a missing binary when its server answers within four seconds, and looks again. Whatever goes wrong, the answer is
 * that the desktop is not possible, and why.
 */
export async function findOrFetchDesktop(machine: Machine, { say, onProgress }: Teller): Promise<Desktop> {
  const found = await findDesktop(machine);
  if (found.isPossible || found.lacksBinary !== true) return found;
  const { root, environment, platform, arch } = machine;
  const version = await electronVersion(root);
  if (version === null) return found;
  const wanted = { version, platform, arch };
  const address = binaryAddress(wanted, environment);
  const isHere = await isCached(wanted, environment);
  const answer = isHere ? null : await ask(address, environment);
  const server = URL.parse(address)?.host ?? address;
  if (!isHere && answer?.ok !== true) return no(`${found.reason}, and ${server} does not offer it`);
  say(isHere ? `Unpacking Electron ${version}.` : `Fetching Electron ${version} from ${server}, once.`);
  const failure = await fetchBinary({ root, environment, totalBytes: answer?.total ?? 0, onProgress });
  return failure === null ? findDesktop(machine) : no(`Electron could not be fetched: ${failure}`);
}

function exists(path: string, mode = constants.F_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

function runs(binaryPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(binaryPath, ['--version'], { timeout: PATIENCE_MS, killSignal: 'SIGKILL' }, (error) => {
      resolve(error === null);
    });
  });
}

export interface BrowserWords {
  /** For the command line as a whole. */
  readonly globals: readonly string[];
  /** For its `serve`. */
  readonly rest: readonly string[];
  /** What a desktop would have opened, or have done. */
  readonly dropped: readonly string[];
}

/** What of the words that the desktop was to be started with the browser's host understands. */
export function wordsForBrowser(given: readonly string[]): BrowserWords {
  const [globals, rest, dropped]: [string[], string[], string[]] = [[], [], []];
  for (let at = 0; at < given.length; at++) {
    const word = given[at] as string;
    const next = given[at + 1];
    if (word === '--hidden' || !word.startsWith('-')) dropped.push(word);
    else if (word.startsWith('--data-dir=')) globals.push(word);
    else {
      const words = word === '--data-dir' ? globals : rest;
      words.push(word);
      // Its value, not something to be opened.
      if (/^--[^=]+$/.test(word) && next !== undefined && !next.startsWith('-')) {
        words.push(next);
        at++;
      }
    }
  }
  return { globals, rest, dropped };
}
