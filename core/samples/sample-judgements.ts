/** What rules say about samples, and what that changes. */

/** A sample as it is judged now. */
export interface JudgedSample {
  readonly id: number;
  /** The job that added it. */
  readonly jobId: number | null;
  readonly status: 'accepted' | 'quarantined' | 'rejected';
  readonly reasons: readonly string[];
  readonly keeperId: number | null;
  readonly keeperDistance: number | null;
}

export interface Judgement {
  readonly sample: JudgedSample;
  readonly reasons: readonly string[];
  readonly keeperId: number | null;
  readonly keeperDistance: number | null;
}

/** What judgements change, in numbers. */
export interface JudgementSummary {
  readonly changed: number;
  /** Samples whose status becomes that. */
  readonly accepted: number;
  readonly quarantined: number;
  /** Findings that came, and findings that went, by reason. */
  readonly added: Record<string, number>;
  readonly removed: Record<string, number>;
}

/** Sums up judgements, one a sample; those that change nothing are passed over. */
export function summarise(judgements: Iterable<Judgement>): JudgementSummary {
  const summary = { changed: 0, accepted: 0, quarantined: 0, added: {}, removed: {} } as {
    -readonly [K in keyof JudgementSummary]: JudgementSummary[K];
  };
  for (const judgement of judgements) {
    if (!isChange(judgement)) continue;
    const { sample, reasons } = judgement;
    summary.changed++;
    const status = reasons.length === 0 ? 'accepted' : 'quarantined';
    if (sample.status !== status) summary[status]++;
    for (const reason of reasons) {
      if (!sample.reasons.includes(reason)) summary.added[reason] = (summary.added[reason] ?? 0) + 1;
    }
    for (const reason of sample.reasons) {
      if (!reasons.includes(reason)) summary.removed[reason] = (summary.removed[reason] ?? 0) + 1;
    }
  }
  return summary;
}

/** Whether a judgement differs from what the sample's row says. */
export function isChange({ sample, reasons, keeperId, keeperDistance }: Judgement): boolean {
  return (
    sample.reasons.join(',') !== reasons.join(',') ||
    sample.keeperId !== keeperId ||
    sample.keeperDistance !== keeperDistance ||
    sample.status !== (reasons.length === 0 ? 'accepted' : 'quarantined')
  );
}
