/** app: the life of the program, its paths, and what it tells the system about itself. */

import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type Electron from 'electron';
import { configuration } from './configuration.ts';
import { declared, tell, tellBare } from './declared.ts';
import { dock } from './dock.ts';
import { nativeImage } from './native-image.ts';
import { recorded } from './recorded.ts';
import { acquire, type Singleton } from './singleton.ts';

type PathName = Parameters<Electron.App['getPath']>[0];

const { machine } = configuration;
const PACKAGE = fileURLToPath(new URL('../../../package.json', import.meta.url));
const { name: packageName, version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { name: string; version: string };

/** What closes windows when the program quits: windows are above the app. @returns false when one stayed open */
export type CloseWindows = (isForced: boolean) => boolean;

class App extends EventEmitter {
  readonly isPackaged = machine.isPackaged;
  readonly dock = machine.platform === 'darwin' ? declared<Electron.Dock>(dock) : undefined;
  readonly commandLine = declared<Electron.CommandLine>({
    appendSwitch: (name: string, value = '') => {
      recorded.switches[name] = value;
    },
    hasSwitch: (name: string) => name in recorded.switches || process.argv.includes(`--${name}`),
    getSwitchValue: (name: string) => recorded.switches[name] ?? '',
  } satisfies Partial<Electron.CommandLine>);
  name = packageName;
  userAgentFallback = `Mozilla/5.0 ${packageName}/${version} Chrome Electron`;

  isReady(): boolean {
    return life.isReady;
  }

  whenReady(): Promise<void> {
    return life.ready.promise;
  }

  getVersion(): string {
    return version;
  }

  getName(): string {
    return this.name;
  }

  setName(name: string): void {
    this.name = name;
  }

  async getFileIcon(path: string): Promise<Electron.NativeImage> {
    if (!existsSync(path)) throw new Error(`Failed to get the icon of ${path}`);
    return nativeImage.createFromBitmap(Buffer.alloc(32 * 32 * 4), { width: 32, height: 32 });
  }

  getLocale(): string {
    return machine.locale;
  }

  getAppPath(): string {
    return dirname(PACKAGE);
  }

  getPath(name: PathName): string {
    const path = life.paths.get(name) ?? pathOf(name, this.name);
    if (path === undefined) throw new Error(`Failed to get '${name}' path`);
    return path;
  }

  setPath(name: string, path: string): void {
    if (pathOf(name as PathName, this.name) === undefined) throw new Error(`Failed to set path of '${name}'.`);
    if (!isAbsolute(path)) throw new Error('Path must be absolute');
    if (!existsSync(path)) throw new Error(`Expected the folder ${path} to exist.`);
    life.paths.set(name as PathName, path);
  }

  requestSingleInstanceLock(additionalData?: Record<string, unknown>): boolean {
    if (life.singleton !== null) return true;
    const ours = { argv: process.argv, workingDirectory: process.cwd(), additionalData: additionalData ?? {} };
    life.singleton = acquire(this.getPath('userData'), ours, (other) => {
      const { argv, workingDirectory, additionalData: data } = other;
      tell<Electron.App, 'second-instance'>(this, 'second-instance', argv, workingDirectory, data);
    });
    return life.singleton !== null;
  }

  hasSingleInstanceLock(): boolean {
    return life.singleton !== null;
  }

  releaseSingleInstanceLock(): void {
    life.singleton?.release();
    life.singleton = null;
  }

  enableSandbox(): void {
    if (life.isReady) throw new Error('app.enableSandbox() can only be called before app is ready.');
    recorded.isSandboxEnabled = true;
  }

  disableHardwareAcceleration(): void {
    if (life.isReady) throw new Error('app.disableHardwareAcceleration() can only be called before app is ready.');
  }

  setAppUserModelId(id: string): void {
    recorded.appUserModelId = id;
  }

  setDesktopName(_name: string): void {}

  setAboutPanelOptions(_options: Electron.AboutPanelOptionsOptions): void {}

  showAboutPanel(): void {}

  setAsDefaultProtocolClient(protocol: string): boolean {
    recorded.protocolClients.push(protocol);
    return true;
  }

  isDefaultProtocolClient(protocol: string): boolean {
    return recorded.protocolClients.includes(protocol);
  }

  setLoginItemSettings(settings: Electron.Settings): void {
    recorded.loginItem = settings;
  }

  getLoginItemSettings(): Electron.LoginItemSettings {
    const openAtLogin = recorded.loginItem.openAtLogin ?? false;
    return {
      openAtLogin,
      wasOpenedAtLogin: machine.wasOpenedAtLogin,
      status: openAtLogin ? 'enabled' : 'not-registered',
      executableWillLaunchAtLogin: openAtLogin,
      launchItems: [],
    };
  }

  addRecentDocument(_path: string): void {}

  clearRecentDocuments(): void {}

  setBadgeCount(count = 0): boolean {
    recorded.badge = count === 0 ? '' : String(count);
    return machine.platform !== 'win32';
  }

  getBadgeCount(): number {
    return Number(recorded.badge);
  }

  setUserTasks(_tasks: Electron.Task[]): boolean {
    return machine.platform === 'win32';
  }

  getAppMetrics(): Electron.ProcessMetric[] {
    return [];
  }

  focus(): void {}

  hide(): void {}

  show(): void {}

  relaunch(options: Electron.RelaunchOptions = {}): void {
    recorded.relaunches.push(options);
  }

  quit(): void {
    if (life.isQuitting) return;
    if (tell<Electron.App, 'before-quit'>(this, 'before-quit')) return;
    life.isQuitting = true;
    if (!life.closeWindows(false)) {
      life.isQuitting = false;
      return;
    }
    if (tell<Electron.App, 'will-quit'>(this, 'will-quit')) {
      life.isQuitting = false;
      return;
    }
    this.#end(0);
  }

  exit(exitCode = 0): void {
    life.isQuitting = true;
    life.closeWindows(true);
    this.#end(exitCode);
  }

  #end(exitCode: number): void {
    tell<Electron.App, 'quit'>(this, 'quit', exitCode);
    life.singleton?.release();
    process.exit(exitCode);
  }
}

