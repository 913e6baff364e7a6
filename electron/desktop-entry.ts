/** What the program writes for desktops of Linux: https://specifications.freedesktop.org/desktop-entry-spec/latest/ */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LINK_SCHEME } from './application-id.ts';

/** Tells an entry that an AppImage wrote from one of a package, or of a person. */
const OWN_MARK = 'X-PixCrawler-Written=true';

/**
 * An entry of the autostart folder. Desktops pass it over once the program is gone.
 * @param command the program and what it is started with; no word may hold a line break
 */
export function autostartEntry(command: readonly string[]): string {
  return entry([
    tryExec(command[0] ?? ''),
    `Exec=${command.map(execWord).join(' ')}`,
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
  ]);
}

/**
 * An entry of the applications folder which opens links, and is in no menu. Desktops pass it over once the program is gone.
 * @param programPath absolute, without a line break
 */
export function linkEntry(programPath: string): string {
  return entry([
    tryExec(programPath),
    `Exec=${execWord(programPath)} %u`,
    'Terminal=false',
    'NoDisplay=true',
    'StartupWMClass=pixcrawler',
    `MimeType=x-scheme-handler/${LINK_SCHEME};`,
    OWN_MARK,
  ]);
}

/** Whether the text of an entry is one that `linkEntry` made, of whatever program. */
export function isLinkEntry(text: string): boolean {
  return text.split('\n').includes(OWN_MARK);
}

/** Writes a file with its folders, whole or not at all: what a desktop finds there it uses. @returns whether it was another before */
export function writeWhole(path: string, content: string | Uint8Array): boolean {
  const wanted = Buffer.from(content);
  if (contentOf(path)?.equals(wanted) === true) return false;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, wanted, { mode: 0o644 });
  renameSync(`${path}.part`, path);
  return true;
}

function contentOf(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

function entry(lines: readonly string[]): string {
  return ['[Desktop Entry]', 'Type=Application', 'Name=PixCrawler', 'Icon=pixcrawler', ...lines, ''].join('\n');
}

function tryExec(programPath: string): string {
  return `TryExec=${programPath.replaceAll('\\', '\\\\')}`;
}

/** A word of Exec: quoted as a shell would have it, percent signs doubled, then escaped as any text of such a file. */
function execWord(word: string): string {
  const quoted = `"${word.replaceAll(/["`$\\]/g, String.raw`\$&`)}"`;
  return quoted.replaceAll('%', '%%').replaceAll('\\', '\\\\');
}
