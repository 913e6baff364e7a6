import { useQuery } from '@tanstack/react-query';
import { useEffect, useId, useRef } from 'react';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import type { Job } from '../../../shared/contract/jobs.ts';
import { api } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { isUnfinished, useLive } from '../../stores/live.ts';
import { Button } from '../../ui/button.tsx';
import { Progress } from '../../ui/progress.tsx';
import { useDrafts } from './draft-store.ts';
import { Filmstrip } from './filmstrip.tsx';
import { TrialProblems } from './trial-problems.tsx';
import { endTrial } from './use-start.ts';

const TRIAL_IMAGES = 10;

interface TrialProps {
  readonly dataset: Dataset;
  /** What the form asks for now, as JSON. */
  readonly request: string;
  /** Starts what was tried. */
  readonly onStart: () => void;
}

/** The ten images of a trial, what was refused and why; nothing where there is no trial. */
export function Trial({ dataset, request, onStart }: TrialProps) {
  const trial = useDrafts((state) => state.trials[dataset.id]);
  const live = useLive((state) => (trial === undefined ? undefined : state.jobs[trial.jobId]));
  const query = useQuery({
    ...api.jobs.get.queryOptions({ input: { id: trial?.jobId ?? 1 } }),
    enabled: trial !== undefined,
    retry: false,
  });
  const isGone = query.isError && (query.error as { code?: unknown }).code === 'not-found';
  useEffect(() => {
    // It was removed elsewhere, or with another trial.
    if (isGone) useDrafts.getState().setTrial(dataset.id, null);
  }, [isGone, dataset.id]);
  const job = live ?? query.data;
  if (trial === undefined || job === undefined) return null;
  const isChanged = trial.request !== request;
  return <TrialResult key={job.id} dataset={dataset} job={job} isChanged={isChanged} onStart={onStart} />;
}

interface TrialResultProps {
  readonly dataset: Dataset;
  readonly job: Job;
  readonly isChanged: boolean;
  readonly onStart: () => void;
}

function TrialResult({ dataset, job, isChanged, onStart }: TrialResultProps) {
  const headingId = useId();
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    void box.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const isRunning = isUnfinished(job);
  const { accepted, quarantined } = job.counts;
  const came = accepted + quarantined;
  const hint = isChanged ? t.crawls.trialChanged : came === 0 ? t.crawls.trialEmptyHint : t.crawls.trialHint;
  return (
    <section ref={box} className="trial" aria-labelledby={headingId}>
      <div className="trial-head">
        <div className="flex-1">
          <h3 id={headingId} className="sr-only">
            {t.crawls.trialTitle}
          </h3>
          <p className="estimate-main" role="status">
            {isRunning
              ? job.state === 'waiting'
                ? t.crawls.trialWaiting
                : t.crawls.trialRunning
              : t.crawls.trialResult(came, accepted)}
          </p>
          {!isRunning && <p className="hint">{hint}</p>}
        </div>
        <span className="flex gap-2">
          {!isRunning && came > 0 && !isChanged && <Button onClick={onStart}>{t.crawls.trialStart}</Button>}
          <Button onClick={() => endTrial(dataset.id)}>{t.crawls.trialEnd}</Button>
        </span>
      </div>
      {isRunning && <Progress label={t.crawls.trialRunning} value={job.progress} thin />}
      {(isRunning || came > 0) && (
        <Filmstrip datasetId={job.datasetId} jobId={job.id} count={TRIAL_IMAGES} isRunning={isRunning} />
      )}
      {job.error !== null && <p className="notice">{job.error.message}</p>}
      <TrialProblems job={job} />
    </section>
  );
}
