import { useMutation, useQuery } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { RuleField } from '../../../shared/contract/rules.ts';
import { client } from '../../api/client.ts';
import { api, queryClient } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { useOffline } from '../../stores/live.ts';
import { toast } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Field } from '../../ui/field.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { NumberInput } from '../../ui/number-input.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Switch } from '../../ui/switch.tsx';
import { JudgeAgain } from './judge-again.tsx';
import { changedRules, groupedRules, isMeasured, type RuleDraft, type RuleValue, rulesToSave } from './rule-draft.ts';
import { RuleHistogram } from './rule-histogram.tsx';

/** Thresholds that images are judged by: changed as a draft, tried on a dataset, then saved. */
export function RuleSettings() {
  const query = useQuery(api.rules.get.queryOptions());
  const datasets = useQuery(api.datasets.list.queryOptions({ input: {} }));
  const [draft, setDraft] = useState<RuleDraft>({});
  const [chosen, setChosen] = useState<number | null>(null);
  const isOffline = useOffline();
  const save = useMutation({
    mutationFn: (changed: RuleDraft) => client.rules.set({ rules: rulesToSave(query.data ?? [], changed) }),
    onSuccess: (fields) => {
      queryClient.setQueryData(api.rules.get.queryKey(), fields);
      setDraft({});
      toast(t.settings.rulesSaved);
    },
  });
  const fields = query.data;
  if (fields === undefined) {
    return query.isError ? (
      <ErrorState title={t.settings.loadFailed} error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <Skeleton heightPx={320} />
    );
  }
  const filled = (datasets.data ?? []).filter(({ sampleCount }) => sampleCount > 0);
  const datasetId = chosen ?? filled[0]?.id ?? null;
  const changed = changedRules(fields, draft);
  const count = Object.keys(changed).length;
  return (
    <>
      {groupedRules(fields).map(({ group, rules }) => (
        <section key={group} className="part" aria-label={t.settings.ruleGroups[group]}>
          <h2>{t.settings.ruleGroups[group]}</h2>
          {rules.map((rule) => (
            <RuleRow
              key={rule.name}
              rule={rule}
              value={draft[rule.name] ?? rule.value}
              datasetId={datasetId}
              onValue={(value) => setDraft((before) => ({ ...before, [rule.name]: value }))}
            />
          ))}
        </section>
      ))}
      <JudgeAgain
        datasets={filled}
        datasetId={datasetId}
        onDataset={setChosen}
        changed={changed}
        save={async () => {
          if (count > 0) await save.mutateAsync(changed);
        }}
      />
      {count > 0 && (
        <div className="rule-bar" role="status">
          <span>{t.settings.changedRules(count)}</span>
          {save.isError && <span className="field-error">{save.error.message}</span>}
          <span className="ml-auto flex gap-2">
            <Button onClick={() => setDraft({})}>{t.settings.discardRules}</Button>
            <Button variant="primary" disabled={isOffline || save.isPending} onClick={() => save.mutate(changed)}>
              {t.settings.saveRules}
            </Button>
          </span>
        </div>
      )}
    </>
  );
}

interface RuleRowProps {
  readonly rule: RuleField;
  readonly value: RuleValue;
  readonly datasetId: number | null;
  readonly onValue: (value: RuleValue) => void;
}

function RuleRow({ rule, value, datasetId, onValue }: RuleRowProps) {
  const { name, description, defaultValue } = rule;
  const { title, unit = rule.unit } = t.settings.ruleNames[name] ?? { title: name };
  const isChanged = value !== rule.value;
  const reset = value !== defaultValue && (
    <IconButton label={t.settings.resetOf(title)} icon={RotateCcw} onClick={() => onValue(defaultValue)} />
  );
  if (typeof value === 'boolean') {
    return (
      <div className="rule" data-changed={isChanged || undefined}>
        <div className="rule-switch">
          <Switch label={title} checked={value} onCheckedChange={onValue} />
          <span>
            <span className="field-label block">{title}</span>
            <span className="hint">{description}</span>
          </span>
        </div>
      </div>
    );
  }
  return (
    <div className="rule" data-changed={isChanged || undefined}>
      <Field
        label={title}
        // Written as one types it in the field.
        hint={`${description} ${t.settings.byDefault(String(defaultValue))}.`}
      >
        {(control) => (
          <span className="setting-control" data-number>
            <NumberInput
              {...control}
              step="any"
              value={Number(value)}
              onValueChange={(next) => next !== null && onValue(next)}
            />
            <span className="setting-unit">{unit}</span>
            {reset}
          </span>
        )}
      </Field>
      {datasetId !== null && typeof value === 'number' && isMeasured(name) && (
        <RuleHistogram datasetId={datasetId} rule={name} value={value} onValue={onValue} />
      )}
    </div>
  );
}
