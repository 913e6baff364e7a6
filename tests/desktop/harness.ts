/** Runs the built desktop in plain Node, with the fake Electron, and lets a test look into it and act on it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type * as Electron from 'electron';
import type { ClientPort } from '../../sdk/port-client.ts';
import type { Acts } from './fake-electron/acts.ts';
import {
  CONFIGURATION_VARIABLE,
  type Configuration,
  type Machine,
  type Traces,
} from './fake-electron/configuration.ts';
import type { MessageToProgram, MessageToTest } from './fake-electron/control-messages.ts';
import { DomPort } from './fake-electron/dom-port.ts';
import type { fileAt } from './fake-electron/page.ts';
import { DistantEnds } from './fake-electron/port-end.ts';
import type { Recorded } from './fake-electron/recorded.ts';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const MAIN_PROCESS = fileURLToPath(new URL('./fake-electron/main-process.ts', import.meta.url));
const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 20;
let starts = 0;

const MACHINE: Omit<Machine, 'home'> = {
  platform: 'linux',
  isPackaged: true,
  keychain: 'available',
  areNotificationsSupported: true,
  wasOpenedAtLogin: false,
  locale: 'en-GB',
  linklessFolder: null,
  displays: [{ id: 1, bounds: { x: 0, y: 0, width: 1920, height: 1080 } }],
};

export interface DesktopOptions {
  /** Given to the program as `--data-dir`. */
  readonly dataDirectory: string;
  /** Further words on the program's command line. */
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: a quiet Linux machine with one display, a keychain and a home beside the data directory. */
  readonly machine?: Partial<Machine>;
  /** Default: `dist/electron-main.js` of the repository. */
  readonly entry?: string;
}

/** What a function that runs in the program's main process gets. */
export interface Inside {
  /** The fake, of which all that is missing is undefined. */
  readonly electron: typeof Electron;
  readonly recorded: Recorded;
  readonly acts: Acts;
}

/** What a function that runs in a page gets beside the window. */
export interface InPage<Parameter> {
  readonly parameter: Parameter;
  readonly fileAt: typeof fileAt;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The scripts of a page, which a test stands in for: `message` events come here, with ports. */
export interface TestPage extends EventTarget {
  /** Runs a function in the page's main world. It closes over nothing; what it gives must be plain data. */
  evaluate<Output, Parameter = undefined>(
    run: (window: Window & typeof globalThis, inPage: InPage<Parameter>) => Output,
    parameter?: Parameter,
  ): Promise<Awaited<Output>>;
  /** The port that came last, or the next one that comes; started. */
  port(): Promise<ClientPort>;
}

export interface Desktop {
  readonly processId: number;
  /** Resolves when the program has ended. */
  readonly exited: Promise<Exit>;
  /** What it did until its end. @throws before that, and where it was killed */
  traces(): Traces;
  /** Runs a function in the program's main process. It closes over nothing; what it gives must be plain data. */
  evaluate<Output, Parameter = undefined>(
    run: (inside: Inside, parameter: Parameter) => Output,
    parameter?: Parameter,
  ): Promise<Awaited<Output>>;
  /** Runs a function again and again until it gives something. @throws after 15 seconds */
  until<Output, Parameter = undefined>(
    run: (inside: Inside, parameter: Parameter) => Output,
    parameter?: Parameter,
  ): Promise<NonNullable<Awaited<Output>>>;
  /** Stands in for the page of a window. Default: the first. */
  page(windowId?: number): Promise<TestPage>;
  /** What the program has written so far, to both of its outputs. */
  output(): string;
  /** Quits as a person does, and waits for the end. @throws when it does not end in time */
  close(): Promise<Exit>;
  /** Ends main with SIGKILL. */
  kill(): Promise<Exit>;
}

/** Starts the desktop and waits until Electron would be ready, or until it has ended. */
export async function startDesktop(options: DesktopOptions): Promise<Desktop> {
  const { dataDirectory, environment = {} } = options;
  const entry = options.entry ?? join(REPOSITORY, 'dist/electron-main.js');
  if (!existsSync(entry)) throw new Error(`Expected the build at ${entry}. Run "npm run build" first.`);
  const machine = { ...MACHINE, home: `${dataDirectory}-home`, ...options.machine };
  await mkdir(machine.home, { recursive: true });
  starts += 1;
  const tracesPath = join(machine.home, `traces-${process.pid}-${starts}.json`);
  const words = [MAIN_PROCESS, '--data-dir', dataDirectory, ...(options.arguments ?? [])];
  // As electron_browser_main_parts.cc: a rejection that nobody handles does not end main.
  const child = spawn(process.execPath, ['--unhandled-rejections=warn-with-error-code', ...words], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    env: {
      ...process.env,
      // A test may fill the disk on purpose, but must not fail because the machine's own is nearly full.
      PIXCRAWLER_STORAGE_MIN_FREE_BYTES: '0',
      PIXCRAWLER_CRAWL_DELAY_MS: '0',
      PIXCRAWLER_WORKERS_PROCESSES: '1',
      ...environment,
      [CONFIGURATION_VARIABLE]: JSON.stringify({ entry, machine, tracesPath } satisfies Configuration),
    },
  });
  const desktop = new RunningDesktop(child, tracesPath);
  await desktop.begun;
  return desktop;
}

