import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { Job } from '../../../shared/contract/jobs.ts';
import { formatCount } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { Addresses } from '../jobs/job-problems.tsx';
import { groupedReasons, type ReasonCount, type ReasonGroup } from '../jobs/job-words.ts';

const TITLES: Readonly<Record<ReasonGroup, string>> = {
  failed: t.jobs.failedTitle,
  refused: t.jobs.refusedTitle,
  quarantined: t.jobs.quarantinedTitle,
};

/** What a trial did not keep and why, with the addresses behind each reason. */
export function TrialProblems({ job }: { readonly job: Job }) {
  const groups = groupedReasons(job.reasons);
  const shown = (['quarantined', 'refused', 'failed'] as const).filter((group) => groups[group].length > 0);
  if (shown.length === 0) return null;
  return (
    <div className="trial-problems">
      {shown.map((group) => (
        <div key={group}>
          <h4>{TITLES[group]}</h4>
          <ul>
            {groups[group].map((each) => (
              <TrialReason key={each.reason} jobId={job.id} group={group} each={each} />
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

interface TrialReasonProps {
  readonly jobId: number;
  readonly group: ReasonGroup;
  readonly each: ReasonCount;
}

function TrialReason({ jobId, group, each: { reason, count } }: TrialReasonProps) {
  const [isOpen, setOpen] = useState(false);
  const text = `${t.jobs.reason(reason)} · ${formatCount(count)}`;
  // Those are among the images above, and marked.
  if (group === 'quarantined') return <li className="trial-reason">{text}</li>;
  return (
    <li>
      <button
        type="button"
        className="trial-reason reason-toggle"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <ChevronRight size={14} aria-hidden />
        {text}
      </button>
      {t.jobs.reasonHint(reason) !== null && <p className="hint reason-hint">{t.jobs.reasonHint(reason)}</p>}
      {isOpen && <Addresses jobId={jobId} reason={reason} state={group} />}
    </li>
  );
}
