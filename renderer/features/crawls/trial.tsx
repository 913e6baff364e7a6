import { useQuery } from '@tanstack/react-query';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import { client } from '../../api/client.ts';
import { api } from '../../api/query.ts';
import { formatCount } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { isUnfinished, useLive } from '../../stores/live.ts';
import { toastError } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';
import { sortedReasons } from '../jobs/job-words.ts';
import { useDrafts } from './draft-store.ts';
import { Filmstrip } from './filmstrip.tsx';

const TRIAL_IMAGES = 10;

/** The ten images of a trial, what was refused and why; nothing where there is no trial. */
export function Trial({ dataset }: { readonly dataset: Dataset }) {
  const jobId = useDrafts((state) => state.trials[dataset.id]);
  const live = useLive((state) => (jobId === undefined ? undefined : state.jobs[jobId]));
  const query = useQuery({
    ...api.jobs.get.queryOptions({ input: { id: jobId ?? 0 } }),
    enabled: jobId !== undefined,
    retry: false,
  });
  const job = live ?? query.data;
  if (jobId === undefined || job === undefined) return null;
  const end = () => {
    useDrafts.getState().setTrial(dataset.id, null);
    client.crawls.endTrial({ datasetId: job.datasetId }).catch(toastError);
  };
  const { accepted, quarantined } = job.counts;
  const text =
    job.state === 'waiting'
      ? t.crawls.trialWaiting
      : isUnfinished(job)
        ? t.crawls.trialRunning
        : t.crawls.trialResult(accepted + quarantined);
  const reasons = sortedReasons(job.reasons);
  return (
    <section className="estimate" aria-label={t.crawls.trialTitle}>
      <div className="flex items-center gap-3">
        <p className="estimate-main flex-1" role="status">
          {text}
        </p>
        <Button size="small" onClick={end}>
          {t.crawls.trialEnd}
        </Button>
      </div>
      <Filmstrip datasetId={job.datasetId} jobId={job.id} count={TRIAL_IMAGES} />
      {job.error !== null && <p className="notice">{job.error.message}</p>}
      {reasons.length > 0 && (
        <p className="text-12 text-ink-quiet">
          {reasons.map(({ reason, count }) => `${t.jobs.reason(reason)}: ${formatCount(count)}`).join(' · ')}
        </p>
      )}
      {!isUnfinished(job) && <p className="text-12 text-ink-quiet">{t.crawls.trialHint}</p>}
    </section>
  );
}
