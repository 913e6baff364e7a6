import { useMutation, useQuery } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { RuleField } from '../../../shared/contract/rules.ts';
import { client } from '../../api/client.ts';
import { api, queryClient } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { useLive } from '../../stores/live.ts';
import { toast } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Field } from '../../ui/field.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { NumberInput } from '../../ui/number-input.tsx';
import { Select } from '../../ui/select.tsx';
import { Switch } from '../../ui/switch.tsx';

/** Thresholds with their units and defaults, and judging again by them. */
export function RulesSection() {
  const rules = useQuery(api.rules.get.queryOptions());
  const [isJudging, setJudging] = useState(false);
  if (rules.isError) return <ErrorState title={t.settings.loadFailed} error={rules.error} />;
  return (
    <>
      <p className="text-ink-quiet">{t.settings.rulesHint}</p>
      <Button className="justify-self-start" onClick={() => setJudging(true)}>
        {t.settings.judgeAgain}
      </Button>
      {rules.data?.map((rule) => (
        <RuleRow key={rule.name} rule={rule} />
      ))}
      {isJudging && <JudgeDialog onClose={() => setJudging(false)} />}
    </>
  );
}

/** `minShortSidePx` reads `Min short side px`. */
function titleOf(name: string): string {
  const words = name.replace(/([A-Z])/g, ' $1').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function RuleRow({ rule }: { readonly rule: RuleField }) {
  const [typed, setTyped] = useState<number | null | undefined>(undefined);
  const save = useMutation({
    mutationFn: (value: number | boolean | null) => client.rules.set({ rules: { [rule.name]: value } }),
    onSuccess: (rules) => {
      setTyped(undefined);
      queryClient.setQueryData(api.rules.get.queryKey(), rules);
      toast(t.settings.saved);
    },
  });
  const hint = `${rule.description} ${t.settings.ruleDefault(`${rule.defaultValue} (${rule.unit})`)}`;
  return (
    <Field label={titleOf(rule.name)} hint={hint} error={save.error?.message ?? null}>
      {(control) =>
        typeof rule.value === 'boolean' ? (
          <Switch label={titleOf(rule.name)} checked={rule.value} onCheckedChange={(value) => save.mutate(value)} />
        ) : (
          <form
            className="setting-row"
            onSubmit={(event) => {
              event.preventDefault();
              if (typeof typed === 'number') save.mutate(typed);
            }}
          >
            <NumberInput
              {...control}
              step="any"
              value={typed === undefined ? Number(rule.value) : typed}
              onValueChange={setTyped}
            />
            {typeof typed === 'number' && typed !== rule.value && (
              <Button variant="primary" type="submit" disabled={save.isPending}>
                {t.settings.save}
              </Button>
            )}
            {rule.value !== rule.defaultValue && (
              <IconButton label={t.settings.reset} icon={RotateCcw} onClick={() => save.mutate(null)} />
            )}
          </form>
        )
      }
    </Field>
  );
}

function JudgeDialog({ onClose }: { readonly onClose: () => void }) {
  const { data: datasets = [] } = useQuery(api.datasets.list.queryOptions({ input: {} }));
  const [chosen, setChosen] = useState<string | null>(null);
  const id = chosen ?? String(datasets[0]?.id ?? '');
  const start = useMutation({
    mutationFn: () => client.validations.start({ datasetId: Number(id) }),
    onSuccess: (job) => {
      useLive.getState().updateJob(job);
      toast(t.settings.judgeStarted(job.datasetName));
      onClose();
    },
  });
  return (
    <Dialog
      title={t.settings.judgeTitle}
      open
      onOpenChange={(open) => !open && onClose()}
      foot={
        <>
          <Button onClick={onClose}>{t.ui.cancel}</Button>
          <Button variant="primary" disabled={id === '' || start.isPending} onClick={() => start.mutate()}>
            {t.settings.judgeStart}
          </Button>
        </>
      }
    >
      <p className="mb-4">{t.settings.judgeText}</p>
      <Field label={t.settings.judgeDataset} error={start.error?.message ?? null}>
        {(control) => (
          <Select
            {...control}
            value={id}
            onValueChange={setChosen}
            options={datasets.map((dataset) => ({
              value: String(dataset.id),
              label: `${dataset.projectName} / ${dataset.name}`,
            }))}
          />
        )}
      </Field>
    </Dialog>
  );
}
