/** Finds everything that the built program opens at run time, and tells what of it is not there. */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseAst } from 'rolldown/parseAst';

/** Where processes and threads begin. What they import is found by reading them. */
const ENTRIES = [
  'dist/electron-main.js',
  'dist/preload.cjs',
  'dist/core-process.js',
  'dist/worker.js',
  'dist/task-thread.js',
  'dist/reader-thread.js',
  'dist/export-thread.js',
];
/** What is opened by a name that is put together at run time. */
const FILES = [
  'dist/inspect.wasm',
  'dist/near-duplicates.wasm',
  'dist/docs/docs.html',
  'dist/docs/docs.css',
  'dist/docs/docs.js',
  'dist/renderer/index.html',
  'dist/renderer/icon.svg',
  'resources/icons/512x512.png',
  'resources/tray.png',
  'resources/tray@2x.png',
  'resources/tray.ico',
  'resources/trayTemplate.png',
  'resources/trayTemplate@2x.png',
  'node_modules/piscina/dist/worker.js',
  `node_modules/better-sqlite3/prebuilds/${process.platform}-${process.arch}.node`,
];

interface Reached {
  /** What is imported or required, as it is written there. */
  readonly modules: readonly string[];
  /** What `new URL('…', import.meta.url)` names. */
  readonly files: readonly string[];
}

const read = new Map<string, Reached>();

/** @returns what is missing, as paths from the folder or names of packages with who asks for them */
export function findMissing(appFolder: string): string[] {
  const missing = new Set<string>();
  const seen = new Set<string>();
  const name = (path: string) => relative(appFolder, path).replaceAll(sep, '/');
  const isThere = (path: string) => existsSync(path) && statSync(path).isFile();
  const need = (path: string) => {
    if (!isThere(path)) missing.add(name(path));
    else if (/^dist\/.*\.c?js$/.test(name(path)) && !seen.has(path)) visit(path);
  };
  const visit = (path: string) => {
    seen.add(path);
    const { modules, files } = reachedFrom(path);
    for (const specifier of modules) {
      if (specifier.startsWith('.')) need(join(dirname(path), specifier));
      else if (!isBuiltin(specifier) && specifier !== 'electron' && !resolves(specifier, path, appFolder)) {
        missing.add(`${specifier} of ${name(path)}`);
      }
    }
    for (const file of files) need(fileURLToPath(new URL(file, pathToFileURL(path))));
  };
  const { main } = JSON.parse(readFileSync(join(appFolder, 'package.json'), 'utf8')) as { main: string };
  for (const entry of [main, ...ENTRIES, ...FILES]) need(join(appFolder, entry));
  for (const asset of assetsOf(join(appFolder, 'dist/renderer'))) need(join(appFolder, 'dist/renderer', asset));
  return [...missing].sort();
}

function resolves(specifier: string, from: string, appFolder: string): boolean {
  try {
    return createRequire(from).resolve(specifier).startsWith(appFolder);
  } catch {
    return false;
  }
}

/** What the page and its scripts and styles name, from the page's folder. */
function assetsOf(folder: string): string[] {
  const page = join(folder, 'index.html');
  if (!existsSync(page)) return [];
  const found = new Set<string>();
  const waiting = [...readFileSync(page, 'utf8').matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, path]) => path!);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    const full = join(folder, path);
    if (!/\.(js|css)$/.test(path) || !existsSync(full)) continue;
    const text = readFileSync(full, 'utf8');
    for (const [, named] of text.matchAll(
      /["'`(](?:\/?assets\/|\.\/)([\w.-]+\.(?:js|css|woff2?|svg|png|wasm))["'`)]/g,
    )) {
      waiting.push(`assets/${named}`);
    }
  }
  return [...found];
}

function reachedFrom(path: string): Reached {
  const text = readFileSync(path, 'utf8');
  const known = read.get(text);
  if (known !== undefined) return known;
  const modules: string[] = [];
  const files: string[] = [];
  const look = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(look);
    if (typeof node !== 'object' || node === null || !('type' in node)) return;
    const { type, source, callee, arguments: given } = node as Syntax;
    if (/^(Import|Export)/.test(type) && typeof source?.value === 'string') modules.push(source.value);
    const [first, second] = given ?? [];
    if (typeof first?.value === 'string') {
      if (type === 'CallExpression' && /^(__)?require$/.test(callee?.name ?? '')) modules.push(first.value);
      // What lies beside the sources is looked for where there is no bundle.
      const isUrl = type === 'NewExpression' && callee?.name === 'URL' && second?.type === 'MemberExpression';
      if (isUrl && /^\.\/.*\.\w+$/.test(first.value) && !first.value.endsWith('.ts')) files.push(first.value);
    }
    for (const child of Object.values(node)) look(child);
  };
  look(parseAst(text));
  const reached = { modules, files };
  read.set(text, reached);
  return reached;
}

interface Syntax {
  readonly type: string;
  readonly name?: string;
  readonly value?: unknown;
  readonly source?: Syntax | null;
  readonly callee?: Syntax;
  readonly arguments?: readonly Syntax[];
}
