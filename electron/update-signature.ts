/**
 * Whether a fetched installer for Windows was signed by whoever signed this program. The check of electron-updater takes a file
 * where PowerShell cannot start or takes too long; this one refuses whatever it cannot vouch for.
 */

import { execFile } from 'node:child_process';
import { win32 } from 'node:path';
import { z } from 'zod';

type Environment = Readonly<Record<string, string | undefined>>;

/** A program that is run once, without a shell. */
export interface ProgramRun {
  /** Absolute path. */
  readonly program: string;
  readonly words: readonly string[];
  readonly environment: Environment;
  readonly timeoutMs: number;
}

/** What a program wrote. Rejects as `execFile` does: when it cannot be started, fails or takes longer than it may. */
type RunProgram = (run: ProgramRun) => Promise<string>;

interface SignatureCheckOptions {
  /** SystemRoot says where Windows lies. Default: C:\Windows */
  readonly environment: Environment;
  /** Default: a minute. Windows reads the whole file, asks for revoked certificates and may be scanning what has just come. */
  readonly timeoutMs?: number;
  /** Default: as a process of its own. */
  readonly run?: RunProgram;
}

/** @returns null when the file may be installed, else why not, for the log */
type SignatureCheck = (publisherNames: readonly string[], path: string) => Promise<string | null>;

const PATIENCE_MS = 60_000;
/** Names the file to the script, so that no path is ever read as a part of it. */
const PATH_VARIABLE = 'PIXCRAWLER_UPDATE_FILE';
/** No double quotes: it is one word of a command line. The answer is ASCII, which every code page of a console leaves as it is. */
const SCRIPT = [
  `$ErrorActionPreference = 'Stop'`,
  `$ProgressPreference = 'SilentlyContinue'`,
  `$signature = Get-AuthenticodeSignature -LiteralPath $env:${PATH_VARIABLE}`,
  `$signer = if ($signature.SignerCertificate) { $signature.SignerCertificate.GetNameInfo('SimpleName', $false) }`,
  `$answer = @{ status = [string]$signature.Status; message = [string]$signature.StatusMessage; signer = [string]$signer; path = [string]$signature.Path }`,
  `[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes((ConvertTo-Json -Compress -InputObject $answer)))`,
].join('; ');

const answerSchema = z.object({ status: z.string(), message: z.string(), signer: z.string(), path: z.string() });

const MAX_LOGGED_CHARACTERS = 500;

/**
 * Makes the check that electron-updater asks before it keeps an installer. A file passes when Windows finds its signature valid and
 * the signer's common name is that of a publisher, letter for letter. A publisher may be named by a whole distinguished name, as
 * electron-builder may write it: of that the common name alone is compared. The check never rejects.
 */
export function createSignatureCheck(options: SignatureCheckOptions): SignatureCheck {
  const { environment, timeoutMs = PATIENCE_MS, run = runProgram } = options;
  return async (publisherNames, path) => {
    let output: string;
    try {
      output = await run({
        program: powerShellOf(environment),
        words: ['-NoProfile', '-NonInteractive', '-InputFormat', 'None', '-Command', SCRIPT],
        environment: { ...withoutModulePath(environment), [PATH_VARIABLE]: path },
        timeoutMs,
      });
    } catch (error) {
      return whyNotRun(error, timeoutMs);
    }
    const answer = parseAnswer(output);
    if (answer === null) return `PowerShell answered in another way than expected: ${shortened(output) || 'nothing'}`;
    return whyRefused(answer, publisherNames, path);
  };
}

function whyRefused(
  { status, message, signer, path }: z.infer<typeof answerSchema>,
  publisherNames: readonly string[],
  expectedPath: string,
): string | null {
  if (status !== 'Valid') return `Its signature is not valid (${status}): ${shortened(message)}`;
  if (comparable(path) !== comparable(expectedPath)) return `Another file was looked at: ${path}, not ${expectedPath}`;
  const isOurs = publisherNames.some((name) => signer !== '' && (signer === name || signer === commonNameOf(name)));
  return isOurs
    ? null
    : `It was signed by "${signer}", and only "${publisherNames.join('" or "')}" may update this program.`;
}

/** Never looked up in PATH, where anybody may have put another. */
function powerShellOf({ SystemRoot = '' }: Environment): string {
  const windows = /^[a-z]:[\\/]/i.test(SystemRoot) ? SystemRoot : 'C:\\Windows';
  return win32.join(windows, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');
}

/** Started from PowerShell 7, this program has the path of its modules, which this older one cannot load. */
function withoutModulePath(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => name.toLowerCase() !== 'psmodulepath'));
}

function parseAnswer(output: string): z.infer<typeof answerSchema> | null {
  try {
    return answerSchema.parse(JSON.parse(Buffer.from(output.trim(), 'base64').toString('utf8')));
  } catch {
    return null;
  }
}

/** Windows tells paths apart by neither case nor the direction of slashes. */
function comparable(path: string): string {
  return win32.normalize(path).toLowerCase();
}

/** @returns undefined when it is no distinguished name, or one without a common name */
function commonNameOf(name: string): string | undefined {
  const attributes = name.matchAll(/\s*([^=,;+"\\]+?)\s*=\s*(?:"((?:[^"]|"")*)"|((?:\\.|[^,;+"\\])*))\s*(?:[,;+]|$)/gy);
  for (const [, key, quoted, plain = ''] of attributes) {
    if (key?.toUpperCase() !== 'CN') continue;
    return quoted === undefined ? plain.trim().replace(/\\(.)/g, '$1') : quoted.replaceAll('""', '"');
  }
  return undefined;
}

function whyNotRun(error: unknown, timeoutMs: number): string {
  const { code, killed, stderr } = error as { code?: unknown; killed?: boolean; stderr?: string };
  if (killed === true) return `PowerShell took longer than ${timeoutMs / 1000} seconds to look at its signature.`;
  return `PowerShell could not look at its signature (${String(code ?? error)}). ${shortened(stderr ?? '')}`.trimEnd();
}

function shortened(text: string): string {
  return text.trim().slice(0, MAX_LOGGED_CHARACTERS);
}

const runProgram: RunProgram = ({ program, words, environment, timeoutMs }) =>
  new Promise((resolve, reject) => {
    const options = { env: { ...environment }, timeout: timeoutMs, windowsHide: true };
    const child = execFile(program, words, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(Object.assign(error, { stderr }));
    });
    child.stdin?.end();
  });
