/** What a run brought, as small multiples: a panel for each source, the same labels in the same order in each. */

import type { CoverageRow } from '../../../shared/contract/jobs.ts';

export interface CoverageBar {
  /** null for images without a label. */
  readonly label: string | null;
  readonly accepted: number;
  readonly quarantined: number;
  readonly rejected: number;
  readonly total: number;
}

interface CoveragePanel {
  readonly source: string;
  readonly total: number;
  readonly bars: readonly CoverageBar[];
}

export interface Coverage {
  /** The source that brought most first. */
  readonly panels: readonly CoveragePanel[];
  /** The longest bar of all panels, so that they can be compared; at least 1. */
  readonly most: number;
  /** Labels that are not shown, and the images they got together. */
  readonly others: { readonly labels: number; readonly images: number };
}

/**
 * @param mostLabels the labels with most images over all sources are shown
 * @param wanted labels that were asked for: they show with none while nothing has come for them
 */
export function coverageOf(rows: readonly CoverageRow[], mostLabels: number, wanted: readonly string[] = []): Coverage {
  const byLabel = new Map<string | null, number>(wanted.map((label) => [label, 0]));
  for (const row of rows) byLabel.set(row.label, (byLabel.get(row.label) ?? 0) + totalOf(row));
  const labels = [...byLabel].sort(([a, countA], [b, countB]) => countB - countA || compareLabels(a, b));
  const shown = labels.slice(0, mostLabels);
  const hidden = labels.slice(mostLabels);
  const panels = [...Map.groupBy(rows, ({ source }) => source)].map(([source, own]) => ({
    source,
    total: own.reduce((sum, row) => sum + totalOf(row), 0),
    bars: shown.map(([label]) => barOf(label, own)),
  }));
  panels.sort((a, b) => b.total - a.total || a.source.localeCompare(b.source));
  return {
    panels,
    most: Math.max(1, ...panels.flatMap(({ bars }) => bars.map(({ total }) => total))),
    others: { labels: hidden.length, images: hidden.reduce((sum, [, count]) => sum + count, 0) },
  };
}

function barOf(label: string | null, rows: readonly CoverageRow[]): CoverageBar {
  const bar = { label, accepted: 0, quarantined: 0, rejected: 0, total: 0 };
  for (const row of rows) {
    if (row.label !== label) continue;
    bar.accepted += row.accepted;
    bar.quarantined += row.quarantined;
    bar.rejected += row.rejected;
    bar.total += totalOf(row);
  }
  return bar;
}

function totalOf({ accepted, quarantined, rejected }: CoverageRow): number {
  return accepted + quarantined + rejected;
}

/** By name; those without a label last. */
function compareLabels(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a.localeCompare(b);
}

/** The labels that a crawl was asked for, as its request has them. */
export function wantedLabels({ sources, label }: Readonly<Record<string, unknown>>): string[] {
  const labels = (Array.isArray(sources) ? sources : []).map((each: unknown) =>
    typeof each === 'object' && each !== null ? (each as { label?: unknown }).label : label,
  );
  return [...new Set(labels.filter((each) => typeof each === 'string'))];
}
