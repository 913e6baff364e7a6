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
      for (const job of jobs) useLive.getState().takeAnswer(job, undefined);
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

/** What a trial of a draft is told by. */
export function trialRequest(requests: DraftRequests): string {
  return JSON.stringify([requests.crawl, requests.import]);
}

/** Takes ten images of what a draft collects, and ten of what it imports, into datasets of their own. */
export function useTrial(dataset: Dataset, requests: DraftRequests) {
  return useMutation({
    mutationFn: async () => {
      await removeTrials(useDrafts.getState().trials[dataset.id]?.jobIds ?? []);
      const jobs: Job[] = [];
      const request = trialRequest(requests);
      const began = (job: Job) => {
        jobs.push(job);
        useLive.getState().takeAnswer(job, undefined);
        useDrafts.getState().setTrial(dataset.id, { jobIds: jobs.map(({ id }) => id), request });
      };
      if (requests.crawl !== null) began(await client.crawls.trial(requests.crawl));
      if (requests.import !== null) began(await client.imports.trial(requests.import));
    },
    onError: toastError,
  });
}

/** Forgets what was tried for a dataset, and removes its images. */
export function endTrial(datasetId: number): void {
  const trial = useDrafts.getState().trials[datasetId];
  if (trial === undefined) return;
  useDrafts.getState().setTrial(datasetId, null);
  void removeTrials(trial.jobIds);
}

async function removeTrials(jobIds: readonly number[]): Promise<void> {
  for (const id of jobIds) {
    await client.jobs
      .get({ id })
      .then((job) => client.crawls.endTrial({ datasetId: job.datasetId }))
      // A trial that cannot be removed now is removed by the next one, or with the dataset.
      .catch(() => undefined);
  }
}
