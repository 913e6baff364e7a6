import { CircleCheck, Crown, OctagonX, TriangleAlert } from 'lucide-react';
import type { SampleChange } from '../../../shared/contract/decisions.ts';
import type { DuplicateGroup } from '../../../shared/contract/duplicates.ts';
import type { SampleSummary } from '../../../shared/contract/samples.ts';
import { shownKey } from '../../keyboard/key-map.ts';
import { formatBytes } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { StatusMark } from '../../ui/status-mark.tsx';
import { ImagePane } from '../samples/image-pane.tsx';
import { LabelDot } from '../samples/label-dot.tsx';
import type { ViewerPlace } from '../samples/viewer-transform.ts';

interface SideProps {
  readonly group: DuplicateGroup;
  /** Of the members; null for the keeper. */
  readonly member: number | null;
  readonly title: string;
  readonly labels: readonly string[];
  readonly place: ViewerPlace;
  readonly onPlace: (place: ViewerPlace) => void;
  readonly onDecide: (sample: SampleSummary, change: SampleChange) => void;
  /** Whether something of the group is being decided. */
  readonly isPending: boolean;
  /** Whether the keys are about this one. */
  readonly inFront: boolean;
}

const DECISIONS = [
  { status: 'accepted', label: t.samples.accept, icon: CircleCheck, command: 'groups.accept' },
  { status: 'quarantined', label: t.samples.quarantine, icon: TriangleAlert, command: 'groups.quarantine' },
  { status: 'rejected', label: t.samples.reject, icon: OctagonX, command: 'groups.reject' },
] as const;

/** One image of a group, with what it is chosen or set aside by. */
export function Side({ group, member, title, labels, place, onPlace, onDecide, isPending, inFront }: SideProps) {
  const { keeper } = group;
  const shown = member === null ? undefined : group.members[member];
  const sample = shown?.sample ?? keeper;
  const note = shown ? comparison(keeper, shown.sample, shown.distance) : t.duplicates.keptBecause[group.keptBecause];
  return (
    <figure className="review-side">
      <div className="review-side-picture">
        <ImagePane sample={sample} place={place} onPlace={onPlace} enlarge />
      </div>
      <figcaption>
        <div className="review-side-facts">
          <strong>
            {!shown && <Crown size={14} aria-hidden />} {title}
          </strong>
          <StatusMark status={sample.status} />
          <span>{t.samples.statusName(sample.status)}</span>
          {sample.label !== null && (
            <span className="review-label">
              <LabelDot place={labels.indexOf(sample.label)} /> {sample.label}
            </span>
          )}
          <span>{t.samples.dimensions(sample)}</span>
          <span>{formatBytes(sample.bytes)}</span>
          <span>{t.samples.formatName(sample.format)}</span>
        </div>
        <fieldset className="review-side-actions" aria-label={title}>
          {DECISIONS.map(({ status, label, icon, command }) => (
            <IconButton
              key={status}
              label={label}
              keys={inFront ? shownKey(command) : undefined}
              icon={icon}
              disabled={isPending}
              onClick={() => onDecide(sample, { status })}
            />
          ))}
        </fieldset>
        <span className="review-note">{note}</span>
      </figcaption>
    </figure>
  );
}

function comparison(keeper: SampleSummary, sample: SampleSummary, distance: number): string {
  const percent = Math.round((100 * sample.width * sample.height) / Math.max(1, keeper.width * keeper.height));
  return `${t.duplicates.distance(distance)} · ${t.duplicates.smallerBy(percent)}`;
}
