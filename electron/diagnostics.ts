/** What somebody who is to help needs to see, in one archive: logs, versions, settings without secrets, what the doctor says. */

import { open, readdir, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import type { App, Dialog, Shell } from 'electron';
import type { PortClient } from '../sdk/port-client.ts';
import { toAppError } from '../shared/errors.ts';
import type { CoreState } from './core-supervisor.ts';
import { type Places, placeOf, rememberPlace } from './dialogs.ts';
import type { MainLog } from './log.ts';
import { t } from './messages.ts';
import { placeProblem } from './place-problem.ts';
import { type ZipEntry, zipOf } from './zip.ts';

/** The doctor reads a part of the store, on a disk that may be what is wrong. */
const DOCTOR_PATIENCE_MS = 60_000;
const SETTINGS_PATIENCE_MS = 5_000;
/** Of each log, the end. */
const MAX_LOG_BYTES = 4 * 1024 * 1024;
const LOG_NAME = /^(?:main|core)\.log(?:\.\d)?$/;

/** Its dialog is where it was last, as the others are. */
const PURPOSE = 'diagnostics';

interface DiagnosticsOptions {
  readonly app: App;
  readonly dialog: Pick<Dialog, 'showSaveDialog' | 'showErrorBox'>;
  readonly shell: Pick<Shell, 'showItemInFolder'>;
  readonly client: PortClient['client'];
  readonly places: Places;
  readonly coreState: () => CoreState;
  /** Absolute path of the folder of all logs. */
  readonly logsPath: string;
  readonly log: MainLog;
}

/** @returns asks where to, gathers, writes and shows the archive; never rejects */
export function createDiagnosticsExport(options: DiagnosticsOptions): () => Promise<void> {
  const { app, dialog, shell, places, log } = options;
  return async () => {
    const day = new Date().toISOString().slice(0, 10);
    const { canceled, filePath } = await dialog.showSaveDialog({
      title: t.diagnostics.title,
      defaultPath: join(placeOf(places, PURPOSE) ?? app.getPath('documents'), `pixcrawler-diagnostics-${day}.zip`),
      filters: [{ name: t.diagnostics.fileType, extensions: ['zip'] }],
    });
    if (canceled || filePath === '') return;
    rememberPlace(places, PURPOSE, dirname(filePath));
    try {
      await writeFile(filePath, zipOf(await gather(options)), { mode: 0o600 });
      shell.showItemInFolder(filePath);
    } catch (error) {
      log.error(error);
      dialog.showErrorBox(t.diagnostics.failed, toAppError(placeProblem(error, dirname(filePath))).message);
    }
  };
}

async function gather({ app, client, coreState, logsPath }: DiagnosticsOptions): Promise<ZipEntry[]> {
  const state = coreState();
  const about = {
    pixcrawler: app.getVersion(),
    electron: process.versions.electron,
    chrome: process.versions.chrome,
    node: process.versions.node,
    system: `${process.platform} ${release()} ${process.arch}`,
    isPackaged: app.isPackaged,
    locale: app.getLocale(),
    core: state,
    writtenAt: new Date().toISOString(),
  };
  // Only a core that runs can be asked: what it would have said is then missing, and `about.json` says why.
  const isRunning = state === 'running';
  const asked = isRunning
    ? await Promise.all([
        answerOf('settings.json', settingsOf(client)),
        answerOf('doctor.json', client.doctor.run({}, { signal: AbortSignal.timeout(DOCTOR_PATIENCE_MS) })),
      ])
    : [];
  return [{ name: 'about.json', content: pretty(about) }, ...asked, ...(await logsIn(logsPath))];
}

async function settingsOf(client: PortClient['client']): Promise<unknown> {
  const settings = await client.settings.list(undefined, { signal: AbortSignal.timeout(SETTINGS_PATIENCE_MS) });
  return settings.filter(({ isSecret }) => !isSecret).map(({ name, value, from }) => ({ name, value, from }));
}

async function answerOf(name: string, answer: Promise<unknown>): Promise<ZipEntry> {
  const content = await answer.catch((error: unknown) => ({ error: String(error) }));
  return { name, content: pretty(content) };
}

async function logsIn(folder: string): Promise<ZipEntry[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => LOG_NAME.test(name));
  return Promise.all(names.map(async (name) => ({ name: `logs/${name}`, content: await logOf(join(folder, name)) })));
}

/** One that was moved on meanwhile, or cannot be read, says so itself. */
async function logOf(path: string): Promise<Uint8Array | string> {
  return endOf(path).catch((error: unknown) => `This log could not be read: ${String(error)}\n`);
}

async function endOf(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, MAX_LOG_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
