import { Repository } from '../db/repository.ts';
import { type JudgedFacts, judge } from './judge.ts';
import { DEFAULT_RULE_SET, type RuleSet, ruleSetDigest } from './rule-set.ts';

/** A rule set with its row, ready to judge. */
export interface ActiveRuleSet {
  readonly id: number;
  readonly rules: RuleSet;
  readonly nearDuplicates: {
    /** Hamming distance on pHash, inclusive; null when this rule set does not look for them. */
    readonly maxDistance: number | null;
    /** On dHash, as confirmation. */
    readonly maxConfirmDistance: number;
  };
  /** What the rules say of one image on its own. */
  judge(image: JudgedFacts): { readonly status: 'accepted' | 'quarantined'; readonly reasons: readonly string[] };
}

export class RuleSetRepository extends Repository {
  /** The rules that new images are judged by. */
  standard(): Promise<ActiveRuleSet> {
    return this.activate(DEFAULT_RULE_SET);
  }

  /** A rule set's row, made when it is missing: verdicts name the rules they come from. */
  async activate(rules: RuleSet): Promise<ActiveRuleSet> {
    const digest = ruleSetDigest(rules);
    const id = await this.database.write(() => {
      const row = this.database
        .prepare<unknown[], { id: number }>(
          `INSERT INTO rule_sets (owner_id, digest, rules, created_at) VALUES (?, ?, ?, ?)
           ON CONFLICT (owner_id, digest) DO UPDATE SET digest = excluded.digest RETURNING id`,
        )
        .get(this.ownerId, digest, JSON.stringify(rules), Date.now()) as { id: number };
      return row.id;
    });
    return {
      id,
      rules,
      nearDuplicates: {
        maxDistance: rules.level === 'slow' ? rules.maxNearDuplicateDistance : null,
        maxConfirmDistance: rules.maxNearDuplicateConfirmDistance,
      },
      judge: (image) => {
        const verdict = judge(image, rules);
        return { status: verdict.status, reasons: verdict.findings.map((finding) => finding.code) };
      },
    };
  }
}
