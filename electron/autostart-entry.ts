/** An entry of the XDG autostart folder: https://specifications.freedesktop.org/desktop-entry-spec/latest/exec-variables.html */

/** @param command the program and what it is started with; no word may hold a line break */
export function autostartEntry(command: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=PixCrawler',
    'Icon=pixcrawler',
    `Exec=${command.map(execWord).join(' ')}`,
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** A word of Exec: quoted as a shell would have it, percent signs doubled, then escaped as any text of such a file. */
function execWord(word: string): string {
  const quoted = `"${word.replaceAll(/["`$\\]/g, String.raw`\$&`)}"`;
  return quoted.replaceAll('%', '%%').replaceAll('\\', '\\\\');
}
