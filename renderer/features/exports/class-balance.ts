/** How evenly labels are represented in what an export would write. */

interface LabelCount {
  /** '' is "without a label". */
  readonly value: string;
  readonly count: number;
}

export interface BalanceRow {
  /** '' is "without a label". */
  readonly label: string;
  readonly count: number;
  /** In the order of the splits that were given. */
  readonly bySplit: readonly number[];
  /** Whether it has less than `SCARCE_PART` of the images of the largest label. Never where there is no label. */
  readonly isScarce: boolean;
}

interface Balance {
  /** Most images first, those without a label last. */
  readonly rows: readonly BalanceRow[];
  /** The label with the most images; null where no image has one. */
  readonly largest: string | null;
  readonly scarce: readonly string[];
}

/** Below a tenth of the largest label, a model that always answers with the larger one is hard to beat. */
const SCARCE_PART = 0.1;

/**
 * @param labels all of the dataset, so that those without any image are told too
 * @param total images by label
 * @param splits images by label, of each split
 */
export function classBalance(
  labels: readonly string[],
  total: readonly LabelCount[],
  splits: readonly (readonly LabelCount[])[],
): Balance {
  const counts = countsOf(total);
  const ofSplits = splits.map(countsOf);
  const most = Math.max(0, ...[...counts].map(([label, count]) => (label === '' ? 0 : count)));
  const names = [...new Set([...labels, ...counts.keys()])].filter((label) => label !== '' || counts.has(''));
  const rows = names
    .map((label) => {
      const count = counts.get(label) ?? 0;
      const bySplit = ofSplits.map((each) => each.get(label) ?? 0);
      return { label, count, bySplit, isScarce: label !== '' && count < most * SCARCE_PART };
    })
    .sort(
      (a, b) => Number(a.label === '') - Number(b.label === '') || b.count - a.count || a.label.localeCompare(b.label),
    );
  return {
    rows,
    largest: most === 0 ? null : (rows[0]?.label ?? null),
    scarce: rows.filter(({ isScarce }) => isScarce).map(({ label }) => label),
  };
}

function countsOf(values: readonly LabelCount[]): ReadonlyMap<string, number> {
  return new Map(values.filter(({ count }) => count > 0).map(({ value, count }) => [value, count]));
}

/** The first and last of a long list, `each` at either end, and how many lie between; all of one that is no longer than that. */
export function bothEnds<Row>(
  rows: readonly Row[],
  each: number,
): { readonly first: readonly Row[]; readonly between: number; readonly last: readonly Row[] } {
  // A line that says "1 more" takes as much room as the one.
  if (rows.length <= 2 * each + 1) return { first: rows, between: 0, last: [] };
  return { first: rows.slice(0, each), between: rows.length - 2 * each, last: rows.slice(-each) };
}
