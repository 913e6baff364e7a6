/** What the program did to the system through the fake, and what the system will answer: for tests to look at and to set. */

import type Electron from 'electron';

export interface RecordedProcess {
  readonly pid: number;
  readonly modulePath: string;
  readonly arguments: readonly string[];
  readonly options: Electron.ForkOptions;
  /** null while it runs. */
  exitCode: number | null;
}

export interface RecordedDialog {
  readonly kind: 'open' | 'save' | 'message' | 'error';
  readonly options: Electron.OpenDialogOptions & Electron.SaveDialogOptions & Partial<Electron.MessageBoxOptions>;
  /** The id of the window it belongs to; null when it belongs to none. */
  readonly windowId: number | null;
}

/** What a person does with a dialog; those without an answer are dismissed. */
export interface DialogAnswers {
  /** Paths chosen in the next open or save dialogs; none to dismiss one. */
  readonly paths: string[][];
  /** Buttons pressed in the next message boxes: the label, or the index. */
  readonly buttons: (string | number)[];
}

export interface RecordedWindow {
  readonly id: number;
  readonly window: Electron.BrowserWindow;
  readonly options: Electron.BrowserWindowConstructorOptions;
  /** -1 for none. */
  progress: number;
  progressMode: string;
  overlay: string | null;
  isFlashing: boolean;
  /** Popup menus that were opened over it. */
  readonly popups: Electron.Menu[];
}

export interface RecordedDrag {
  readonly webContentsId: number;
  readonly files: readonly string[];
  readonly hasIcon: boolean;
}

export interface RecordedTray {
  readonly tray: Electron.Tray;
  toolTip: string;
  title: string;
  image: Electron.NativeImage | string;
  menu: Electron.Menu | null;
  /** How many menus it was given. One that is open when another comes is closed. */
  menuCount: number;
  isDestroyed: boolean;
}

export interface RecordedNotification {
  readonly title: string;
  readonly body: string;
  /** One that the program has forgotten is collected as garbage, and clicks on it lead nowhere. */
  readonly reference: WeakRef<Electron.Notification>;
}

export interface RecordedLoad {
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type PermissionRequestHandler = Parameters<Electron.Session['setPermissionRequestHandler']>[0];
type PermissionCheckHandler = Parameters<Electron.Session['setPermissionCheckHandler']>[0];
type DevicePermissionHandler = Parameters<Electron.Session['setDevicePermissionHandler']>[0];

export interface Recorded {
  readonly utilityProcesses: RecordedProcess[];
  readonly dialogs: RecordedDialog[];
  readonly answers: DialogAnswers;
  readonly windows: RecordedWindow[];
  readonly loads: RecordedLoad[];
  readonly drags: RecordedDrag[];
  readonly trays: RecordedTray[];
  readonly notifications: RecordedNotification[];
  /** What was opened outside: addresses, paths, and paths that were shown in the file manager. */
  readonly opened: { readonly externals: string[]; readonly paths: string[]; readonly shown: string[] };
  readonly protocolClients: string[];
  readonly switches: Record<string, string>;
  readonly privilegedSchemes: Electron.CustomScheme[];
  /** Running blockers, by id. */
  readonly powerSaveBlockers: Map<number, string>;
  readonly permissions: {
    request: PermissionRequestHandler;
    check: PermissionCheckHandler;
    device: DevicePermissionHandler;
  };
  loginItem: Electron.Settings;
  appUserModelId: string | null;
  isSandboxEnabled: boolean;
  badge: string;
  isDockVisible: boolean;
  dockMenu: Electron.Menu | null;
  /** What is started when the program has ended. */
  readonly relaunches: Electron.RelaunchOptions[];
  isOnBattery: boolean;
  isOnline: boolean;
  /** Whether a Linux waits with its shutdown for the program, and tells it. */
  isShutdownDelayed: boolean;
}

export const recorded: Recorded = {
  utilityProcesses: [],
  dialogs: [],
  answers: { paths: [], buttons: [] },
  windows: [],
  loads: [],
  drags: [],
  trays: [],
  notifications: [],
  opened: { externals: [], paths: [], shown: [] },
  protocolClients: [],
  switches: {},
  privilegedSchemes: [],
  powerSaveBlockers: new Map(),
  permissions: { request: null, check: null, device: null },
  loginItem: {},
  appUserModelId: null,
  isSandboxEnabled: false,
  badge: '',
  isDockVisible: true,
  dockMenu: null,
  relaunches: [],
  isOnBattery: false,
  isOnline: true,
  isShutdownDelayed: false,
};
