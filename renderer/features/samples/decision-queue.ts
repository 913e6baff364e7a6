import type { Decision, DecisionTarget, SampleChange } from '../../../shared/contract/decisions.ts';
import type { SampleSummary } from '../../../shared/contract/samples.ts';
import { AppError } from '../../../shared/errors.ts';
import { t } from '../../messages/index.ts';
import { IdSet } from './id-set.ts';

export interface PendingDecision {
  readonly target: DecisionTarget;
  readonly change: SampleChange;
}

export interface DecisionQueueOptions {
  /** Whether the core is known not to be reached: decisions fail at once then, and are not shown. Default: never. */
  isAway?(): boolean;
  apply(decision: PendingDecision): Promise<Decision>;
  /** It holds now: `change` of a sample gives what the core has. */
  onDone(decision: Decision, change: (sample: SampleSummary) => SampleSummary, decided: PendingDecision): void;
  /** It is not kept, and not on the screen any more. */
  onFailed(error: unknown, decision: PendingDecision): void;
  /** What is shown changed. */
  onChange(): void;
}

/**
 * Decisions act on the screen at once and reach the core one after another, in the order they were made. What is shown is
 * what the core last said with the decisions under way laid over it, so that one that fails leaves no trace and takes none
 * of the later ones with it.
 */
export class DecisionQueue {
  readonly #options: DecisionQueueOptions;
  #pending: readonly Entry[] = [];
  #running = false;

  constructor(options: DecisionQueueOptions) {
    this.#options = options;
  }

  /** Decisions that the core has not confirmed. */
  get pendingCount(): number {
    return this.#pending.length;
  }

  /** @returns whether it is on its way, and on the screen */
  decide(target: DecisionTarget, change: SampleChange): boolean {
    if (this.#options.isAway?.() === true) {
      this.#options.onFailed(new AppError('unavailable', t.ui.unreachable), { target, change });
      return false;
    }
    this.#pending = [...this.#pending, { target, change, holds: targetTest(target) }];
    this.#options.onChange();
    void this.#run();
    return true;
  }

  /** A sample as the decisions under way leave it; the same object when they do not touch it. */
  shown(sample: SampleSummary): SampleSummary {
    let shown = sample;
    for (const entry of this.#pending) if (entry.holds(sample.id)) shown = changed(shown, entry.change);
    return shown;
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let entry = this.#pending[0]; entry; entry = this.#pending[0]) {
      const { target, change, holds } = entry;
      try {
        const decision = await this.#options.apply({ target, change });
        this.#pending = this.#pending.slice(1);
        const after = (sample: SampleSummary) => (holds(sample.id) ? changed(sample, change) : sample);
        this.#options.onDone(decision, after, { target, change });
      } catch (error) {
        this.#pending = this.#pending.slice(1);
        this.#options.onFailed(error, { target, change });
      }
      this.#options.onChange();
    }
    this.#running = false;
  }
}

interface Entry extends PendingDecision {
  readonly holds: (id: number) => boolean;
}

/** A sample as a decision leaves it; the same object when nothing changes. */
export function changed(sample: SampleSummary, change: SampleChange): SampleSummary {
  const next: SampleSummary = {
    ...sample,
    ...(change.status !== undefined && { status: change.status, decidedBy: 'user' as const }),
    ...(change.label !== undefined && { label: change.label }),
    ...(change.split !== undefined && { split: change.split }),
    ...(change.caption !== undefined && { caption: change.caption }),
    ...((change.addTags ?? change.removeTags) && { tags: changedTags(sample.tags, change) }),
  };
  return sameDecision(sample, next) ? sample : next;
}

function changedTags(tags: readonly string[], { addTags = [], removeTags = [] }: SampleChange): string[] {
  return [...new Set([...tags, ...addTags])].filter((tag) => !removeTags.includes(tag));
}

function sameDecision(left: SampleSummary, right: SampleSummary): boolean {
  return (
    left.status === right.status &&
    left.decidedBy === right.decidedBy &&
    left.label === right.label &&
    left.split === right.split &&
    left.caption === right.caption &&
    left.tags.length === right.tags.length &&
    left.tags.every((tag, at) => tag === right.tags[at])
  );
}

/** Within the list that the target was chosen in, whose samples all match its filter. */
function targetTest(target: DecisionTarget): (id: number) => boolean {
  if (target.kind === 'ids') {
    const ids = IdSet.of(target.ids);
    return (id) => ids.has(id);
  }
  const except = IdSet.of(target.exceptIds);
  return (id) => !except.has(id);
}
