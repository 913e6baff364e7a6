/** Help in one shape for all commands. */

/** The examples that end the help of a command. */
export function examples(pairs: readonly (readonly [what: string, command: string])[]): string {
  return `\nExamples:\n${pairs.map(([what, command]) => `  # ${what}\n  ${command}`).join('\n')}`;
}
