/** Near-duplicates of a dataset, found over all its images at once, so that the outcome does not depend on who came first. */

import type { CoreServices } from '../core-services.ts';
import type { JobTally } from '../jobs/job-tally.ts';
import type { ActiveRuleSet } from '../judge/rule-set-repository.ts';
import { JudgementRepository } from '../samples/judgement-repository.ts';
import type { Judgement } from '../samples/sample-judgements.ts';
import { type CandidateRow, CandidateTable } from './candidate-table.ts';

const READ_PAGE = 5_000;
const WRITE_CHUNK = 500;
export interface StageOptions {
  readonly jobId: number;
  readonly tally: JobTally;
  readonly signal: AbortSignal;
  /** Tells what would change and changes nothing; these judgements are then taken for written. */
  readonly dryRun?: { readonly judged: ReadonlyMap<number, Judgement> };
}

/**
 * Keeps the largest of each group and quarantines the rest with the keeper named; takes back what no longer holds.
 * Images that another rule quarantines are left out: a blurred picture is not what a sharp one should be dropped for.
 * @returns what changes
 */
export async function quarantineNearDuplicates(
  services: CoreServices,
  datasetId: number,
  ruleSet: ActiveRuleSet,
  options: StageOptions,
): Promise<readonly Judgement[]> {
  const { maxDistance, maxConfirmDistance } = ruleSet.nearDuplicates;
  if (maxDistance === null) return [];
  const candidates = await readCandidates(services, datasetId, options.dryRun?.judged);
  const { keeperOf, distances } = await services
    .workers()
    .run(
      'group-near-duplicates',
      { ...candidates.columns(), maxDistance, maxConfirmDistance },
      { signal: options.signal, lane: 'bulk' },
    );
  const changes: Judgement[] = [];
  for (let index = 0; index < candidates.length; index++) {
    if (candidates.isProtected(index)) continue;
    const keeper = keeperOf[index] as number;
    const keeperId = keeper < 0 ? 0 : candidates.idOf(keeper);
    const distance = distances[index] as number;
    if (candidates.isChanged(index, keeperId, distance)) changes.push(candidates.judgement(index, keeperId, distance));
  }
  if (options.dryRun === undefined) {
    await apply(services, datasetId, ruleSet.id, changes, options);
    await saveGroups(services, datasetId);
  }
  return changes;
}

async function readCandidates(
  services: CoreServices,
  datasetId: number,
  judged: ReadonlyMap<number, Judgement> | undefined,
): Promise<CandidateTable> {
  const candidates = new CandidateTable();
  let after = 0;
  for (;;) {
    const rows = await services.reader.tuples<CandidateTuple>(
      `SELECT s.id, s.job_id, s.status, s.decided_by, s.reasons, s.keeper_id, s.keeper_distance, i.p_hash_high,
              i.p_hash_low, i.d_hash_high, i.d_hash_low, i.width, i.height, i.size_bytes, lower(hex(i.sha256))
       FROM samples s JOIN images i ON i.id = s.image_id
       WHERE s.dataset_id = ? AND s.id > ? ORDER BY s.id LIMIT ${READ_PAGE}`,
      [datasetId, after],
    );
    for (const tuple of rows) {
      const row = toRow(tuple);
      const judgement = judged?.get(row.id);
      candidates.add(judgement === undefined ? row : asJudged(row, judgement));
    }
    after = rows.at(-1)?.[0] ?? after;
    if (rows.length < READ_PAGE) return candidates;
  }
}

/** The columns of the statement above, in its order. */
type CandidateTuple = readonly [
  id: number,
  jobId: number | null,
  status: CandidateRow['status'],
  decidedBy: CandidateRow['decidedBy'],
  reasons: string,
  keeperId: number | null,
  keeperDistance: number | null,
  pHashHigh: number,
  pHashLow: number,
  dHashHigh: number,
  dHashLow: number,
  width: number,
  height: number,
  sizeBytes: number,
  sha256: string,
];

function toRow(tuple: CandidateTuple): CandidateRow {
  return {
    id: tuple[0],
    jobId: tuple[1],
    status: tuple[2],
    decidedBy: tuple[3],
    reasons: tuple[4],
    keeperId: tuple[5],
    keeperDistance: tuple[6],
    pHashHigh: tuple[7],
    pHashLow: tuple[8],
    dHashHigh: tuple[9],
    dHashLow: tuple[10],
    width: tuple[11],
    height: tuple[12],
    sizeBytes: tuple[13],
    sha256: tuple[14],
  };
}

function asJudged(row: CandidateRow, { reasons, keeperId, keeperDistance }: Judgement): CandidateRow {
  const status = reasons.length === 0 ? 'accepted' : 'quarantined';
  return { ...row, reasons: reasons.join(','), status, keeperId, keeperDistance };
}

async function apply(
  services: CoreServices,
  datasetId: number,
  ruleSetId: number,
  changes: readonly Judgement[],
  { jobId, tally, signal }: StageOptions,
): Promise<void> {
  const judgements = new JudgementRepository(services.database, services.ownerId);
  for (let at = 0; at < changes.length; at += WRITE_CHUNK) {
    signal.throwIfAborted();
    const chunk = changes.slice(at, at + WRITE_CHUNK);
    await services.database.write(() => {
      judgements.apply(datasetId, ruleSetId, chunk, { jobId, tally });
    });
  }
  if (changes.length > 0) services.events.publish({ type: 'samples.updated', datasetId, count: changes.length });
}

/** Groups as the samples are now, those that a person set aside among them; rows are only written where something changed. */
async function saveGroups(services: CoreServices, datasetId: number): Promise<void> {
  await services.database.flushed();
  const wanted = new Map(
    await services.reader.tuples<[keeperId: number, count: number]>(
      `SELECT s.keeper_id, count(*) FROM samples s JOIN samples k ON k.id = s.keeper_id
       WHERE s.dataset_id = ? AND s.keeper_id IS NOT NULL GROUP BY s.keeper_id`,
      [datasetId],
    ),
  );
  const stored = await services.reader.all<{ keeperId: number; count: number }>(
    'SELECT keeper_id AS keeperId, member_count AS count FROM duplicate_groups WHERE dataset_id = ?',
    [datasetId],
  );
  const sizes = new Map(stored.map((row) => [row.keeperId, row.count]));
  const gone = stored.filter((row) => !wanted.has(row.keeperId)).map((row) => row.keeperId);
  const changed = [...wanted].filter(([keeperId, count]) => sizes.get(keeperId) !== count);
  for (let at = 0; at < Math.max(gone.length, changed.length); at += WRITE_CHUNK) {
    await services.database.write(() => {
      const remove = services.database.prepare('DELETE FROM duplicate_groups WHERE keeper_id = ?');
      const upsert = services.database.prepare(
        `INSERT INTO duplicate_groups (owner_id, dataset_id, keeper_id, member_count, created_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (keeper_id) DO UPDATE SET member_count = excluded.member_count`,
      );
      for (const keeperId of gone.slice(at, at + WRITE_CHUNK)) remove.run(keeperId);
      for (const [keeperId, count] of changed.slice(at, at + WRITE_CHUNK)) {
        upsert.run(services.ownerId, datasetId, keeperId, count, Date.now());
      }
    });
  }
}
