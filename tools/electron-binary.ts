/**
 * Electron's binary, which its package does not hold: where it is fetched from, whether it can be had, and fetching it.
 * The addresses are those of `@electron/get`, by which the package's own `install.js` fetches it.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const RELEASES = 'https://github.com/electron/electron/releases/download/';
/** How long a server may take to answer before there is none, name resolution and redirects together. */
const ANSWER_MS = 4_000;
/** A download that brings nothing for so long has stalled. Unpacking counts as bringing. */
const STALL_MS = 30_000;
const LOOK_EVERY_MS = 1_000;
const MEGABYTE = 1_000_000;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Wanted {
  readonly version: string;
  readonly platform: string;
  readonly arch: string;
}

/** @returns the version of the installed package; null when it is not installed */
export async function electronVersion(root: string): Promise<string | null> {
  const text = await readFile(join(root, 'node_modules/electron/package.json'), 'utf8').catch(() => null);
  return text === null ? null : ((JSON.parse(text) as { version?: string }).version ?? null);
}

/** The address the binary is fetched from; settings of npm come before variables of the environment. */
export function binaryAddress({ version, platform, arch }: Wanted, environment: Environment): string {
  const base = option(environment, 'mirror') ?? RELEASES;
  const folder = (option(environment, 'custom_dir') ?? `v${version}`).replace('{{ version }}', version);
  return `${base}${folder}/${option(environment, 'custom_filename') ?? archiveName({ version, platform, arch })}`;
}

function option(environment: Environment, name: string): string | undefined {
  for (const key of [
    `npm_config_electron_${name.replaceAll('_', '')}`,
    `NPM_CONFIG_ELECTRON_${name.toUpperCase()}`,
    `npm_config_electron_${name}`,
    `npm_package_config_electron_${name}`,
    `ELECTRON_${name.toUpperCase()}`,
  ]) {
    if (environment[key]) return environment[key];
  }
  return undefined;
}

function archiveName({ version, platform, arch }: Wanted): string {
  return `electron-v${version}-${platform}-${arch}.zip`;
}

/** Whether an earlier download lies in Electron's cache, so that no network is needed. */
export async function isCached(wanted: Wanted, environment: Environment): Promise<boolean> {
  const folder = cacheFolder(environment, process.platform);
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map((name) => stat(join(folder, name, archiveName(wanted))).then(Boolean, () => false)),
  );
  return found.includes(true);
}

function cacheFolder(environment: Environment, platform: NodeJS.Platform): string {
  if (environment.electron_config_cache) return environment.electron_config_cache;
  if (platform === 'darwin') return join(homedir(), 'Library/Caches/electron');
  if (platform === 'win32') return join(environment.LOCALAPPDATA || join(homedir(), 'AppData/Local'), 'electron/Cache');
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'electron');
}

/** With the proxies that npm was told of, as Node.js wants them. */
export function withProxies(environment: Environment): Record<string, string | undefined> {
  const { HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy, NO_PROXY, no_proxy } = environment;
  const { npm_config_https_proxy, npm_config_proxy, npm_config_noproxy } = environment;
  return {
    ...environment,
    NODE_USE_ENV_PROXY: '1',
    HTTPS_PROXY: HTTPS_PROXY || https_proxy || npm_config_https_proxy || npm_config_proxy,
    HTTP_PROXY: HTTP_PROXY || http_proxy || npm_config_proxy,
    NO_PROXY: NO_PROXY || no_proxy || npm_config_noproxy,
  };
}

/** Asks for one byte, follows to the server that has it, and prints what came: the status, and how many bytes there are. */
const ASK = `const { ok, status, headers } = await fetch(process.argv[1], { headers: { range: 'bytes=0-0' } });
const [, total] = (headers.get('content-range') ?? '').split('/');
const answer = { ok, status, total: Number(total ?? headers.get('content-length')) || 0 };
process.stdout.write(JSON.stringify(answer), () => process.exit(0));`;

interface Answer {
  readonly ok: boolean;
  readonly status: number;
  /** 0 when the server does not say. */
  readonly total: number;
}

/**
 * Asks a server for a file, through proxies. Known within `timeoutMs` whatever the network does, names that do not resolve
 * included, because a process of its own asks.
 * @returns null when nobody answers
 */
export function ask(address: string, environment: Environment, timeoutMs = ANSWER_MS): Promise<Answer | null> {
  return new Promise((resolve) => {
    const options = {
      env: { ...withProxies(environment), NODE_OPTIONS: '' } as NodeJS.ProcessEnv,
      timeout: timeoutMs,
      killSignal: 'SIGKILL' as const,
    };
    execFile(process.execPath, ['--input-type=module', '--eval', ASK, address], options, (error, stdout) => {
      resolve(error === null ? (JSON.parse(stdout) as Answer) : null);
    });
  });
}

export interface Fetching {
  readonly root: string;
  readonly environment: Environment;
  /** 0 when it is not known. */
  readonly totalBytes: number;
  /** Gets a line at most once a second, while something comes. */
  readonly onProgress: (line: string) => void;
  /** Default 30 seconds. */
  readonly stallMs?: number;
}

/**
 * Fetches and unpacks the binary with the package's own script, which checks its digest.
 * @returns why it failed, to complete "…, because"; null when the binary is there
 */
export async function fetchBinary(fetching: Fetching): Promise<string | null> {
  const { root, environment } = fetching;
  const folder = join(root, 'node_modules/electron');
  const temporary = await mkdtemp(join(tmpdir(), 'pixcrawler-electron-'));
  try {
    const child = spawn(process.execPath, [join(folder, 'install.js')], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...withProxies(environment),
        NODE_OPTIONS: '',
        ELECTRON_GET_NO_PROGRESS: '1',
        TMPDIR: temporary,
        TEMP: temporary,
        TMP: temporary,
      },
    });
    return await watch(child, [temporary, join(folder, 'dist')], fetching);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function watch(
  child: ChildProcess,
  [downloads, unpacked]: readonly [string, string],
  { totalBytes, onProgress, stallMs = STALL_MS }: Fetching,
): Promise<string | null> {
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const ended = new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(code === 0 ? null : (complaint.split('\n')[0] ?? '').trim() || 'it failed'));
  });
  let [seen, sinceMs] = [-1, performance.now()];
  for (;;) {
    const end = await Promise.race([ended, sleep(Math.min(LOOK_EVERY_MS, stallMs))]);
    if (end !== undefined) return end;
    const [fetched, laid] = await Promise.all([sizeOf(downloads), sizeOf(unpacked)]);
    if (fetched + laid !== seen) [seen, sinceMs] = [fetched + laid, performance.now()];
    else if (performance.now() - sinceMs >= stallMs) {
      child.kill('SIGKILL');
      await ended;
      return 'the download stalled';
    }
    if (fetched > 0) onProgress(progressLine(fetched, totalBytes));
  }
}

function progressLine(bytes: number, totalBytes: number): string {
  const of = totalBytes > 0 ? ` of ${Math.ceil(totalBytes / MEGABYTE)}` : '';
  return `Electron: ${Math.floor(bytes / MEGABYTE)}${of} MB`;
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
