/** The rules that new images are judged by, as the contract has them. */

import type { RuleField } from '../../shared/contract/rules.ts';
import type { CoreServices } from '../core-services.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';
import { RuleMeasureRepository } from './rule-measure-repository.ts';
import { DEFAULT_RULE_SET, type RuleSet, ruleSetSchema } from './rule-set.ts';

/** Not thresholds: they say what the rest means. */
const NOT_SHOWN: ReadonlySet<string> = new Set(['version', 'name', 'level']);

export function ruleProcedures(os: Procedures, services: CoreServices): FeatureRouter<'rules'> {
  const { database, ownerId, reader, ruleSets, samples } = services;
  const measures = new RuleMeasureRepository(database, ownerId, reader, samples);
  return os.rules.router({
    get: os.rules.get.handler(() => fieldsOf(ruleSets.chosen())),
    set: os.rules.set.handler(async ({ input }) => fieldsOf(await ruleSets.choose(input.rules))),
    histogram: os.rules.histogram.handler(({ input }) => measures.histogram(input.datasetId, input.rule)),
  });
}

function fieldsOf(rules: RuleSet): RuleField[] {
  return Object.entries(ruleSetSchema.shape).flatMap(([name, schema]) => {
    if (NOT_SHOWN.has(name)) return [];
    const facts = schema.meta() as { unit: string; expected: string; description: string };
    const key = name as keyof RuleSet;
    const { unit, expected, description } = facts;
    return [{ name, value: rules[key], defaultValue: DEFAULT_RULE_SET[key], unit, expected, description }];
  });
}
