import { Repository } from '../db/repository.ts';
import { type JudgedFacts, judge } from './judge.ts';
import { mergeRules, type RuleSet, ruleSetDigest } from './rule-set.ts';

/** Under this name the rules that differ from the defaults are kept, beside the settings. */
const CHOSEN = 'rules';

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
    return this.activate(this.chosen());
  }

  /** The default rule set with what a person changed. */
  chosen(): RuleSet {
    return mergeRules(this.#changed());
  }

  #changed(): Record<string, unknown> {
    const row = this.database
      .prepare<[string, string], { value: string }>('SELECT value FROM settings WHERE owner_id = ? AND name = ?')
      .get(this.ownerId, CHOSEN);
    return row === undefined ? {} : (JSON.parse(row.value) as Record<string, unknown>);
  }

  /**
   * Changes the rules that are named; null puts one back to its default.
   * @throws AppError `bad-request` naming every rule that is unknown or out of range; nothing is changed then
   */
  async choose(changes: Readonly<Record<string, unknown>>): Promise<RuleSet> {
    const entries = Object.entries({ ...this.#changed(), ...changes }).filter(([, value]) => value !== null);
    const rules = mergeRules(Object.fromEntries(entries));
    await this.database.write(() => {
      this.database
        .prepare(
          `INSERT INTO settings (owner_id, name, value) VALUES (?, ?, ?)
           ON CONFLICT (owner_id, name) DO UPDATE SET value = excluded.value`,
        )
        .run(this.ownerId, CHOSEN, JSON.stringify(Object.fromEntries(entries)));
    });
    return rules;
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
