/** utilityProcess: a real child process, of Node where Electron would start one of its own. */

import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { PassThrough, type Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type Electron from 'electron';
import { app } from './app.ts';
import { declared, tell, tellBare } from './declared.ts';
import { idsOf } from './message-port-main.ts';
import { withoutNodeOptions } from './node-options.ts';
import { closeAllAt, moveTo, type Place, receiveFrom } from './port-router.ts';
import { type RecordedProcess, recorded } from './recorded.ts';
import type { UtilityMessage } from './utility-messages.ts';

const BOOTSTRAP = fileURLToPath(new URL('./utility-bootstrap.ts', import.meta.url));

const OUTPUT_DELAY_MS = 50;
/** As node_service.cc of Electron: a rejection that nobody handles is a warning, and the process goes on. */
const REJECTIONS = '--unhandled-rejections=warn-with-error-code';
const PASSED_OPTIONS = [
  ...['--diagnostic-dir', '--dns-result-order', '--no-deprecation', '--throw-deprecation', '--trace-deprecation'],
  ...['--trace-warnings', '--no-experimental-global-navigator'],
];

const living = new Map<number, UtilityProcess>();

export class UtilityProcess extends EventEmitter {
  pid: number | undefined = undefined;
  stdout: PassThrough | null;
  stderr: PassThrough | null;
  readonly #child: ChildProcess;
  readonly #place: Place;
  readonly #record: RecordedProcess;

  constructor(modulePath: string, args: string[], options: Electron.ForkOptions) {
    super();
    const [, output, errors] = stdioOf(options.stdio);
    this.#child = fork(modulePath, args, {
      execArgv: [...heard(options.execArgv ?? []), REJECTIONS, '--import', BOOTSTRAP],
      env: withoutNodeOptions({ ...((options.env as NodeJS.ProcessEnv | undefined) ?? process.env) }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      serialization: 'advanced',
      stdio: ['ignore', output, errors, 'ipc'],
    });
    this.stdout = piped(this.#child.stdout);
    this.stderr = piped(this.#child.stderr);
    const send = (message: UtilityMessage) => {
      // What goes to a process that is ending is lost, as in Electron.
      if (this.#child.connected) this.#child.send(message, () => undefined);
    };
    this.#place = { send: (traffic) => send({ kind: 'ports', traffic }) };
    this.#record = {
      pid: this.#child.pid ?? 0,
      modulePath,
      arguments: args,
      options: { ...options, env: options.env },
      exitCode: null,
    };
    recorded.utilityProcesses.push(this.#record);
    this.#child.on('spawn', () => {
      this.pid = this.#child.pid;
      living.set(this.#record.pid, this);
      tellBare<Electron.UtilityProcess, 'spawn'>(this, 'spawn');
    });
    this.#child.on('message', (message) => this.#receive(message as UtilityMessage));
    this.#child.on('error', () => undefined);
    this.#child.on('exit', (code, signal) => {
      const end = () => this.#end(code, signal, options.serviceName ?? 'Node Utility Process');
      // Not before every message that it sent.
      if (this.#child.connected) this.#child.once('disconnect', end);
      else end();
    });
  }

  /** V8 finds that it cannot go on in a process: Electron tells that, and the process breaks. */
  static failFatally(pid: number, location: string): void {
    const process = living.get(pid);
    if (process === undefined) throw new Error(`There is no utility process ${pid}.`);
    tellBare<Electron.UtilityProcess, 'error'>(process, 'error', 'FatalError', location, '{}');
    process.#child.kill('SIGSEGV');
  }

  postMessage(message: unknown, transfer: Electron.MessagePortMain[] = []): void {
    const ends = idsOf(transfer);
    const data = structuredClone(message);
    if (this.#child.connected) this.#child.send({ kind: 'program', data, ends }, () => undefined);
    for (const id of ends) moveTo(id, this.#place);
  }

  kill(): boolean {
    return this.pid !== undefined && this.#child.kill('SIGTERM');
  }

  #receive(message: UtilityMessage): void {
    if (message.kind === 'ports') receiveFrom(this.#place, message.traffic);
    else tellBare<Electron.UtilityProcess, 'message'>(this, 'message', message.data);
  }

  #end(code: number | null, signal: NodeJS.Signals | null, serviceName: string): void {
    // As waitpid tells it: a signal by its number.
    const exitCode = signal === null ? (code ?? 1) : constants.signals[signal];
    this.pid = undefined;
    living.delete(this.#record.pid);
    this.#record.exitCode = exitCode;
    closeAllAt(this.#place);
    try {
      tellBare<Electron.UtilityProcess, 'exit'>(this, 'exit', exitCode);
    } finally {
      // As lib/browser/api/utility-process.ts of Electron.
      for (const name of ['stdout', 'stderr'] as const) {
        this[name]?.removeAllListeners();
        this[name] = null;
      }
    }
    if (exitCode === 0) return;
    const reason = signal === null ? 'abnormal-exit' : 'killed';
    tell<Electron.App, 'child-process-gone'>(app, 'child-process-gone', {
      type: 'Utility',
      reason,
      exitCode,
      serviceName: 'node.mojom.NodeService',
      name: serviceName,
    } satisfies Electron.Details);
  }
}

/** Its output comes through a pipe of its own: what it wrote last later than its end. */
function piped(from: Readable | null): PassThrough | null {
  if (from === null) return null;
  const to = new PassThrough();
  from.on('data', (chunk: Buffer) => setTimeout(() => to.write(chunk), OUTPUT_DELAY_MS));
  from.on('end', () => setTimeout(() => to.end(), OUTPUT_DELAY_MS));
  return to;
}

/** What Node hears: flags of V8 in the switch of Chromium, and the few options that Electron lets through (node_bindings.cc). */
function heard(words: readonly string[]): readonly string[] {
  return words.flatMap((word) => {
    const [name = '', ...value] = word.split('=');
    if (name === '--js-flags') return value.join('=').split(' ');
    return PASSED_OPTIONS.includes(name) ? [word] : [];
  });
}

type Stdio = 'ignore' | 'pipe' | 'inherit';

function stdioOf(wanted: Electron.ForkOptions['stdio'] = 'inherit'): readonly [Stdio, Stdio, Stdio] {
  if (typeof wanted === 'string') return ['ignore', wanted as Stdio, wanted as Stdio];
  if (wanted[0] !== 'ignore') throw new TypeError("Expected stdin of a utility process to be 'ignore'.");
  return ['ignore', wanted[1] ?? 'inherit', wanted[2] ?? 'inherit'];
}

export const utilityProcess = {
  fork(modulePath: string, args: string[] = [], options: Electron.ForkOptions = {}): Electron.UtilityProcess {
    if (!app.isReady()) throw new Error('utilityProcess cannot be created before app is ready.');
    return declared(new UtilityProcess(modulePath, args, options));
  },
};
