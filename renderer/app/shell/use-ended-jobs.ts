import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import type { Job } from '../../../shared/contract/jobs.ts';
import { api, queryClient } from '../../api/query.ts';
import { isInSight, nextStep } from '../../features/jobs/ended-job.ts';
import { t } from '../../messages/index.ts';
import { isUnfinished, useLive } from '../../stores/live.ts';
import { toast } from '../../stores/toasts.ts';

/** Says that a job has ended where nothing in front shows it, and offers what comes next. */
export function useEndedJobs(): void {
  const [location, navigate] = useLocation();
  const latest = useRef({ location, navigate });
  latest.current = { location, navigate };
  useEffect(
    () =>
      useLive.subscribe((now, before) => {
        if (now.jobs === before.jobs) return;
        for (const job of Object.values(now.jobs)) {
          const was = before.jobs[job.id];
          if (was === undefined || !isUnfinished(was) || isUnfinished(job)) continue;
          // Whoever cancelled it has been told, and a trial shows beside the form.
          if (job.state === 'cancelled' || isTrial(job) || isInSight(job, latest.current.location)) continue;
          const { href, label } = nextStep(job);
          toast(t.jobs.endedAs(job), { label, run: () => latest.current.navigate(href) });
        }
      }),
    [],
  );
}

/** Whether its dataset is one that lists do not show; false where no list was read. */
function isTrial({ datasetId }: Job): boolean {
  const datasets = queryClient.getQueryData(api.datasets.list.queryKey({ input: {} }));
  return datasets !== undefined && !datasets.some(({ id }) => id === datasetId);
}
