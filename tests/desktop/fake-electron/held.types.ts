/**
 * Holds the fake to electron.d.ts of the pinned version, when types are checked: it may offer no name that Electron does not
 * declare, and each one must take and give what is declared. Events are held by `tell` (`declared.ts`).
 */

import type { EventEmitter } from 'node:events';
import type Electron from 'electron';
import type * as fake from './electron.ts';

type Fake = typeof fake;
type Real = typeof Electron;

type Inherited = keyof EventEmitter | 'prototype';
/** Names that the fake made up. */
type Undeclared<Ours, Theirs> = Exclude<keyof Ours, keyof Theirs | Inherited>;
type Part<Of, Names extends PropertyKey> = Pick<Of, Exclude<keyof Of & Names, Inherited>>;

/** true, or what is wrong. */
type Held<Ours, Theirs> = [Undeclared<Ours, Theirs>] extends [never]
  ? Part<Ours, keyof Ours> extends Part<Theirs, keyof Ours>
    ? true
    : {
        [Name in Exclude<keyof Ours & keyof Theirs, Inherited>]: Ours[Name] extends Theirs[Name] ? never : Name;
      }[Exclude<keyof Ours & keyof Theirs, Inherited>]
  : Undeclared<Ours, Theirs>;

/** true when what Electron's class is made with makes that of the fake. */
type Made<Ours, Theirs extends abstract new (...parameters: never[]) => unknown> = Ours extends new (
  ...parameters: ConstructorParameters<Theirs>
) => unknown
  ? true
  : 'made in another way';

export const MODULE: [Undeclared<Fake, Real>] extends [never] ? true : Undeclared<Fake, Real> = true;

/** The singletons and the static sides of classes. */
export const OFFERED: {
  [Name in Exclude<keyof Fake, 'utilityProcess' | 'session' | 'nativeImage' | 'webContents'>]: Held<
    Fake[Name],
    Real[Name]
  >;
} = {
  app: true,
  autoUpdater: true,
  BrowserWindow: true,
  clipboard: true,
  dialog: true,
  ipcMain: true,
  Menu: true,
  MenuItem: true,
  MessageChannelMain: true,
  nativeTheme: true,
  net: true,
  Notification: true,
  powerMonitor: true,
  powerSaveBlocker: true,
  protocol: true,
  safeStorage: true,
  screen: true,
  shell: true,
  Tray: true,
};

/** Declared as classes, offered as objects. */
export const STATIC: {
  utilityProcess: Held<Fake['utilityProcess'], Real['utilityProcess']>;
  session: Held<Fake['session'], Real['session']>;
  nativeImage: Held<Fake['nativeImage'], Real['nativeImage']>;
  webContents: Held<Fake['webContents'], Real['webContents']>;
} = { utilityProcess: true, session: true, nativeImage: true, webContents: true };

export const INSTANCES: {
  BrowserWindow: Held<InstanceType<Fake['BrowserWindow']>, Electron.BrowserWindow>;
  Menu: Held<InstanceType<Fake['Menu']>, Electron.Menu>;
  MenuItem: Held<InstanceType<Fake['MenuItem']>, Electron.MenuItem>;
  MessageChannelMain: Held<InstanceType<Fake['MessageChannelMain']>, Electron.MessageChannelMain>;
  MessagePortMain: Held<import('./message-port-main.ts').MessagePortMain, Electron.MessagePortMain>;
  NativeImage: Held<import('./native-image.ts').NativeImage, Electron.NativeImage>;
  Notification: Held<InstanceType<Fake['Notification']>, Electron.Notification>;
  Session: Held<import('./session.ts').Session, Electron.Session>;
  Tray: Held<InstanceType<Fake['Tray']>, Electron.Tray>;
  UtilityProcess: Held<import('./utility-process.ts').UtilityProcess, Electron.UtilityProcess>;
  WebContents: Held<import('./web-contents.ts').WebContents, Electron.WebContents>;
  dock: Held<typeof import('./dock.ts')['dock'], Electron.Dock>;
  webRequest: Held<typeof import('./session.ts')['webRequest'], Electron.WebRequest>;
} = {
  BrowserWindow: true,
  Menu: true,
  MenuItem: true,
  MessageChannelMain: true,
  MessagePortMain: true,
  NativeImage: true,
  Notification: true,
  Session: true,
  Tray: true,
  UtilityProcess: true,
  WebContents: true,
  dock: true,
  webRequest: true,
};

export const CONSTRUCTED: {
  BrowserWindow: Made<Fake['BrowserWindow'], typeof Electron.BrowserWindow>;
  MenuItem: Made<Fake['MenuItem'], typeof Electron.MenuItem>;
  Notification: Made<Fake['Notification'], typeof Electron.Notification>;
  Tray: Made<Fake['Tray'], typeof Electron.Tray>;
} = { BrowserWindow: true, MenuItem: true, Notification: true, Tray: true };
