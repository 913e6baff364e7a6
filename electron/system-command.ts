/** Asks the system by one of its own commands, where Electron does not tell. */

import { execFile } from 'node:child_process';

/** PowerShell takes seconds to start on a busy machine. */
const PATIENCE_MS = 15_000;

/** What a command writes; rejects when it is not there, fails or takes longer than 15 seconds. */
export type RunCommand = (command: readonly string[]) => Promise<string>;

export const runCommand: RunCommand = ([name, ...words]) =>
  new Promise((resolve, reject) => {
    const options = { timeout: PATIENCE_MS, windowsHide: true };
    const child = execFile(name as string, words, options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
    // None of them is to wait for a word of ours.
    child.stdin?.end();
  });

interface BusCall {
  readonly bus: 'session' | 'system';
  readonly destination: string;
  readonly path: string;
  /** With its interface. */
  readonly method: string;
  readonly words: readonly string[];
}

/** What somebody on a message bus answers, as text; empty when nobody does. Either tool will do; which is there differs. */
export async function callBus(run: RunCommand, { bus, destination, path, method, words }: BusCall): Promise<string> {
  const commands = [
    ['gdbus', 'call', `--${bus}`, '--dest', destination, '--object-path', path, '--method', method, ...words],
    [
      'dbus-send',
      `--${bus}`,
      `--dest=${destination}`,
      '--type=method_call',
      '--print-reply',
      path,
      method,
      ...words.map((word) => `string:${word}`),
    ],
  ];
  for (const command of commands) {
    const answer = await run(command).catch(() => '');
    if (answer !== '') return answer;
  }
  return '';
}
