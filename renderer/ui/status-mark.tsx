import { CircleCheck, type LucideIcon, OctagonX, TriangleAlert } from 'lucide-react';
import type { SampleStatus } from '../../shared/vocabulary.ts';

/** A circle, a triangle and an octagon: told apart without colour. */
const ICONS: Readonly<Record<SampleStatus, LucideIcon>> = {
  accepted: CircleCheck,
  quarantined: TriangleAlert,
  rejected: OctagonX,
};

interface StatusMarkProps {
  readonly status: SampleStatus;
  readonly size?: number;
}

/** Stands beside the status in words, or in what is labelled with it. */
export function StatusMark({ status, size = 14 }: StatusMarkProps) {
  const Icon = ICONS[status];
  return (
    <span className="status-mark" data-status={status}>
      <Icon size={size} aria-hidden />
    </span>
  );
}
