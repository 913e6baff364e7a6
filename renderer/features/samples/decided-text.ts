import type { Decision, SampleChange } from '../../../shared/contract/decisions.ts';
import { t } from '../../messages/index.ts';

/** What a decision did, in a sentence; the change that says most comes first. */
export function decidedText(decision: Decision): string {
  const words = t.samples.decided;
  const { count } = decision;
  const change = decision.change as SampleChange;
  if (count === 0) return words.nothing;
  if (decision.kind === 'choose-keeper') return t.duplicates.chosen;
  if (decision.kind === 'keep-all') return t.duplicates.keptAll;
  if (change.status !== undefined) return words.status(change.status, count);
  if (change.label !== undefined) return words.label(change.label, count);
  if (change.split !== undefined) return words.split(change.split, count);
  if (change.caption !== undefined) return words.caption(count);
  return words.tags(count);
}
