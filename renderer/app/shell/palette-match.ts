/**
 * How well typed words fit what something is called: 1 where each begins one of its words, less where one lies within a
 * word, 0 where one is missing. What is left out is not filled in: `set` finds Settings, and not Accept.
 */
export function paletteMatch(typed: string, names: readonly string[]): number {
  const text = names.join(' ').toLowerCase();
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.every((word) => text.includes(word))) return 0;
  const begun = text.split(/[^\p{L}\p{N}]+/u);
  return words.every((word) => begun.some((each) => each.startsWith(word)) || text.startsWith(word)) ? 1 : 0.5;
}
