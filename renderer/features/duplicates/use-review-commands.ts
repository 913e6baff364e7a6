import type { SampleStatus } from '../../../shared/vocabulary.ts';
import { type Command, useCommands } from '../../keyboard/commands.ts';
import { useInterface } from '../../stores/interface.ts';
import { largerTile, smallerTile } from '../samples/tile-size.ts';

interface ImageCommands {
  /** False while the viewer is in front. */
  readonly enabled: boolean;
  readonly onDecide: (status: SampleStatus) => void;
  /** @param number 1 to 9 */
  readonly onLabel: (number: number) => void;
  readonly onPreview: () => void;
}

interface ReviewCommands extends ImageCommands {
  readonly onStep: (by: 1 | -1) => void;
}

/** Keys of a queue of single images. */
export function useReviewCommands({ onStep, ...image }: ReviewCommands): void {
  const { enabled } = image;
  useCommands('review', [
    ...imageCommands('review', image),
    { id: 'review.next', isEnabled: enabled, run: () => onStep(1) },
    { id: 'review.previous', isEnabled: enabled, run: () => onStep(-1) },
  ]);
}

interface GroupCommands extends ImageCommands {
  readonly onStep: (by: 1 | -1) => void;
  readonly onStepMember: (by: 1 | -1) => void;
  readonly onKeepAll: () => void;
  readonly onChoose: () => void;
  readonly onRejectOthers: () => void;
  readonly onFlicker: () => void;
}

/** Keys of the duplicate groups; what they decide is about the image in front. */
export function useGroupCommands(actions: GroupCommands): void {
  const { thumbnailPx, set } = useInterface();
  const { enabled } = actions;
  const command = (id: string, run: () => void): Command => ({ id: `groups.${id}`, isEnabled: enabled, run });
  useCommands('groups', [
    command('next', () => actions.onStep(1)),
    command('previous', () => actions.onStep(-1)),
    command('next-member', () => actions.onStepMember(1)),
    command('previous-member', () => actions.onStepMember(-1)),
    command('keeper', actions.onChoose),
    command('keep-all', actions.onKeepAll),
    command('reject-others', actions.onRejectOthers),
    ...imageCommands('groups', actions),
    command('flicker', actions.onFlicker),
    command('smaller', () => set({ thumbnailPx: smallerTile(thumbnailPx) })),
    command('larger', () => set({ thumbnailPx: largerTile(thumbnailPx) })),
  ]);
}

function imageCommands(screen: 'review' | 'groups', actions: ImageCommands): readonly Command[] {
  const { enabled, onDecide, onLabel, onPreview } = actions;
  return [
    { id: `${screen}.accept`, isEnabled: enabled, run: () => onDecide('accepted') },
    { id: `${screen}.quarantine`, isEnabled: enabled, run: () => onDecide('quarantined') },
    { id: `${screen}.reject`, isEnabled: enabled, run: () => onDecide('rejected') },
    { id: `${screen}.label`, isEnabled: enabled, isHidden: true, run: (digit) => onLabel(Number(digit)) },
    { id: `${screen}.preview`, isEnabled: enabled, run: onPreview },
  ];
}
