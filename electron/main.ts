/** The desktop's first words: who it is, whether it is the only one, and what holds before Electron is ready. */

import { homedir } from 'node:os';
import { join } from 'node:path';
import { app, dialog, protocol, shell } from 'electron';
import { AppError } from '../shared/errors.ts';
import { isOwnAppImage } from './app-image.ts';
import { APPLICATION_ID, LINK_SCHEME } from './application-id.ts';
import { startDesktop } from './desktop.ts';
import { claimInstance, type Instance } from './instance.ts';
import { openMainLog } from './log.ts';
import { t } from './messages.ts';
import { SCHEMES } from './protocol.ts';
import { createLinkOpener, secureApp } from './security.ts';
import { markStart } from './start-marks.ts';

const { platform, env: environment } = process;

// Updates would take the place of that other program, and the login would start it.
if (!isOwnAppImage(environment, process.execPath)) delete environment.APPIMAGE;
app.setName(t.productName);
if (platform === 'win32' && app.isPackaged) {
  app.setAppUserModelId(APPLICATION_ID);
  // The other systems read it from the package, and an AppImage tells them later.
  app.setAsDefaultProtocolClient(LINK_SCHEME);
}
protocol.registerSchemesAsPrivileged([...SCHEMES]);
// Electron is not ready before this module has been evaluated to its end: nothing may be awaited here.
const instance = claim();
if (instance instanceof AppError) void app.whenReady().then(() => refuse(instance.message));
else if (instance === null) app.quit();
else begin(instance);

function claim(): Instance | AppError | null {
  try {
    return claimInstance({
      app,
      argv: process.argv,
      isBareElectron: process.defaultApp === true,
      environment,
      platform,
      homeDirectory: homedir(),
      workingDirectory: process.cwd(),
    });
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

function refuse(why: string): void {
  dialog.showErrorBox(t.trouble.cannotStart, why);
  app.exit(1);
}

function begin(only: Instance): void {
  const logsPath = join(only.dataDirectory, 'logs');
  const log = openMainLog(logsPath);
  const report = (message: string): void => log.write('warning', message);
  process.on('uncaughtException', (error) => log.error(error));
  process.on('unhandledRejection', (reason) => log.error(reason));
  const openLink = createLinkOpener(shell, report);
  secureApp(app, { openLink, log: report });
  app
    .whenReady()
    .then(() => {
      // The launcher of an AppImage takes the sandbox away without a word where the system lets no program make one.
      if (environment.APPIMAGE && app.commandLine.hasSwitch('no-sandbox')) {
        log.write('error', t.trouble.noSandbox);
        refuse(t.trouble.noSandbox);
      } else startDesktop({ instance: only, environment, logsPath, log, report, openLink });
    })
    .catch((error: unknown) => {
      log.error(error);
      refuse(`${String(error)}\n\n${log.path}`);
    });
  markStart('evaluated');
}
