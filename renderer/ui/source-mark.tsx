import { CircleAlert, CircleCheck, CircleDashed, Clock, type LucideIcon } from 'lucide-react';
import type { SourceStatus } from '../../shared/contract/sources.ts';

const ICONS: Readonly<Record<SourceStatus['state'], LucideIcon>> = {
  unused: CircleDashed,
  working: CircleCheck,
  resting: Clock,
  failing: CircleAlert,
};

/** How a search service is; stands beside the same in words. */
export function SourceMark({ state }: Pick<SourceStatus, 'state'>) {
  const Icon = ICONS[state];
  return (
    <span className="source-mark" data-state={state}>
      <Icon size={14} aria-hidden />
    </span>
  );
}
