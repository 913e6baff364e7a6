const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Two letters that stand for a name: `Field guide` is FG, `owls` is OW. Signs count only where there is nothing else. */
export function initialsOf(name: string): string {
  const words = name.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [name.trim()];
  const [first = [], second] = words.map((word) => Array.from(GRAPHEMES.segment(word), ({ segment }) => segment));
  const letters = second === undefined ? first.slice(0, 2) : [first[0], second[0]];
  return letters.join('').toLocaleUpperCase();
}
