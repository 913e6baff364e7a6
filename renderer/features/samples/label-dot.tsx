/** Colours of the categorical palette in the tokens. */
const PALETTE_SIZE = 10;

interface LabelDotProps {
  /** Place of the label among those of its dataset, in the order they were made; −1 for one that is gone. */
  readonly place: number;
}

/** The colour of a label, beside its name. Labels that are made later change no colour. */
export function LabelDot({ place }: LabelDotProps) {
  const backgroundColor = place < 0 ? undefined : `var(--label-${(place % PALETTE_SIZE) + 1})`;
  return <span className="label-dot" style={{ backgroundColor }} aria-hidden />;
}
