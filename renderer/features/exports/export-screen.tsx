import '../jobs/jobs.css';
import './exports.css';
import { useQuery } from '@tanstack/react-query';
import { Copy } from 'lucide-react';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import type { Job } from '../../../shared/contract/jobs.ts';
import { api } from '../../api/query.ts';
import { formatAgo, formatBytes, formatCount, formatDateTime, formatPercent } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { isUnfinished, useLive } from '../../stores/live.ts';
import { useStatusText } from '../../stores/status.ts';
import { toast } from '../../stores/toasts.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Progress } from '../../ui/progress.tsx';
import { JobActions } from '../jobs/job-actions.tsx';
import { JobStateBadge } from '../jobs/job-state.tsx';
import { ExportForm } from './export-form.tsx';

const JOBS = 100;

/** Writes the dataset for other tools, and keeps what was written in sight. */
export default function ExportScreen({ dataset }: { readonly dataset: Dataset }) {
  const query = useQuery(api.jobs.list.queryOptions({ input: { datasetId: dataset.id, limit: JOBS } }));
  const live = useLive((state) => state.jobs);
  const jobs = [...new Map([...(query.data?.items ?? []), ...Object.values(live)].map((job) => [job.id, job])).values()]
    .filter((job) => job.kind === 'export' && job.datasetId === dataset.id)
    .sort((a, b) => b.id - a.id);
  useStatusText(t.datasets.images(dataset.sampleCount));
  return (
    <div className="page">
      <ExportForm key={dataset.id} dataset={dataset} />
      <section className="part" aria-labelledby="exports">
        <h2 id="exports" className="mb-2">
          {t.exports.past}
        </h2>
        {query.isError && (
          <ErrorState title={t.exports.loadFailed} error={query.error} onRetry={() => void query.refetch()} />
        )}
        {jobs.length === 0 && !query.isError && <p className="text-ink-quiet">{t.exports.pastEmpty}</p>}
        {jobs.length > 0 && (
          <div className="job-list">
            {jobs.map((job) => (
              <ExportRow key={job.id} job={job} />
            ))}
          </div>
        )}
      </section>
    </div>
  );
}

function ExportRow({ job }: { readonly job: Job }) {
  const path = String(job.parameters.outPath ?? '');
  return (
    <div>
      <div className="job-row">
        <span className="job-name">
          <span className="truncate font-medium">{path}</span>
          <span className="job-sub" title={formatDateTime(job.createdAt)}>
            {formatAgo(job.createdAt)}
          </span>
        </span>
        {isUnfinished(job) ? (
          <span className="grid gap-1">
            <Progress label={path} value={job.progress} tone={job.state === 'active' ? 'accent' : 'quiet'} />
            <span className="job-sub numeric">{formatPercent(job.progress)}</span>
          </span>
        ) : (
          <span>
            <JobStateBadge state={job.state} />
          </span>
        )}
        <span className="flex justify-end gap-2">
          <JobActions job={job} />
        </span>
      </div>
      {job.error !== null && (
        <p className="notice m-3" data-tone="error">
          {job.error.message}
        </p>
      )}
      {job.result !== null && <Report job={job} />}
    </div>
  );
}

/** What the job says it wrote; numbers it does not name are left out. */
function Report({ job }: { readonly job: Job }) {
  const { outPath, images, files, bytes } = job.result ?? {};
  const path = typeof outPath === 'string' ? outPath : String(job.parameters.outPath ?? '');
  const copy = () => {
    void navigator.clipboard.writeText(path).then(() => toast(t.exports.copied));
  };
  return (
    <dl className="report" aria-label={t.exports.report}>
      <dt>{t.exports.path}</dt>
      <dd className="flex items-center gap-2 break-all">
        {path} <IconButton label={t.exports.copy} icon={Copy} onClick={copy} />
      </dd>
      <Fact name={t.exports.images} value={images} format={formatCount} />
      <Fact name={t.exports.files} value={files} format={formatCount} />
      <Fact name={t.exports.bytes} value={bytes} format={formatBytes} />
      <dd className="col-span-2 text-ink-quiet">{t.exports.checked}</dd>
    </dl>
  );
}

interface FactProps {
  readonly name: string;
  readonly value: unknown;
  readonly format: (value: number) => string;
}

function Fact({ name, value, format }: FactProps) {
  if (typeof value !== 'number') return null;
  return (
    <>
      <dt>{name}</dt>
      <dd className="numeric">{format(value)}</dd>
    </>
  );
}
