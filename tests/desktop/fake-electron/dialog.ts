/** dialog: recorded, and answered as a test has said, or dismissed. */

import type Electron from 'electron';
import { app } from './app.ts';
import { type RecordedDialog, recorded } from './recorded.ts';

type Options = RecordedDialog['options'];
type Given<Each> = [Electron.BaseWindow, Each] | [Each];

function note(kind: RecordedDialog['kind'], given: Given<Options>): Options {
  if (!app.isReady()) throw new Error('dialog module can only be used after app is ready');
  const [options, window] = given.length === 2 ? [given[1], given[0]] : [given[0], null];
  recorded.dialogs.push({ kind, options, windowId: window?.id ?? null });
  return options;
}

function press({ buttons = [], cancelId, defaultId }: Partial<Electron.MessageBoxOptions>): number {
  const pressed = recorded.answers.buttons.shift();
  if (pressed === undefined) return cancelId ?? defaultId ?? 0;
  const index = typeof pressed === 'number' ? pressed : buttons.indexOf(pressed);
  if (index < 0) throw new Error(`The message box has no button "${pressed}", but ${JSON.stringify(buttons)}.`);
  return index;
}

export const dialog = {
  async showOpenDialog(...given: Given<Electron.OpenDialogOptions>): Promise<Electron.OpenDialogReturnValue> {
    note('open', given as Given<Options>);
    const filePaths = recorded.answers.paths.shift() ?? [];
    return { canceled: filePaths.length === 0, filePaths };
  },
  async showSaveDialog(...given: Given<Electron.SaveDialogOptions>): Promise<Electron.SaveDialogReturnValue> {
    note('save', given as Given<Options>);
    const [filePath = ''] = recorded.answers.paths.shift() ?? [];
    return { canceled: filePath === '', filePath };
  },
  async showMessageBox(...given: Given<Electron.MessageBoxOptions>): Promise<Electron.MessageBoxReturnValue> {
    return { response: press(note('message', given as Given<Options>)), checkboxChecked: false };
  },
  showMessageBoxSync(...given: Given<Electron.MessageBoxSyncOptions>): number {
    return press(note('message', given as Given<Options>));
  },
  showErrorBox(title: string, content: string): void {
    recorded.dialogs.push({ kind: 'error', options: { title, message: content }, windowId: null });
  },
};
