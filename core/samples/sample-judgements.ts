/** Changes of what rules say about samples, with their counters, in one place. */

import { CounterChanges } from '../datasets/counters.ts';
import type { Database } from '../db/database.ts';
import type { JobTally } from '../jobs/job-tally.ts';

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

/**
 * Writes judgements. Call inside `database.write`. Rows are read again: a person may have decided since they were judged,
 * and what a person decided stays.
 * @param counted the tally of the job whose own samples are counted; null when none are
 */
export function applyJudgements(
  database: Database,
  datasetId: number,
  ruleSetId: number,
  judgements: readonly Judgement[],
  counted: { readonly jobId: number; readonly tally: JobTally } | null,
): void {
  const counters = new CounterChanges();
  const read = database.prepare<[number], { status: JudgedSample['status']; decidedBy: string; reasons: string }>(
    'SELECT status, decided_by AS decidedBy, reasons FROM samples WHERE id = ?',
  );
  const update = database.prepare(
    `UPDATE samples SET status = ?, reasons = ?, keeper_id = ?, keeper_distance = ?, rule_set_id = ?, judged_at = ?,
       updated_at = ? WHERE id = ?`,
  );
  const addReason = database.prepare(
    'INSERT OR IGNORE INTO sample_reasons (dataset_id, reason, sample_id) VALUES (?, ?, ?)',
  );
  const removeReason = database.prepare(
    'DELETE FROM sample_reasons WHERE dataset_id = ? AND reason = ? AND sample_id = ?',
  );
  const now = Date.now();
  for (const { sample: judged, reasons, keeperId, keeperDistance } of judgements) {
    const row = read.get(judged.id);
    if (row === undefined || row.decidedBy === 'user') continue;
    const sample = { ...judged, status: row.status, reasons: row.reasons === '' ? [] : row.reasons.split(',') };
    const status = reasons.length === 0 ? 'accepted' : 'quarantined';
    update.run(status, reasons.join(','), keeperId, keeperDistance, ruleSetId, now, now, sample.id);
    const tally = counted !== null && counted.jobId === sample.jobId ? counted.tally : null;
    for (const reason of reasons.filter((each) => !sample.reasons.includes(each))) {
      addReason.run(datasetId, reason, sample.id);
      counters.add(datasetId, 'reason', reason, 1);
      tally?.addReason(reason, 1);
      if (reason === 'near-duplicate') tally?.add({ nearDuplicates: 1 });
    }
    for (const reason of sample.reasons.filter((each) => !reasons.includes(each))) {
      removeReason.run(datasetId, reason, sample.id);
      counters.add(datasetId, 'reason', reason, -1);
      tally?.addReason(reason, -1);
      if (reason === 'near-duplicate') tally?.add({ nearDuplicates: -1 });
    }
    if (sample.status !== status) {
      counters.add(datasetId, 'status', sample.status, -1);
      counters.add(datasetId, 'status', status, 1);
      if (sample.status !== 'rejected') tally?.add({ [sample.status]: -1 });
      tally?.add({ [status]: 1 });
    }
  }
  counters.apply(database);
}
