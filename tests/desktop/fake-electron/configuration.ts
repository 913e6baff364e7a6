/** What a test tells the program's process before it begins: an environment variable, read once. */

/** The machine that the program finds itself on. */
export interface Machine {
  readonly platform: 'darwin' | 'win32' | 'linux';
  /** The user's home; `appData` and all other folders of the user lie in it. */
  readonly home: string;
  readonly isPackaged: boolean;
  /** `asking` shows a prompt that nobody has answered; `unavailable` is not there, or was locked and its prompt dismissed. */
  readonly keychain: 'available' | 'asking' | 'unavailable';
  readonly areNotificationsSupported: boolean;
  /** Whether the session before this one began the program hidden, as at login. */
  readonly wasOpenedAtLogin: boolean;
  readonly locale: string;
  /** A folder on whose disk no symbolic links can be made, as FAT has none; null for none. */
  readonly linklessFolder: string | null;
  /** The first is the primary one. Default: one of 1920 by 1080, with a bar of 40 pixels at its top. */
  readonly displays: readonly { readonly id: number; readonly bounds: Readonly<Electron.Rectangle> }[];
}

export interface Configuration {
  /** The bundle of main. */
  readonly entry: string;
  readonly machine: Machine;
  /** The file to write `Traces` to at the end. */
  readonly tracesPath: string;
}

/** What is left to look at of a program that has ended. */
export interface Traces {
  /** What it started, by the names of their modules. */
  readonly utilityProcesses: readonly string[];
  readonly windowCount: number;
  /** What its dialogs said. */
  readonly dialogs: readonly string[];
}

export const CONFIGURATION_VARIABLE = 'FAKE_ELECTRON';

export const configuration: Configuration = JSON.parse(process.env[CONFIGURATION_VARIABLE] ?? 'null') as Configuration;
