import { useMutation } from '@tanstack/react-query';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import type { Job } from '../../../shared/contract/jobs.ts';
import { client } from '../../api/client.ts';
import { api, queryClient } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { useLive } from '../../stores/live.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { EMPTY_DRAFT } from './draft.ts';
import type { DraftRequests } from './draft-requests.ts';
import { useDrafts } from './draft-store.ts';

/** Starts what a draft asks for; the draft and its trial are over then. */
export function useStart(dataset: Dataset, requests: DraftRequests, onStarted: (job: Job) => void) {
  return useMutation({
    mutationFn: async () => {
      const jobs: Job[] = [];
      // The import first: should the crawl be refused, starting again resumes the same import.
      if (requests.import !== null) jobs.push(await client.imports.start(requests.import));
      if (requests.crawl !== null) jobs.push(await client.crawls.start(requests.crawl));
      return jobs;
    },
    onSuccess: (jobs) => {
      for (const job of jobs) useLive.getState().updateJob(job);
      void queryClient.invalidateQueries({ queryKey: api.jobs.list.key() });
      useDrafts.getState().replace(dataset.id, EMPTY_DRAFT);
      endTrial(dataset.id);
      toast(requests.crawl === null ? t.crawls.importStarted : t.crawls.started);
      const last = jobs.at(-1);
      if (last !== undefined) onStarted(last);
    },
    onError: toastError,
  });
}

/** Fetches ten images of what a draft asks for, into a dataset of their own. */
export function useTrial(dataset: Dataset, requests: DraftRequests) {
  const { crawl } = requests;
  return useMutation({
    mutationFn: async () => (crawl === null ? null : await client.crawls.trial(crawl)),
    onSuccess: (job) => {
      if (job === null) return;
      useLive.getState().updateJob(job);
      useDrafts.getState().setTrial(dataset.id, { jobId: job.id, request: JSON.stringify(crawl) });
    },
    onError: toastError,
  });
}

/** Forgets the trial of a dataset, and removes its images. */
export function endTrial(datasetId: number): void {
  const trial = useDrafts.getState().trials[datasetId];
  if (trial === undefined) return;
  useDrafts.getState().setTrial(datasetId, null);
  client.jobs
    .get({ id: trial.jobId })
    .then((job) => client.crawls.endTrial({ datasetId: job.datasetId }))
    // A trial that cannot be removed now is removed by the next one, or with the dataset.
    .catch(() => undefined);
}
