/** The desktop, once Electron is ready: windows, tray and whatever else is the system's, around a core that is kept alive beside it. */

import { join } from 'node:path';
import {
  app,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  nativeImage,
  powerMonitor,
  protocol,
  safeStorage,
  session,
  shell,
} from 'electron';
import type { z } from 'zod';
import type { MediaRequest } from '../shared/media.ts';
import type { HostHold } from '../shared/vocabulary.ts';
import { moveAppImageLinks, registerAppImageLinks } from './app-image.ts';
import { createBackground } from './background.ts';
import { createCorePorts } from './core-ports.ts';
import { createCoreSupervisor } from './core-supervisor.ts';
import { createDiagnosticsExport } from './diagnostics.ts';
import { placesSchema, registerDialogs } from './dialogs.ts';
import { registerDragOut } from './drag-out.ts';
import type { Instance } from './instance.ts';
import { createIpc } from './ipc.ts';
import { createJsonFile, type JsonFile } from './json-file.ts';
import { createMainKeychain } from './keychain.ts';
import type { Launch } from './launch.ts';
import { createLifecycle } from './lifecycle.ts';
import type { MainLog } from './log.ts';
import { registerMenus } from './menu.ts';
import { t } from './messages.ts';
import { serveInterface } from './protocol.ts';
import { type OpenLink, secureSession } from './security.ts';
import { registerShowInFolder } from './show-in-folder.ts';
import { watchStart } from './start-marks.ts';
import { createStayNotice, stayNoticeSchema } from './stay-notice.ts';
import { runCommand } from './system-command.ts';
import { createTrouble } from './trouble.ts';
import { createAppWindow } from './window.ts';
import { windowStateSchema } from './window-state.ts';

const { platform } = process;
/** What was built lies side by side, also in the archive of the program. */
const built = (name: string): string => join(import.meta.dirname, name);

interface DesktopOptions {
  readonly instance: Instance;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logsPath: string;
  readonly log: MainLog;
  readonly report: (message: string) => void;
  readonly openLink: OpenLink;
}

/** Puts the parts together, and opens what this start asked for. */
export function startDesktop({ instance, environment, logsPath, log, report, openLink }: DesktopOptions): void {
  const { dataDirectory, first, onLaunch } = instance;
  const remembered = <T>(name: string, schema: z.ZodType<T>): JsonFile<T> =>
    createJsonFile({ path: join(app.getPath('userData'), name), schema, onError: (error) => log.error(error) });
  log.write('info', 'The desktop was started.', { version: app.getVersion(), pid: process.pid });

  /** What the power rules said last: a core that is started anew is to begin with it. */
  let holds: readonly HostHold[] = [];
  const supervisor = createCoreSupervisor({
    entry: built('core-process.js'),
    workerEntry: built('worker.js'),
    start: {
      dataDirectory,
      // A library that is started at login has been there.
      create: first.isHidden ? 'never' : 'if-new',
      version: app.getVersion(),
      interfacePath: built('renderer'),
    },
    holds: () => holds,
    environment,
    keychain: createMainKeychain(safeStorage, platform),
    log,
    onFailed: (problem) => trouble.onCoreFailed(problem, () => supervisor.start()),
  });
  const ports = createCorePorts(supervisor);
  const { client } = ports;
  const coreState = () => supervisor.state;
  const places = remembered('places.json', placesSchema);
  const exportDiagnostics = createDiagnosticsExport({ app, dialog, shell, client, places, coreState, logsPath, log });
  const trouble = createTrouble({ app, dialog, shell, log, exportDiagnostics });
  watchStart(app, supervisor);
  supervisor.start();

  const lifecycle = createLifecycle({
    app,
    powerMonitor,
    platform,
    log,
    closesToTray: () => background.closesToTray(),
    onStaysBehind: createStayNotice({
      platform,
      memory: remembered('told.json', stayNoticeSchema),
      tell: (title, text) => background.notify({ title, text, place: '/settings/desktop', needsAttention: false }),
    }),
    showWindow: () => window.show(),
    stop: async () => {
      instance.end();
      window.remember();
      background.stop();
      places.flush();
      await supervisor.stop();
    },
  });

  const iconPath = built('../resources/icons/512x512.png');
  secureSession(session.defaultSession, { log: report });
  serveInterface(protocol, { folderPath: built('renderer'), askMedia: (request) => supervisor.media(request) });
  const window = createAppWindow({
    preloadPath: built('preload.cjs'),
    // Elsewhere the program itself has it.
    ...(platform === 'linux' ? { iconPath } : {}),
    isPackaged: app.isPackaged,
    memory: remembered('window.json', windowStateSchema),
    staysBehind: lifecycle.staysBehind,
    watch: trouble.watch,
    log: report,
  });
  const ipc = createIpc({ ipcMain, ownContents: () => window.window?.webContents, log: report });
  ipc.on('pixcrawler:connect', (_tiding, page) => {
    window.connected();
    ports.connect(page);
    window.tell('pixcrawler:state', { updateVersion: background.updates.version });
  });
  const background = createBackground({
    client,
    platform,
    environment,
    imagesPath: built('../resources'),
    loginArguments: process.defaultApp === true ? [app.getAppPath()] : [],
    namedDirectory: instance.namedDirectory,
    window: () => window.window,
    open: (place) => window.show(place),
    quit: () => app.quit(),
    endBy: lifecycle.endBy,
    onHolds: (now) => {
      holds = now;
    },
    onUpdate: (updateVersion) => window.tell('pixcrawler:state', { updateVersion }),
    onMoved: (path) => moveAppImageLinks(environment, app.getPath('home'), path),
    mainLog: log,
    log: report,
  });
  ipc.handle('pixcrawler:install-update', async () => {
    background.updates.install();
    return undefined;
  });
  const askMedia = (request: MediaRequest) => supervisor.media(request);
  const dialogs = registerDialogs({
    ipc,
    dialog,
    window: () => window.window,
    memory: places,
  });
  registerDragOut({
    ipc,
    client,
    askMedia,
    nativeImage,
    fileIcon: (path) => app.getFileIcon(path),
    dialogs,
    libraryPath: dataDirectory,
    tell: (state) => window.tell('pixcrawler:drag', state),
    onError: (error) => log.error(error),
  });
  registerShowInFolder({ ipc, shell, client, askMedia });
  registerMenus({
    app,
    menu: Menu,
    clipboard,
    platform,
    isPackaged: app.isPackaged,
    show: (path) => window.show(path),
    help: [
      { id: 'show-log', label: t.trouble.showLog, click: () => shell.showItemInFolder(log.path) },
      { id: 'export-diagnostics', label: t.trouble.exportDiagnostics, click: () => void exportDiagnostics() },
    ],
    openLink,
    log: report,
  });

  const open = ({ isHidden, paths, links, place, ignored }: Launch): void => {
    for (const text of ignored) report(`Not understood: ${text}`);
    const isOpening = paths.length + links.length > 0;
    if (!isHidden || isOpening || place !== null) window.show(place ?? undefined);
    if (isOpening) window.tell('pixcrawler:opened', { paths, links });
  };
  // macOS gives no arguments to what it starts at login.
  const isLogin = platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin;
  open({ ...first, isHidden: first.isHidden || isLogin });
  onLaunch(open);
  if (platform === 'linux') {
    const homeDirectory = app.getPath('home');
    void registerAppImageLinks({ environment, homeDirectory, iconPath, run: runCommand, log: report });
  }
}
