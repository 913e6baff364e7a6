import { ChevronRight, Download } from 'lucide-react';
import { useId, useState } from 'react';
import type { Job } from '../../../shared/contract/jobs.ts';
import { formatAgo, formatDateTime, formatPercent } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { isUnfinished } from '../../stores/live.ts';
import { Progress } from '../../ui/progress.tsx';
import { JobActions } from '../jobs/job-actions.tsx';
import { JobStateBadge } from '../jobs/job-state.tsx';
import { Report } from './export-report.tsx';
import { outPathOf } from './past-exports.ts';

interface ExportRowProps {
  readonly job: Job;
  /** Whether its report is open from the start. */
  readonly isNewest: boolean;
}

/** One export: how far it is, and what it wrote. */
export function ExportRow({ job, isNewest }: ExportRowProps) {
  const reportId = useId();
  const [chosen, setChosen] = useState<boolean | null>(null);
  const isOpen = chosen ?? isNewest;
  const path = outPathOf(job);
  const at = job.finishedAt ?? job.startedAt ?? job.createdAt;
  const leftMs = job.remainingMs;
  return (
    <li>
      <div className="export-row">
        {job.result === null ? (
          <Download size={16} aria-hidden className="job-row-icon" />
        ) : (
          <button
            type="button"
            className="export-toggle"
            aria-label={t.exports.reportOf(path)}
            aria-expanded={isOpen}
            aria-controls={reportId}
            onClick={() => setChosen(!isOpen)}
          >
            <ChevronRight size={16} aria-hidden />
          </button>
        )}
        <div className="export-name">
          <span className="export-path" title={path}>
            {path}
          </span>
          <span className="job-row-facts">
            {t.exports.described(job)} ·{' '}
            <time dateTime={new Date(at).toISOString()} title={formatDateTime(at)}>
              {formatAgo(at)}
            </time>
          </span>
        </div>
        <div className="job-row-state">
          <JobStateBadge state={job.state} />
          {isUnfinished(job) && (
            <>
              <Progress label={path} value={job.progress} thin tone={job.state === 'active' ? 'accent' : 'quiet'} />
              <span className="job-row-facts">
                {formatPercent(job.progress)}
                {job.phase !== null && `, ${t.jobs.phases[job.phase]}`}
                {leftMs !== null && `, ${t.jobs.remaining(leftMs)}`}
              </span>
            </>
          )}
        </div>
        <div className="export-actions">
          <JobActions job={job} />
        </div>
      </div>
      {job.error !== null && (
        <p className="notice export-notice" data-tone={job.state === 'failed' ? 'error' : undefined}>
          {job.error.message}
        </p>
      )}
      {job.result !== null && (
        <div id={reportId} hidden={!isOpen}>
          <Report job={job} result={job.result} />
        </div>
      )}
    </li>
  );
}
