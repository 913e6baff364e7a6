/** What a person is asked when something ended too often to be started again without a word. */

import type { App, BrowserWindow, Dialog, Shell } from 'electron';
import type { CoreProblem } from './core-supervisor.ts';
import type { MainLog } from './log.ts';
import { t } from './messages.ts';
import { PAGE_RELOADS, planRestart } from './restart-policy.ts';

interface TroubleOptions {
  readonly app: Pick<App, 'quit'>;
  readonly dialog: Pick<Dialog, 'showMessageBox'>;
  readonly shell: Pick<Shell, 'showItemInFolder'>;
  readonly log: MainLog;
  readonly exportDiagnostics: () => Promise<void>;
}

export interface Trouble {
  /** The core is not started again by itself. */
  onCoreFailed(problem: CoreProblem, tryAgain: () => void): void;
  /** Loads the window's page again when its process ends, and asks when it does so too often, or hangs. */
  watch(window: BrowserWindow): void;
}

interface Question {
  readonly message: string;
  readonly detail: string;
  readonly tryAgain: () => void;
}

export function createTrouble({ app, dialog, shell, log, exportDiagnostics }: TroubleOptions): Trouble {
  /** Asks again after what does not answer the question. */
  async function ask({ message, detail, tryAgain }: Question): Promise<void> {
    const answers: readonly (readonly [label: string, act: () => unknown, isAnswer: boolean])[] = [
      [t.trouble.tryAgain, tryAgain, true],
      [t.trouble.showLog, () => shell.showItemInFolder(log.path), false],
      [t.trouble.exportDiagnostics, exportDiagnostics, false],
      [t.menu.quit, () => app.quit(), true],
    ];
    for (;;) {
      const { response } = await dialog.showMessageBox({
        type: 'error',
        title: t.productName,
        message,
        detail,
        buttons: answers.map(([label]) => label),
        defaultId: 0,
        cancelId: answers.length - 1,
        noLink: true,
      });
      const [, act, isAnswer] = answers[response] ?? answers[answers.length - 1]!;
      await act();
      if (isAnswer) return;
    }
  }
  const askSoon = (question: Question): void => {
    ask(question).catch((error: unknown) => log.error(error));
  };

  function watchHanging(window: BrowserWindow): void {
    let asking: AbortController | null = null;
    window.on('unresponsive', () => {
      if (asking !== null) return;
      log.write('warning', 'The page does not respond.');
      const controller = new AbortController();
      asking = controller;
      const buttons = [t.trouble.wait, t.trouble.reload];
      const box = { type: 'warning', message: t.trouble.hangs, detail: t.trouble.hangsDetail, buttons } as const;
      dialog
        .showMessageBox(window, { ...box, defaultId: 0, cancelId: 0, noLink: true, signal: controller.signal })
        .then(({ response }) => {
          // Nothing less ends a page that does not listen; its end is then met like any other.
          if (response === 1 && !controller.signal.aborted) window.webContents.forcefullyCrashRenderer();
        })
        .catch((error: unknown) => log.error(error))
        .finally(() => {
          asking = null;
        });
    });
    window.on('responsive', () => asking?.abort());
    window.on('closed', () => asking?.abort());
  }

  return {
    onCoreFailed(problem, tryAgain) {
      const isCrash = problem.kind === 'crashed';
      askSoon({
        message: isCrash ? t.trouble.coreCrashed : t.trouble.libraryRefused,
        detail: isCrash ? t.trouble.coreCrashedDetail : problem.message,
        tryAgain,
      });
    },
    watch(window) {
      const { webContents } = window;
      let endsMs: readonly number[] = [];
      webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
        if (reason === 'clean-exit') return;
        const plan = planRestart(PAGE_RELOADS, endsMs, performance.now(), 0);
        endsMs = plan.endsMs;
        log.write('error', 'The process of the page ended.', { reason, exitCode, reloads: plan.delayMs !== null });
        const reload = () => {
          if (!webContents.isDestroyed()) webContents.reload();
        };
        if (plan.delayMs !== null) {
          reload();
          return;
        }
        askSoon({
          message: t.trouble.pageCrashed,
          detail: t.trouble.pageCrashedDetail,
          tryAgain: () => {
            endsMs = [];
            reload();
          },
        });
      });
      watchHanging(window);
    },
  };
}
