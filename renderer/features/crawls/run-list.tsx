import { useState } from 'react';
import type { Job } from '../../../shared/contract/jobs.ts';
import { formatAgo, formatDateTime, formatPercent } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { isUnfinished } from '../../stores/live.ts';
import { Button } from '../../ui/button.tsx';
import { Progress } from '../../ui/progress.tsx';
import { JOB_ICONS, JobStateBadge } from '../jobs/job-state.tsx';
import { sourceParts } from './estimate-view.ts';

const SHOWN = 8;
/** Sources of a run that are named. */
const NAMED = 3;

interface RunListProps {
  readonly runs: readonly Job[];
  readonly front: Job | undefined;
  readonly onShow: (job: Job) => void;
}

/** The other runs of a dataset; each can be put in front. */
export function RunList({ runs, front, onShow }: RunListProps) {
  const [isWhole, setWhole] = useState(false);
  const sorted = [...runs].sort((a, b) => Number(isUnfinished(b)) - Number(isUnfinished(a)) || b.id - a.id);
  const shown = isWhole ? sorted : sorted.slice(0, SHOWN);
  return (
    <section className="part" aria-labelledby="runs">
      <h2 id="runs">{t.crawls.runsTitle}</h2>
      <ul className="run-list">
        {shown.map((job) => (
          <RunRow key={job.id} job={job} isFront={job === front} onShow={() => onShow(job)} />
        ))}
      </ul>
      {shown.length < sorted.length && (
        <Button size="small" className="mt-2" onClick={() => setWhole(true)}>
          {t.jobs.showMore}
        </Button>
      )}
    </section>
  );
}

interface RunRowProps {
  readonly job: Job;
  readonly isFront: boolean;
  readonly onShow: () => void;
}

function RunRow({ job, isFront, onShow }: RunRowProps) {
  const Icon = JOB_ICONS[job.kind];
  const at = job.finishedAt ?? job.startedAt ?? job.createdAt;
  const title = titleOf(job);
  return (
    <li>
      <button type="button" className="run-row" aria-current={isFront || undefined} onClick={onShow}>
        <Icon size={16} aria-hidden className="job-row-icon" />
        <span className="run-title" title={title}>
          {title}
        </span>
        <span className="run-outcome">
          {isUnfinished(job) ? (
            <>
              <Progress label={title} value={job.progress} thin tone={job.state === 'active' ? 'accent' : 'quiet'} />
              <span className="numeric">{formatPercent(job.progress)}</span>
            </>
          ) : (
            t.jobs.outcome(job)
          )}
        </span>
        <JobStateBadge state={job.state} />
        <time className="hint" dateTime={new Date(at).toISOString()} title={formatDateTime(at)}>
          {formatAgo(at)}
        </time>
      </button>
    </li>
  );
}

/** What it was asked for, in a line. */
function titleOf({ kind, parameters }: Job): string {
  const asked = kind === 'import' ? parameters.paths : parameters.sources;
  const texts = (Array.isArray(asked) ? asked : []).map((each: unknown) => {
    const source = typeof each === 'string' ? each : (each as { source?: unknown } | null)?.source;
    return sourceParts(String(source ?? '')).text;
  });
  const names = [...new Set(texts)];
  const more = names.length - NAMED;
  return [...names.slice(0, NAMED), ...(more > 0 ? [t.crawls.moreSources(more)] : [])].join(', ');
}