/** Starts the desktop for one test: whatever happens there, it has ended afterwards. */
export async function startDesktopFor(context: TestContext, options: DesktopOptions): Promise<Desktop> {
  const desktop = await startDesktop(options);
  context.after(() => desktop.kill());
  return desktop;
}

class RunningDesktop implements Desktop {
  readonly processId: number;
  readonly exited: Promise<Exit>;
  /** Ready, or ended. */
  readonly begun: Promise<unknown>;
  readonly #child: ChildProcess;
  readonly #tracesPath: string;
  readonly #ends = new DistantEnds((traffic) => this.#tell({ kind: 'ports', traffic }));
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #pages = new Map<number, PageStand>();
  #lastCall = 0;
  #output = '';

  constructor(child: ChildProcess, tracesPath: string) {
    this.#child = child;
    this.#tracesPath = tracesPath;
    this.processId = child.pid ?? 0;
    const ready = Promise.withResolvers<void>();
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        for (const { reject } of this.#calls.values()) reject(new Error(`The desktop has ended.\n${this.#output}`));
        this.#calls.clear();
        resolve({ code, signal });
      });
    });
    this.begun = Promise.race([ready.promise, this.exited]);
    child.on('message', (message: MessageToTest) => {
      if (message.kind === 'ready') ready.resolve();
      else this.#receive(message);
    });
  }

  evaluate<Output, Parameter>(
    run: (inside: Inside, parameter: Parameter) => Output,
    parameter?: Parameter,
  ): Promise<Awaited<Output>> {
    return this.#call(null, String(run), parameter) as Promise<Awaited<Output>>;
  }

  async until<Output, Parameter>(
    run: (inside: Inside, parameter: Parameter) => Output,
    parameter?: Parameter,
  ): Promise<NonNullable<Awaited<Output>>> {
    const endsAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const output = await this.evaluate(run, parameter);
      if (output !== null && output !== undefined && output !== false) return output;
      if (performance.now() > endsAt) throw new Error(`It never came to ${String(run)}.\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  async page(windowId?: number): Promise<TestPage> {
    const id = windowId ?? (await this.until(({ recorded }) => recorded.windows[0]?.id));
    const known = this.#pages.get(id);
    if (known !== undefined) return known;
    const page = new PageStand((source, parameter) => this.#call(id, source, parameter));
    this.#pages.set(id, page);
    this.#tell({ kind: 'stand-in', windowId: id });
    return page;
  }

  traces(): Traces {
    return JSON.parse(readFileSync(this.#tracesPath, 'utf8')) as Traces;
  }

  output(): string {
    return this.#output;
  }

  async close(): Promise<Exit> {
    this.#tell({ kind: 'quit' });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS);
    const exit = await this.exited;
    clearTimeout(timer);
    if (exit.signal === 'SIGKILL') throw new Error(`The desktop did not quit.\n${this.#output}`);
    return exit;
  }

  kill(): Promise<Exit> {
    this.#child.kill('SIGKILL');
    return this.exited;
  }

  #tell(message: MessageToProgram): void {
    // One that ends just now hears no more: its end is told to whoever waits for an answer.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #call(windowId: number | null, source: string, parameter: unknown): Promise<unknown> {
    if (!this.#child.connected) throw new Error(`The desktop has ended.\n${this.#output}`);
    this.#lastCall += 1;
    const answer = Promise.withResolvers<unknown>();
    this.#calls.set(this.#lastCall, answer);
    this.#tell({ kind: 'call', id: this.#lastCall, windowId, source, parameter });
    return answer.promise;
  }

  #receive(message: Exclude<MessageToTest, { kind: 'ready' }>): void {
    switch (message.kind) {
      case 'answer':
        this.#calls.get(message.id)?.resolve(message.value);
        this.#calls.delete(message.id);
        break;
      case 'failure':
        this.#calls.get(message.id)?.reject(Object.assign(new Error(message.message), { stack: message.stack }));
        this.#calls.delete(message.id);
        break;
      case 'posted': {
        const take = this.#ends.take.bind(this.#ends);
        const ports = message.ends.map((id) => new DomPort(take(id), take));
        this.#pages.get(message.windowId)?.hear(message.data, ports);
        break;
      }
      case 'ports':
        this.#ends.receive(message.traffic);
        break;
    }
  }
}

class PageStand extends EventTarget implements TestPage {
  readonly #call: (source: string, parameter: unknown) => Promise<unknown>;
  #port: DomPort | null = null;
  #waiting: ((port: DomPort) => void)[] = [];

  constructor(call: (source: string, parameter: unknown) => Promise<unknown>) {
    super();
    this.#call = call;
  }

  evaluate<Output, Parameter>(
    run: (window: Window & typeof globalThis, inPage: InPage<Parameter>) => Output,
    parameter?: Parameter,
  ): Promise<Awaited<Output>> {
    return this.#call(String(run), parameter) as Promise<Awaited<Output>>;
  }

  async port(): Promise<ClientPort> {
    const port = this.#port ?? (await new Promise<DomPort>((resolve) => this.#waiting.push(resolve)));
    port.start();
    return port as unknown as ClientPort;
  }

  hear(data: unknown, ports: readonly DomPort[]): void {
    const [port] = ports;
    if (port !== undefined) {
      this.#port = port;
      for (const resolve of this.#waiting.splice(0)) resolve(port);
    }
    this.dispatchEvent(Object.assign(new Event('message'), { data, ports }));
  }
}
