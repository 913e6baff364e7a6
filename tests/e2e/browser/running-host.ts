/** The built program as `pixcrawler serve` runs it, on a data directory of its own, to be asked, killed and started again. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createHttpClient } from '../../../sdk/client.ts';

const PROGRAM = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));
const START_TIMEOUT_MS = 30_000;

export interface RunningHost {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  readonly token: string;
  /** What a person opens first: the address with the token. */
  readonly url: string;
  readonly child: ChildProcess;
  readonly client: ReturnType<typeof createHttpClient>;
  /** Everything written to stderr so far. */
  stderr(): string;
  /** Ends it as Ctrl-C does. @returns its exit code */
  stop(): Promise<number | null>;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
}

export interface HostOptions {
  readonly dataDirectory: string;
  /** Default 0: one that is free. */
  readonly port?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a host and waits until it answers. @throws with its own words when it ends before that */
export async function startHost({ dataDirectory, port = 0, environment = {} }: HostOptions): Promise<RunningHost> {
  if (!existsSync(PROGRAM)) throw new Error(`Expected the build at ${PROGRAM}. Run "npm run build" first.`);
  const env: NodeJS.ProcessEnv = { ...process.env, PIXCRAWLER_STORAGE_MIN_FREE_BYTES: '0', ...environment };
  // The runner's own switch would make a child report as a test.
  delete env.NODE_TEST_CONTEXT;
  const child = spawn(
    process.execPath,
    [PROGRAM, '--data-dir', dataDirectory, '--json', 'serve', '--port', String(port)],
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The host did not serve: ${stderr}`)), START_TIMEOUT_MS);
    child.once('close', (code) =>
      reject(new Error(`The host ended with ${code} before it served: ${stderr}${stdout}`)),
    );
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const line = stdout.split('\n').find((each) => each.includes('"url"'));
      if (line === undefined) return;
      clearTimeout(timer);
      resolve((JSON.parse(line) as { url: string }).url);
    });
  });
  const { origin, searchParams } = new URL(url);
  const token = searchParams.get('token');
  if (token === null) throw new Error(`Expected an address with a token, got ${url}.`);
  return {
    origin,
    token,
    url,
    child,
    client: createHttpClient({ baseUrl: origin, token }),
    stderr: () => stderr,
    async stop() {
      child.kill('SIGINT');
      return ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
