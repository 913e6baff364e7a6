/** What the page may say to main: known channels, from the main frame of our window on our own origin, in the declared shape. */

import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';
import { z } from 'zod';
import { id, sha256 } from '../shared/contract/common.ts';
import { dragRequest } from '../shared/contract/drags.ts';
import { AppError, toAppError } from '../shared/errors.ts';
import type { Answer, Questions, Tidings } from './channels.ts';
import { INTERFACE_ORIGIN } from './protocol.ts';

/** The shape of all that comes in. */
const QUESTIONS: { readonly [C in keyof Questions]: z.ZodType<Questions[C]['input']> } = {
  'pixcrawler:choose': z.strictObject({
    purpose: z.enum(['import-folder', 'import-files', 'list-file', 'export-folder']),
  }),
  'pixcrawler:show-in-folder': z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('export'), jobId: id }),
    z.strictObject({ kind: z.literal('image'), sha256 }),
    z.strictObject({ kind: z.literal('library') }),
  ]),
  'pixcrawler:copy-out': dragRequest,
  'pixcrawler:install-update': z.null(),
};
const TIDINGS: { readonly [C in keyof Tidings]: z.ZodType<Tidings[C]> } = {
  'pixcrawler:connect': z.null(),
  'pixcrawler:start-drag': dragRequest,
  'pixcrawler:drag-released': z.null(),
  'pixcrawler:cancel-drag': z.strictObject({ key: z.string().max(64) }),
};

export interface Ipc {
  /** Answers a question; what is thrown reaches the page as the data of an AppError. */
  handle<C extends keyof Questions>(
    channel: C,
    answer: (input: Questions[C]['input'], sender: WebContents) => Promise<Questions[C]['output']>,
  ): void;
  on<C extends keyof Tidings>(channel: C, listener: (tiding: Tidings[C], sender: WebContents) => void): void;
}

interface IpcOptions {
  readonly ipcMain: Pick<IpcMain, 'handle' | 'on'>;
  /** The page of our window; undefined while there is none. */
  readonly ownContents: () => WebContents | undefined;
  /** Told what was refused. */
  readonly log: (message: string) => void;
}

export function createIpc({ ipcMain, ownContents, log }: IpcOptions): Ipc {
  const isOurs = ({ sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent): boolean =>
    sender === ownContents() &&
    senderFrame !== null &&
    senderFrame.parent === null &&
    senderFrame.origin === INTERFACE_ORIGIN;

  return {
    handle(channel, answer) {
      ipcMain.handle(channel, async (event, input: unknown): Promise<Answer> => {
        try {
          if (!isOurs(event)) throw new AppError('forbidden', 'Only the window of PixCrawler may ask this.');
          const { data, error } = QUESTIONS[channel].safeParse(input);
          if (error !== undefined) throw new AppError('bad-request', z.prettifyError(error));
          return { output: await answer(data as Parameters<typeof answer>[0], event.sender) };
        } catch (thrown) {
          const { code, message, details } = toAppError(thrown);
          log(`${channel} was refused: ${code} ${thrown instanceof Error ? thrown.message : message}`);
          return { error: { code, message, details } };
        }
      });
    },
    on(channel, listener) {
      ipcMain.on(channel, (event, input: unknown) => {
        if (!isOurs(event)) return log(`${channel} was refused: it did not come from our page.`);
        const { data, error } = TIDINGS[channel].safeParse(input);
        if (error !== undefined) return log(`${channel} was refused: ${z.prettifyError(error)}`);
        listener(data as Parameters<typeof listener>[0], event.sender);
      });
    },
  };
}
