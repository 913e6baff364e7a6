/** The programs of others that are measured against, and our own C ones, compiled when they are needed. */

import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A row cannot be measured here; the message says what is missing. */
export class Missing extends Error {}

/** @throws Missing when a program is not there */
export function requireProgram(name: string, hint: string): void {
  const found = spawnSync(name, ['--version'], { stdio: 'ignore' });
  if (found.error !== undefined) throw new Missing(`${name} is not installed (${hint})`);
}

/**
 * Compiles `bench/limits/NAME.c` into a folder.
 * @returns the program's path
 * @throws Missing without a compiler or the headers
 */
export function compileLimit(name: string, folder: string, options: { readonly usesJpeg?: boolean } = {}): string {
  requireProgram('gcc', 'apt install gcc');
  const source = fileURLToPath(new URL(`../limits/${name}.c`, import.meta.url));
  const target = join(folder, name);
  const libraries = options.usesJpeg === true ? ['-ljpeg', '-lm'] : ['-lm'];
  const compiled = spawnSync('gcc', ['-O3', '-march=native', '-std=gnu11', '-o', target, source, ...libraries], {
    encoding: 'utf8',
  });
  if (compiled.status === 0) return target;
  if (options.usesJpeg === true && /jpeglib\.h|-ljpeg/.test(compiled.stderr)) {
    throw new Missing('the headers of libjpeg are not installed (apt install libjpeg62-turbo-dev)');
  }
  throw new Error(`gcc could not compile ${name}.c:\n${compiled.stderr}`);
}

/** Runs a program to its end. @returns its standard output @throws Error when it fails */
export function runProgram(
  program: string,
  parameters: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string | undefined>> } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let problem = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      problem += text;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with ${signal ?? code}: ${problem.slice(0, 2000)}`));
    });
  });
}
