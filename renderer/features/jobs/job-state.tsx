import {
  Ban,
  CircleCheck,
  CirclePause,
  CirclePlay,
  Clock,
  Copy,
  Download,
  FolderInput,
  Gavel,
  Globe,
  type LucideIcon,
  OctagonX,
  TriangleAlert,
} from 'lucide-react';
import type { ComponentProps } from 'react';
import type { JobKind, JobState } from '../../../shared/vocabulary.ts';
import { t } from '../../messages/index.ts';
import { Badge } from '../../ui/badge.tsx';

export const JOB_ICONS: Readonly<Record<JobKind, LucideIcon>> = {
  crawl: Globe,
  import: FolderInput,
  validate: Gavel,
  export: Download,
  duplicate: Copy,
};

interface StateLook {
  readonly icon: LucideIcon;
  readonly tone: NonNullable<ComponentProps<typeof Badge>['tone']>;
}

const LOOKS: Readonly<Record<JobState, StateLook>> = {
  waiting: { icon: Clock, tone: 'plain' },
  active: { icon: CirclePlay, tone: 'accent' },
  paused: { icon: CirclePause, tone: 'plain' },
  completed: { icon: CircleCheck, tone: 'accepted' },
  'completed-with-errors': { icon: TriangleAlert, tone: 'quarantined' },
  failed: { icon: OctagonX, tone: 'rejected' },
  cancelled: { icon: Ban, tone: 'plain' },
};

/** The state in colour, shape and words. */
export function JobStateBadge({ state }: { readonly state: JobState }) {
  const { icon: Icon, tone } = LOOKS[state];
  return (
    <Badge tone={tone}>
      <Icon size={12} aria-hidden />
      {t.jobs.states[state]}
    </Badge>
  );
}
