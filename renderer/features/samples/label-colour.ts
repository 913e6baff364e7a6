/** Colours of the categorical palette in the tokens. */
const PALETTE_SIZE = 10;

/** Number of a label's colour, from 1: the same label has the same colour in every dataset and on every day. */
export function labelColour(label: string): number {
  // FNV-1a.
  let hash = 0x81_1c_9d_c5;
  for (const character of label) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01_00_01_93);
  return ((hash >>> 0) % PALETTE_SIZE) + 1;
}
