import { labelColour } from './label-colour.ts';

/** The colour of a label, beside its name. */
export function LabelDot({ label }: { readonly label: string }) {
  return <span className="label-dot" style={{ backgroundColor: `var(--label-${labelColour(label)})` }} aria-hidden />;
}
