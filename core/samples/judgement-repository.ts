/** Changes of what rules say about samples, with their counters, in one place. */

import { CounterRepository } from '../datasets/counter-repository.ts';
import { CounterChanges } from '../datasets/counters.ts';
import { Repository } from '../db/repository.ts';
import type { JobTally } from '../jobs/job-tally.ts';
import type { JudgedSample, Judgement } from './sample-judgements.ts';

export class JudgementRepository extends Repository {
  readonly #counters = new CounterRepository(this.database, this.ownerId);

  /**
   * Writes judgements. Call inside `database.write`. Rows are read again: a person may have decided since they were judged,
   * and what a person decided stays.
   * @param counted the tally of the job whose own samples are counted; null when none are
   */
  apply(
    datasetId: number,
    ruleSetId: number,
    judgements: readonly Judgement[],
    counted: { readonly jobId: number; readonly tally: JobTally } | null,
  ): void {
    const counters = new CounterChanges();
    const read = this.database.prepare<
      [number],
      { status: JudgedSample['status']; decidedBy: string; reasons: string }
    >('SELECT status, decided_by AS decidedBy, reasons FROM samples WHERE id = ?');
    const update = this.database.prepare(
      `UPDATE samples SET status = ?, reasons = ?, keeper_id = ?, keeper_distance = ?, rule_set_id = ?, judged_at = ?,
         updated_at = ? WHERE id = ?`,
    );
    const addReason = this.database.prepare(
      'INSERT OR IGNORE INTO sample_reasons (dataset_id, reason, sample_id) VALUES (?, ?, ?)',
    );
    const removeReason = this.database.prepare(
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
    this.#counters.apply(counters);
  }
}
