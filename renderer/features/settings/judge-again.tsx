import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import type { Job } from '../../../shared/contract/jobs.ts';
import { VALIDATION_LEVELS } from '../../../shared/contract/validations.ts';
import { client } from '../../api/client.ts';
import { api } from '../../api/query.ts';
import { formatPercent } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { isUnfinished, useLive, useOffline } from '../../stores/live.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { useLatestJob } from '../jobs/use-job.ts';
import type { RuleDraft } from './rule-draft.ts';

type Level = (typeof VALIDATION_LEVELS)[number];

interface JudgeAgainProps {
  /** Those that have images. */
  readonly datasets: readonly Dataset[];
  readonly datasetId: number | null;
  readonly onDataset: (id: number) => void;
  /** Rules that are changed and not saved yet. */
  readonly changed: RuleDraft;
  /** Saves them. */
  readonly save: () => Promise<void>;
}

/** Judges by the rules what is already in a dataset: as a trial that tells what would change, and for good. */
export function JudgeAgain({ datasets, datasetId, onDataset, changed, save }: JudgeAgainProps) {
  const [, navigate] = useLocation();
  const isOffline = useOffline();
  const [level, setLevel] = useState<Level>('slow');
  const [trialId, setTrialId] = useState<number | null>(null);
  const asked = JSON.stringify([datasetId, level, changed]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a trial tells nothing of other rules
  useEffect(() => setTrialId(null), [asked]);

  const attempt = useMutation({
    mutationFn: (id: number) => client.validations.start({ datasetId: id, level, rules: { ...changed }, dryRun: true }),
    onSuccess: (job) => {
      useLive.getState().takeAnswer(job, undefined);
      setTrialId(job.id);
    },
    onError: toastError,
  });
  const judge = useMutation({
    mutationFn: async (id: number) => {
      await save();
      return client.validations.start({ datasetId: id, level });
    },
    onSuccess: (job) => {
      useLive.getState().takeAnswer(job, undefined);
      toast(t.settings.judging(job.datasetName), { label: t.settings.show, run: () => navigate(`/jobs/${job.id}`) });
    },
    onError: toastError,
  });
  const isBusy = isOffline || attempt.isPending || judge.isPending;
  return (
    <section className="part" aria-label={t.settings.judgeAgain}>
      <h2>{t.settings.judgeAgain}</h2>
      <p className="hint">{t.settings.judgeAgainHint}</p>
      {datasetId === null ? (
        <p className="mt-2">{t.settings.noDatasets}</p>
      ) : (
        <>
          <div className="judge-fields">
            <Field label={t.settings.dataset}>
              {(control) => (
                <Select
                  {...control}
                  value={String(datasetId)}
                  onValueChange={(value) => onDataset(Number(value))}
                  options={datasets.map(({ id, name, projectName }) => ({
                    value: String(id),
                    label: `${projectName} / ${name}`,
                  }))}
                />
              )}
            </Field>
            <Field label={t.settings.level}>
              {(control) => (
                <Select
                  {...control}
                  value={level}
                  onValueChange={(value) => setLevel(value as Level)}
                  options={VALIDATION_LEVELS.map((value) => ({ value, label: t.settings.levels[value] }))}
                />
              )}
            </Field>
          </div>
          <div className="flex flex-wrap items-center gap-2">
            <Button disabled={isBusy} onClick={() => attempt.mutate(datasetId)}>
              {t.settings.tryRules}
            </Button>
            <Button variant="primary" disabled={isBusy} onClick={() => judge.mutate(datasetId)}>
              {t.settings.applyRules}
            </Button>
            {Object.keys(changed).length > 0 && <span className="hint">{t.settings.applyingUnsaved}</span>}
          </div>
          <div aria-live="polite" className="mt-3">
            {trialId !== null && <Trial jobId={trialId} />}
          </div>
        </>
      )}
    </section>
  );
}

function Trial({ jobId }: { readonly jobId: number }) {
  const query = useQuery(api.jobs.get.queryOptions({ input: { id: jobId } }));
  const job = useLatestJob(query.data);
  if (job === undefined || isUnfinished(job)) {
    return (
      <p>
        {t.settings.trying} {job === undefined ? '' : formatPercent(job.progress)}
      </p>
    );
  }
  if (job.result === null) return <p className="notice">{job.error?.message ?? t.jobs.states[job.state]}</p>;
  return <TrialResult result={job.result} />;
}

function TrialResult({ result }: { readonly result: NonNullable<Job['result']> }) {
  const number = (name: string) => Number(result[name] ?? 0);
  const byReason = (name: string) => Object.entries((result[name] ?? {}) as Readonly<Record<string, number>>);
  const reasons = [
    ...byReason('added').map(([reason, count]) => t.settings.reasonAdded(t.jobs.reason(reason), count)),
    ...byReason('removed').map(([reason, count]) => t.settings.reasonRemoved(t.jobs.reason(reason), count)),
  ];
  return (
    <div className="trial-result">
      <p className="font-medium">{t.settings.wouldChange(number('changed'), number('judged'))}</p>
      {number('changed') > 0 && (
        <ul>
          <li>{t.settings.becomeAccepted(number('accepted'))}</li>
          <li>{t.settings.becomeQuarantined(number('quarantined'))}</li>
          {reasons.map((reason) => (
            <li key={reason} className="hint">
              {reason}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
