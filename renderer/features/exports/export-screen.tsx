import '../jobs/jobs.css';
import './exports.css';
import { useQuery } from '@tanstack/react-query';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import { api } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { useLive } from '../../stores/live.ts';
import { useStatusText } from '../../stores/status.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { GhostRows } from '../../ui/ghost-rows.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { ExportForm } from './export-form.tsx';
import { ExportRow } from './export-row.tsx';
import { exportsOf, outPathOf } from './past-exports.ts';

/** Jobs of a dataset that are looked through for its exports. */
const JOBS = 100;

/** Writes the dataset for other tools, and keeps what was written in sight. */
export default function ExportScreen({ dataset }: { readonly dataset: Dataset }) {
  const query = useQuery(api.jobs.list.queryOptions({ input: { datasetId: dataset.id, limit: JOBS } }));
  const live = useLive((state) => state.jobs);
  const jobs = exportsOf(query.data?.items ?? [], Object.values(live), dataset.id);
  useStatusText(t.datasets.images(dataset.sampleCount));
  return (
    <div className="page">
      <ExportForm key={dataset.id} dataset={dataset} written={jobs.map(outPathOf)} />
      <section className="part" aria-labelledby="exports">
        <h2 id="exports">{t.exports.past}</h2>
        {query.isError && (
          <ErrorState title={t.exports.loadFailed} error={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.isPending && <Skeleton heightPx={60} />}
        {jobs.length === 0 && query.isSuccess && (
          <>
            <p className="hint">{t.exports.pastEmpty}</p>
            <GhostRows count={2} />
          </>
        )}
        {jobs.length > 0 && (
          <ul className="export-list">
            {jobs.map((job, place) => (
              <ExportRow key={job.id} job={job} isNewest={place === 0} />
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}
