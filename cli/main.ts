#!/usr/bin/env node
/**
 * The program `pixcrawler`. It imports nothing but Node's own modules before it knows that this Node is new enough:
 * the database binding crashes older ones.
 */

import { readFileSync } from 'node:fs';
import nodeModule from 'node:module';
import os from 'node:os';
import process from 'node:process';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';

const LEAST_NODE = 24;
/** The built interface, from the sources and from `dist` alike. */
const INTERFACE = '../dist/renderer';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

if (Number(process.versions.node.split('.')[0]) < LEAST_NODE) {
  process.stderr.write(
    `error: PixCrawler needs Node.js ${LEAST_NODE} or newer, but this is ${process.version}. "npm run -s pixcrawler --" brings its own.\n`,
  );
  process.exitCode = 1;
} else {
  nodeModule.enableCompileCache();
  // Bodies of images are garbage soon: a young generation that does not grow gives their memory back early, and a
  // collector that minds size keeps a crawl's peak a tenth lower.
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  v8.setFlagsFromString('--optimize-for-size');
  process.exitCode = await main();
}

async function main(): Promise<number> {
  const { runCli } = await import('./run.ts');
  return runCli({
    argv: process.argv.slice(2),
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    platform: process.platform,
    homeDirectory: os.homedir(),
    workingDirectory: workingDirectory(),
    version: version(),
    openCore: async (options) => (await import('../core/index.ts')).openCore(options),
    findOwner: async (dataDirectory) => (await import('../core/index.ts')).findOwner(dataDirectory),
    connect: async (owner) => (await import('./remote.ts')).connectTo(owner),
    serve: async (core, request) => {
      const { serve } = await import('../server/headless.ts');
      return serve({
        ...request,
        core,
        version: version(),
        interfacePath: fileURLToPath(new URL(INTERFACE, import.meta.url)),
      });
    },
    openBrowser: async (url) => {
      const { default: open } = await import('open');
      await open(url).catch(() => undefined);
    },
    onSignal: (listener) => {
      for (const signal of SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of SIGNALS) process.removeListener(signal, listener);
      };
    },
    exitNow: (exitCode) => process.exit(exitCode),
    atExit: (cleanup) => {
      process.once('exit', cleanup);
      return () => process.removeListener('exit', cleanup);
    },
    ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined,
  });
}

/** `npm run` starts scripts in the folder of the package; relative paths mean the folder the user is in. */
function workingDirectory(): string {
  const { npm_lifecycle_event: script, INIT_CWD: startedIn } = process.env;
  return script === 'pixcrawler' && startedIn !== undefined ? startedIn : process.cwd();
}

/** The same relative path from the sources and from `dist`. */
function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}

/** The terminal keeps its own line editing, so that Ctrl-C stays a signal. */
function ask(question: string, signal: AbortSignal): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const lines = readline.createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  const stop = () => lines.close();
  signal.addEventListener('abort', stop, { once: true });
  lines.once('close', () => {
    signal.removeEventListener('abort', stop);
    resolve(null);
  });
  lines.question(question, (answer) => {
    resolve(answer);
    lines.close();
  });
  return promise;
}
