/** Near-duplicates of a dataset, found over all its images at once, so that the outcome does not depend on who came first. */

import type { CoreServices } from '../core-services.ts';
import type { JobTally } from '../jobs/job-tally.ts';
import type { ActiveRuleSet } from '../judge/rule-set-repository.ts';
import { JudgementRepository } from '../samples/judgement-repository.ts';
import type { Judgement } from '../samples/sample-judgements.ts';
import { type CandidateRow, CandidateTable } from './candidate-table.ts';
import { NearDuplicateRepository } from './near-duplicate-repository.ts';

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
  const nearDuplicates = new NearDuplicateRepository(services.database, services.ownerId, services.reader);
  const candidates = await readCandidates(nearDuplicates, datasetId, options.dryRun?.judged);
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
    await saveGroups(services, nearDuplicates, datasetId);
  }
  return changes;
}

async function readCandidates(
  nearDuplicates: NearDuplicateRepository,
  datasetId: number,
  judged: ReadonlyMap<number, Judgement> | undefined,
): Promise<CandidateTable> {
  const candidates = new CandidateTable();
  await nearDuplicates.readCandidates(datasetId, (row) => {
    const judgement = judged?.get(row.id);
    candidates.add(judgement === undefined ? row : asJudged(row, judgement));
  });
  return candidates;
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

/** Groups as the samples are now; rows are only written where something changed. */
async function saveGroups(
  { database }: CoreServices,
  nearDuplicates: NearDuplicateRepository,
  datasetId: number,
): Promise<void> {
  await database.flushed();
  const wanted = new Map(await nearDuplicates.countMembers(datasetId));
  const stored = await nearDuplicates.listGroups(datasetId);
  const sizes = new Map(stored.map((row) => [row.keeperId, row.count]));
  const gone = stored.filter((row) => !wanted.has(row.keeperId)).map((row) => row.keeperId);
  const changed = [...wanted].filter(([keeperId, count]) => sizes.get(keeperId) !== count);
  for (let at = 0; at < Math.max(gone.length, changed.length); at += WRITE_CHUNK) {
    const end = at + WRITE_CHUNK;
    await database.write(() => {
      nearDuplicates.saveGroups(datasetId, gone.slice(at, end), changed.slice(at, end));
    });
  }
}
