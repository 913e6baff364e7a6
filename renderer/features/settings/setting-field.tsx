import { useMutation } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Setting } from '../../../shared/contract/settings.ts';
import type { SettingName } from '../../../shared/settings.ts';
import { client } from '../../api/client.ts';
import { api, queryClient } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { useOffline } from '../../stores/live.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Select } from '../../ui/select.tsx';
import { Switch } from '../../ui/switch.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { defaultText, fieldText, settingValue } from './setting-values.ts';

interface SettingFieldProps {
  readonly name: SettingName;
  readonly settings: readonly Setting[];
}

/** One setting: what it is, what it is now, and the way back to its default. */
export function SettingField({ name, settings }: SettingFieldProps) {
  const setting = settings.find((each) => each.name === name);
  if (setting === undefined) return null;
  if (setting.isSecret) return <SecretField name={name} setting={setting} />;
  if (t.settings.names[name].choices !== undefined) return <ChoiceField name={name} setting={setting} />;
  if (typeof setting.value === 'boolean') return <SwitchField name={name} setting={setting} />;
  return <ValueField key={String(setting.value)} name={name} setting={setting} />;
}

interface OneSettingProps {
  readonly name: SettingName;
  readonly setting: Setting;
}

/** What is set as soon as it is chosen. */
function useChoice(name: SettingName) {
  return useMutation({
    mutationFn: (value: string) => client.settings.set({ name, value }),
    onSuccess: (changed) => {
      queryClient.setQueryData<Setting[]>(api.settings.list.queryKey(), (before) =>
        before?.map((each) => (each.name === name ? changed : each)),
      );
      toast(t.settings.saved(t.settings.names[name].title));
    },
    onError: toastError,
  });
}

function ChoiceField({ name, setting }: OneSettingProps) {
  const { title, hint, choices = {} } = t.settings.names[name];
  const isOffline = useOffline();
  const change = useChoice(name);
  const isGiven = setting.from === 'environment';
  return (
    <div className="setting">
      <Field
        label={title}
        hint={
          <>
            {hint}
            {isGiven && <span className="block">{t.settings.fromEnvironment(setting.environmentVariable)}</span>}
          </>
        }
        error={null}
      >
        {(control) => (
          <span className="setting-control">
            <Select
              {...control}
              value={change.isPending ? change.variables : String(setting.value)}
              disabled={isGiven || isOffline}
              onValueChange={change.mutate}
              options={Object.entries(choices).map(([value, label]) => ({ value, label }))}
            />
          </span>
        )}
      </Field>
    </div>
  );
}

function SwitchField({ name, setting }: OneSettingProps) {
  const { title, hint } = t.settings.names[name];
  const isOffline = useOffline();
  const isGiven = setting.from === 'environment';
  const change = useChoice(name);
  return (
    <div className="setting setting-switch">
      <Switch
        label={title}
        // Moves at once, and back when the host refuses it.
        checked={change.isPending ? change.variables === 'true' : setting.value === true}
        disabled={isGiven || isOffline}
        onCheckedChange={(isOn) => change.mutate(String(isOn))}
      />
      <span>
        <span className="field-label block">{title}</span>
        <span className="hint">
          {hint}
          {isGiven && <span className="block">{t.settings.fromEnvironment(setting.environmentVariable)}</span>}
        </span>
      </span>
    </div>
  );
}

function ValueField({ name, setting }: OneSettingProps) {
  const { title, hint, unit } = t.settings.names[name];
  const isOffline = useOffline();
  const before = fieldText(name, setting.value);
  const [text, setText] = useState(before);
  const [problem, setProblem] = useState<string | null>(null);
  const isNumber = typeof setting.value === 'number';
  const isGiven = setting.from === 'environment';
  const change = useMutation({
    mutationFn: (value: string | null) =>
      value === null ? client.settings.unset({ name }) : client.settings.set({ name, value }),
    onSuccess: async () => {
      setProblem(null);
      await queryClient.invalidateQueries({ queryKey: api.settings.key() });
      toast(t.settings.saved(title));
    },
    onError: (error) => setProblem(error.message),
  });
  const isChanged = text.trim() !== before;
  const save = () => {
    if (!isChanged) return;
    const value = settingValue(name, text, setting.value);
    if (value === null) setProblem(t.settings.needsNumber);
    else change.mutate(value);
  };
  const fallback = defaultText(name, setting.defaultValue, unit);
  return (
    <form
      className="setting"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Field
        label={title}
        hint={
          <>
            {hint} {t.settings.byDefault(fallback === '' ? t.settings.none : fallback)}
            {isGiven && <span className="block">{t.settings.fromEnvironment(setting.environmentVariable)}</span>}
          </>
        }
        error={problem}
      >
        {(control) => (
          <span className="setting-control" data-number={isNumber || undefined}>
            <TextInput
              {...control}
              inputMode={isNumber ? 'decimal' : undefined}
              className={isNumber ? 'numeric' : ''}
              value={text}
              disabled={isGiven || isOffline}
              onValueChange={setText}
              onKeyDown={(event) => {
                if (event.key !== 'Escape' || !isChanged) return;
                setText(before);
                setProblem(null);
              }}
            />
            {unit !== undefined && <span className="setting-unit">{unit}</span>}
            {isChanged && (
              <Button variant="primary" type="submit" disabled={isOffline || change.isPending}>
                {t.settings.save}
              </Button>
            )}
            {setting.from === 'set' && !isChanged && (
              <IconButton
                label={t.settings.resetOf(title)}
                icon={RotateCcw}
                disabled={isOffline}
                onClick={() => change.mutate(null)}
              />
            )}
          </span>
        )}
      </Field>
    </form>
  );
}

/** Can be stored and removed, and is never shown. */
function SecretField({ name, setting }: OneSettingProps) {
  const { title, hint } = t.settings.names[name];
  const isOffline = useOffline();
  const [text, setText] = useState('');
  const isGiven = setting.from === 'environment';
  const change = useMutation({
    mutationFn: (value: string | null) =>
      value === null ? client.settings.unset({ name }) : client.settings.set({ name, value }),
    onSuccess: async (_setting, value) => {
      setText('');
      await queryClient.invalidateQueries({ queryKey: api.settings.key() });
      toast(value === null ? t.settings.secretRemoved : t.settings.secretStored);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '') change.mutate(text.trim());
  };
  return (
    <form className="setting" onSubmit={submit}>
      <Field
        label={title}
        hint={
          <>
            {hint}{' '}
            {isGiven
              ? t.settings.fromEnvironment(setting.environmentVariable)
              : setting.from === 'set'
                ? t.settings.secretSet
                : t.settings.secretNone}
          </>
        }
        error={change.error?.message ?? null}
      >
        {(control) => (
          <span className="setting-control">
            <TextInput
              {...control}
              type="password"
              placeholder={t.settings.secretPrompt}
              value={text}
              disabled={isGiven || isOffline}
              onValueChange={setText}
            />
            <Button type="submit" disabled={isGiven || isOffline || text.trim() === '' || change.isPending}>
              {t.settings.secretSave}
            </Button>
            {setting.from === 'set' && (
              <Button disabled={isOffline || change.isPending} onClick={() => change.mutate(null)}>
                {t.settings.secretRemove}
              </Button>
            )}
          </span>
        )}
      </Field>
    </form>
  );
}
