const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const FINE = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** A measured number with as many digits as it is worth: 12,408 but 0.0312. */
export function formatNumber(value: number): string {
  return Math.abs(value) >= 100 ? WHOLE.format(value) : FINE.format(value);
}
