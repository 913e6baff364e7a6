/** One instance for a data directory: what a second start, a link or a file asks for is brought to the first. */

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'electron';
import { defaultDataDirectory } from '../shared/data-directory.ts';
import { type Launch, NOTHING, parseLaunch, parseOpenedLink } from './launch.ts';

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
  /** What this start asked for. */
  readonly first: Launch;
  /**
   * Tells what is asked for from now on, and at once what came before anybody listened. A start that asks for nothing wants
   * the window.
   */
  onLaunch(listener: (launch: Launch) => void): void;
}

/** What a second start tells the first. */
interface Handed extends Record<string, unknown> {
  readonly arguments: readonly string[];
  readonly workingDirectory: string;
}

/**
 * Makes this the one instance; to be called before Electron is ready, since macOS hands over links and files that early.
 * @returns null when there is one, which has been told what this one was asked for
 */
export function claimInstance(options: InstanceOptions): Instance | null {
  const { app, argv, isBareElectron, environment, workingDirectory } = options;
  const given = argv.slice(isBareElectron ? 2 : 1);
  const first = parseLaunch(given, { workingDirectory, exists: existsSync });
  const dataDirectory = first.dataDirectory ?? chosenDirectory(options);
  keepBeside(app, dataDirectory);
  if (!app.requestSingleInstanceLock({ arguments: given, workingDirectory } satisfies Handed)) return null;

  const early: Launch[] = [];
  let tell = (launch: Launch): void => void early.push(launch);
  app.on('second-instance', (_event, _argv, _directory, handed) => tell(launchOf(handed)));
  app.on('open-file', (event, path) => {
    event.preventDefault();
    tell({ ...NOTHING, paths: existsSync(path) ? [path] : [] });
  });
  app.on('open-url', (event, url) => {
    event.preventDefault();
    tell(parseOpenedLink(url));
  });
  return {
    dataDirectory,
    first,
    onLaunch(listener) {
      tell = listener;
      for (const launch of early.splice(0)) listener(launch);
    },
  };

  function chosenDirectory({ platform, homeDirectory }: InstanceOptions): string {
    const named = environment.PIXCRAWLER_DATA_DIR;
    if (named === undefined || named === '') return defaultDataDirectory({ environment, platform, homeDirectory });
    return parseLaunch(['--data-dir', named], { workingDirectory, exists: existsSync }).dataDirectory ?? named;
  }
}

/** Electron's own files lie in the data directory. They also tell instances apart: one library, one instance. */
function keepBeside(app: App, dataDirectory: string): void {
  const path = join(dataDirectory, 'desktop');
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    app.setPath('userData', path);
  } catch {
    // The core cannot open the library there either, and says why.
  }
}

/** It comes from another process, which may be of another version. */
function launchOf(handed: unknown): Launch {
  const { arguments: given, workingDirectory } = (handed ?? {}) as Partial<Handed>;
  if (!Array.isArray(given) || !given.every((argument) => typeof argument === 'string')) return NOTHING;
  if (typeof workingDirectory !== 'string') return NOTHING;
  return parseLaunch(given, { workingDirectory, exists: existsSync });
}
