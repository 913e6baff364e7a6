export interface PlacedFile {
  /** Below the folder it came with, with forward slashes; the bare name for a file that came alone. */
  readonly relativePath: string;
  /** Absolute, as the system writes it. */
  readonly path: string;
}

/** The folders that files came with, and those that came alone, each once. */
export function rootsOf(files: readonly PlacedFile[]): string[] {
  return [...new Set(files.map(rootOf))];
}

function rootOf({ relativePath, path }: PlacedFile): string {
  // Separators are one character on every system, and names the same here and there.
  const [, ...below] = relativePath.split('/');
  return below.length === 0 ? path : path.slice(0, path.length - below.join('/').length - 1);
}