function pathOf(name: PathName, program: string): string | undefined {
  const { home } = machine;
  const appData = join(home, '.config');
  const paths: Partial<Record<PathName, string>> = {
    home,
    appData,
    userData: join(appData, program),
    sessionData: join(appData, program),
    temp: tmpdir(),
    exe: process.execPath,
    module: process.execPath,
    desktop: join(home, 'Desktop'),
    documents: join(home, 'Documents'),
    downloads: join(home, 'Downloads'),
    music: join(home, 'Music'),
    pictures: join(home, 'Pictures'),
    videos: join(home, 'Videos'),
    logs: join(appData, program, 'logs'),
    crashDumps: join(appData, program, 'Crashpad'),
  };
  return paths[name];
}

/** What of the program's life the fake itself steers. */
export const life: {
  isReady: boolean;
  isQuitting: boolean;
  closeWindows: CloseWindows;
  singleton: Singleton | null;
  readonly ready: PromiseWithResolvers<void>;
  readonly paths: Map<PathName, string>;
} = {
  isReady: false,
  isQuitting: false,
  closeWindows: () => true,
  singleton: null,
  ready: Promise.withResolvers<void>(),
  paths: new Map(),
};

export const app = new App();

/** Electron tells this when the module of main has been evaluated to its end, and never before. */
export function becomeReady(): void {
  mkdirSync(app.getPath('userData'), { recursive: true });
  life.isReady = true;
  life.ready.resolve();
  tell<Electron.App, 'ready'>(app, 'ready', {});
}

/** The last window is gone. Without a listener Electron quits. */
export function allWindowsClosed(): void {
  if (life.isQuitting) return;
  if (app.listenerCount('window-all-closed') === 0) app.quit();
  else tellBare<Electron.App, 'window-all-closed'>(app, 'window-all-closed');
}
