import type { SampleStatus } from '../../../shared/vocabulary.ts';
import { type Command, useCommands } from '../../keyboard/commands.ts';
import { t } from '../../messages/index.ts';

interface ReviewCommands {
  readonly onDecide: (status: SampleStatus) => void;
  readonly onStep: (by: 1 | -1) => void;
  readonly onLabel: (number: number) => void;
}

/** Keys of a queue of single images. */
export function useReviewCommands({ onDecide, onStep, onLabel }: ReviewCommands): void {
  const words = t.samples.commands;
  useCommands(t.duplicates.title, [
    command('accept', ['a'], words.accept, () => onDecide('accepted')),
    command('quarantine', ['q'], words.quarantine, () => onDecide('quarantined')),
    command('reject', ['r'], words.reject, () => onDecide('rejected')),
    command('next', ['right', 'down', 'space'], t.duplicates.commands.next, () => onStep(1)),
    command('previous', ['left', 'up'], t.duplicates.commands.previous, () => onStep(-1)),
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => ({
      ...command(`label-${digit}`, [`${digit}`], words.labelNumber(digit, undefined), () => onLabel(digit)),
      isHidden: true,
    })),
  ]);
}

interface GroupCommands {
  readonly onStep: (by: 1 | -1) => void;
  readonly onStepMember: (by: 1 | -1) => void;
  readonly onKeepAll: () => void;
  readonly onChoose: () => void;
  readonly onReject: () => void;
  readonly onFlicker: () => void;
}

/** Keys of the duplicate groups. */
export function useGroupCommands(actions: GroupCommands): void {
  const words = t.duplicates.commands;
  useCommands(t.duplicates.groups, [
    command('next', ['down', 'enter'], words.next, () => actions.onStep(1)),
    command('previous', ['up'], words.previous, () => actions.onStep(-1)),
    command('next-member', ['right'], words.nextMember, () => actions.onStepMember(1)),
    command('previous-member', ['left'], words.previousMember, () => actions.onStepMember(-1)),
    command('keeper', ['k'], words.chooseKeeper, actions.onChoose),
    command('keep-all', ['e'], words.keepAll, actions.onKeepAll),
    command('reject-others', ['r'], words.rejectOthers, actions.onReject),
    command('flicker', ['f', 'space'], words.flicker, actions.onFlicker),
  ]);
}

function command(id: string, keys: readonly string[], title: string, run: () => void): Command {
  return { id: `review.${id}`, title, keys, run };
}
