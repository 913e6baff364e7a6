import { useQueries } from '@tanstack/react-query';
import { type ReactNode, useEffect, useId, useRef } from 'react';
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
  /** What the form asks for now, as `trialRequest` tells it. */
  readonly request: string;
  /** Starts what was tried. */
  readonly onStart: () => void;
}

/** The images of a trial, what was refused and why; nothing where there is no trial. */
export function Trial({ dataset, request, onStart }: TrialProps) {
  const trial = useDrafts((state) => state.trials[dataset.id]);
  const live = useLive((state) => state.jobs);
  const queries = useQueries({
    queries: (trial?.jobIds ?? []).map((id) => ({ ...api.jobs.get.queryOptions({ input: { id } }), retry: false })),
  });
  const isGone = queries.some(({ error }) => (error as { code?: unknown } | null)?.code === 'not-found');
  useEffect(() => {
    // It was removed elsewhere, or with another trial.
    if (isGone) useDrafts.getState().setTrial(dataset.id, null);
  }, [isGone, dataset.id]);
  const jobs = (trial?.jobIds ?? [])
    .map((id, place) => live[id] ?? queries[place]?.data)
    .filter((job) => job !== undefined);
  if (trial === undefined || jobs.length === 0) return null;
  return (
    <TrialResult
      key={trial.jobIds[0]}
      dataset={dataset}
      jobs={jobs}
      isChanged={trial.request !== request}
      onStart={onStart}
    />
  );
}

interface TrialResultProps {
  readonly dataset: Dataset;
  readonly jobs: readonly Job[];
  readonly isChanged: boolean;
  readonly onStart: () => void;
}

function TrialResult({ dataset, jobs, isChanged, onStart }: TrialResultProps) {
  const headingId = useId();
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    void box.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const isRunning = jobs.some(isUnfinished);
  const came = jobs.reduce((sum, job) => sum + cameOf(job), 0);
  const hint = isChanged ? t.crawls.trialChanged : came === 0 ? t.crawls.trialEmptyHint : t.crawls.trialHint;
  return (
    <section ref={box} className="trial" aria-labelledby={headingId}>
      <h3 id={headingId} className="sr-only">
        {t.crawls.trialTitle}
      </h3>
      {jobs.map((job, place) => (
        <TrialPart key={job.id} job={job}>
          {place === 0 && (
            <span className="flex gap-2">
              {!isRunning && came > 0 && !isChanged && <Button onClick={onStart}>{t.crawls.trialStart}</Button>}
              <Button onClick={() => endTrial(dataset.id)}>{t.crawls.trialEnd}</Button>
            </span>
          )}
        </TrialPart>
      ))}
      {!isRunning && <p className="hint">{hint}</p>}
    </section>
  );
}

/** What came of a job of a trial. */
function TrialPart({ job, children }: { readonly job: Job; readonly children: ReactNode }) {
  const isRunning = isUnfinished(job);
  const came = cameOf(job);
  const kind = job.kind === 'import' ? 'import' : 'crawl';
  const running = job.state === 'waiting' ? t.crawls.trialWaiting[kind] : t.crawls.trialRunning[kind];
  return (
    <>
      <div className="trial-head">
        <p className="estimate-main flex-1" role="status">
          {isRunning ? running : t.crawls.trialResult[kind](came, job.counts.accepted)}
        </p>
        {children}
      </div>
      {isRunning && <Progress label={running} value={job.progress} thin />}
      {(isRunning || came > 0) && (
        <Filmstrip datasetId={job.datasetId} jobId={job.id} count={TRIAL_IMAGES} isRunning={isRunning} />
      )}
      {job.error !== null && <p className="notice">{t.jobs.errorOf(job.error)}</p>}
      <TrialProblems job={job} />
    </>
  );
}

function cameOf({ counts }: Job): number {
  return counts.accepted + counts.quarantined;
}
