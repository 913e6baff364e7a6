/** Judges a dataset again from its stored measurements: no image is opened. */

import type { Job } from '../../shared/contract/jobs.ts';
import { type ValidateInput, validateInput } from '../../shared/contract/validations.ts';
import type { AppError } from '../../shared/errors.ts';
import type { CoreServices } from '../core-services.ts';
import { quarantineNearDuplicates, tooManyImages, withoutNearDuplicates } from '../duplicates/near-duplicate-stage.ts';
import { factsOf } from '../images/image-facts.ts';
import type { JobControl, JobOutcome } from '../jobs/job-runner.ts';
import { LEVEL_FINDINGS, mergeRules, type RuleSet } from '../judge/rule-set.ts';
import { JudgementRepository } from '../samples/judgement-repository.ts';
import { isChange, type Judgement, summarise } from '../samples/sample-judgements.ts';
import { type ValidatedRow, ValidationRepository } from './validation-repository.ts';

const PAGE = 2_000;
const WRITE_CHUNK = 500;

/**
 * The rules a validation asks for: those that new images are judged by, and what it wants different.
 * @throws AppError `bad-request` that says what was expected and what came
 */
export function rulesOf(chosen: RuleSet, input: Pick<ValidateInput, 'level' | 'rules'>): RuleSet {
  const { level, rules } = input;
  return mergeRules({ level: 'slow', ...rules, ...(level === undefined ? {} : { level }) }, chosen);
}

/** Samples a person decided on keep their status. A dry run counts what would change. */
export async function runValidation(services: CoreServices, job: Job, control: JobControl): Promise<JobOutcome> {
  const input = validateInput.parse(job.parameters);
  const ruleSet = await services.ruleSets.activate(rulesOf(services.ruleSets.chosen(), input));
  const validations = new ValidationRepository(services.database, services.ownerId, services.reader);
  const judgements = new JudgementRepository(services.database, services.ownerId);
  const { tally } = control;
  const abort = new AbortController();
  control.onStop(() => abort.abort());
  const total = services.samples.count(input.datasetId);
  let after = 0;
  let seen = 0;
  const judged = new Map<number, Judgement>();
  for (;;) {
    if (abort.signal.aborted) return { state: 'stopped' };
    const rows = await validations.list(input.datasetId, after, PAGE);
    const changes = rows
      .filter((row) => row.decided_by === 'rules')
      .map((row) => judgementOf(row, ruleSet.judge(factsOf(row)).reasons, ruleSet.rules))
      .filter(isChange);
    for (let at = 0; at < changes.length && !input.dryRun; at += WRITE_CHUNK) {
      const chunk = changes.slice(at, at + WRITE_CHUNK);
      await services.database.write(() => {
        judgements.apply(input.datasetId, ruleSet.id, chunk, null);
      });
    }
    for (const change of changes) judged.set(change.sample.id, change);
    seen += rows.length;
    after = rows.at(-1)?.id ?? after;
    tally.advance(seen, total);
    if (rows.length < PAGE) break;
  }
  let tooMany: AppError | null = null;
  try {
    const repeats = await quarantineNearDuplicates(services, input.datasetId, ruleSet, {
      jobId: job.id,
      tally,
      signal: abort.signal,
      ...(input.dryRun ? { dryRun: { judged } } : {}),
    });
    for (const repeat of repeats) {
      const { sample } = judged.get(repeat.sample.id) ?? repeat;
      judged.set(repeat.sample.id, { ...repeat, sample });
    }
  } catch (error) {
    if (abort.signal.aborted) return { state: 'stopped' };
    tooMany = tooManyImages(error);
  }
  const summary = summarise(judged.values());
  if (summary.changed > 0 && !input.dryRun) {
    services.events.publish({ type: 'samples.updated', datasetId: input.datasetId, count: summary.changed });
  }
  const { byStatus, byReason } = await services.datasets.stats(input.datasetId);
  await services.database.write(() => {
    tally.set({
      discovered: seen,
      accepted: byStatus.accepted,
      quarantined: byStatus.quarantined,
      nearDuplicates: byReason['near-duplicate'] ?? 0,
    });
    for (const [reason, count] of Object.entries(byReason)) tally.setReason(reason, count);
  });
  const outcome: JobOutcome = {
    state: 'completed',
    result: { judged: seen, ...summary, dryRun: input.dryRun, level: ruleSet.rules.level },
  };
  return tooMany === null ? outcome : withoutNearDuplicates(outcome, tooMany);
}

/** Findings of rules that this rule set does not have are kept: a quick look takes nothing back that it did not see. */
function judgementOf(row: ValidatedRow, found: readonly string[], rules: RuleSet): Judgement {
  const before = row.reasons === '' ? [] : row.reasons.split(',');
  // Near-duplicates are judged over the whole dataset, after this.
  const judgedHere: readonly string[] = LEVEL_FINDINGS[rules.level].filter((code) => code !== 'near-duplicate');
  // They are only looked for among images that nothing else is wrong with.
  const mayRepeat = rules.level !== 'slow' || found.length === 0;
  const kept = before.filter((reason) => !judgedHere.includes(reason) && (reason !== 'near-duplicate' || mayRepeat));
  const reasons = [...found, ...kept.filter((reason) => !found.includes(reason))];
  const isRepeat = reasons.includes('near-duplicate');
  return {
    sample: {
      id: row.id,
      jobId: row.job_id,
      status: row.status,
      reasons: before,
      keeperId: row.keeper_id,
      keeperDistance: row.keeper_distance,
    },
    reasons,
    keeperId: isRepeat ? row.keeper_id : null,
    keeperDistance: isRepeat ? row.keeper_distance : null,
  };
}
