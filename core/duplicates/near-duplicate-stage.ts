/** Near-duplicates of a dataset, found over all its images at once, so that the outcome does not depend on who came first. */

import { AppError } from '../../shared/errors.ts';
import type { CoreServices } from '../core-services.ts';
import type { JobOutcome } from '../jobs/job-runner.ts';
import type { JobTally } from '../jobs/job-tally.ts';
import type { ActiveRuleSet } from '../judge/rule-set-repository.ts';
import { JudgementRepository } from '../samples/judgement-repository.ts';
import type { Judgement } from '../samples/sample-judgements.ts';
import type { BreakCause } from '../workers/unit.ts';
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
 * @throws AppError `payload-too-large` when the images are more than a worker process can compare; nothing has changed then
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
    )
    .catch((error: unknown) => {
      throw isTooMuch(error) ? tooManyToCompare(candidates.length, error) : error;
    });
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

/** Whether a worker process ran out of memory or time each time, and not into a fault that another run would mend. */
function isTooMuch(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  if (error.code === 'payload-too-large') return true;
  const { causes } = error.details as { causes?: readonly BreakCause[] };
  return causes?.every((why) => why === 'memory' || why === 'deadline') ?? false;
}

function tooManyToCompare(count: number, cause: unknown): AppError {
  return new AppError(
    'payload-too-large',
    `Near-duplicates were not looked for: comparing ${count} images takes more memory or time than a worker process may ` +
      'use. All images are kept, judged by the other rules. Move images to another dataset or choose a smaller distance, ' +
      'then validate the dataset.',
    { cause, details: { count } },
  );
}

/**
 * What was thrown, when it says that there are too many images to compare.
 * @throws what was thrown, when it is anything else
 */
export function tooManyImages(thrown: unknown): AppError {
  if (thrown instanceof AppError && thrown.code === 'payload-too-large') return thrown;
  throw thrown;
}

/** The outcome of a job that did the rest of its work, but had too many images to compare. */
export function withoutNearDuplicates(outcome: JobOutcome, { code, message }: AppError): JobOutcome {
  if (outcome.state !== 'completed' && outcome.error !== undefined) return outcome;
  return { ...outcome, state: 'completed-with-errors', error: { code, message } };
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
