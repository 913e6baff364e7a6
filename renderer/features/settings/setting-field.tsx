import { useMutation } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { Setting } from '../../../shared/contract/settings.ts';
import { client } from '../../api/client.ts';
import { api, queryClient } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { toast } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { TextInput } from '../../ui/text-input.tsx';

function changed(): void {
  void queryClient.invalidateQueries({ queryKey: api.settings.key() });
  toast(t.settings.saved);
}

/** One setting: what it is, what it is now, and the way back to its default. */
export function SettingField({ setting }: { readonly setting: Setting }) {
  const [typed, setTyped] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: (value: string) => client.settings.set({ name: setting.name, value }),
    onSuccess: () => {
      setTyped(null);
      changed();
    },
  });
  const unset = useMutation({ mutationFn: () => client.settings.unset({ name: setting.name }), onSuccess: changed });
  const isGiven = setting.from === 'environment';
  const value = typed ?? String(setting.value);
  const isChanged = typed !== null && typed !== String(setting.value);
  return (
    <Field
      label={t.settings.names[setting.name] ?? setting.name}
      hint={isGiven ? t.settings.fromEnvironment(setting.environmentVariable) : setting.description}
      error={save.error?.message ?? unset.error?.message ?? null}
    >
      {(control) => (
        <form
          className="setting-row"
          onSubmit={(event) => {
            event.preventDefault();
            if (isChanged) save.mutate(value);
          }}
        >
          <TextInput
            {...control}
            disabled={isGiven}
            inputMode={typeof setting.defaultValue === 'number' ? 'decimal' : 'text'}
            value={value}
            onValueChange={setTyped}
          />
          {isChanged && (
            <Button variant="primary" type="submit" disabled={save.isPending}>
              {t.settings.save}
            </Button>
          )}
          {setting.from === 'set' && !isChanged && (
            <IconButton label={t.settings.reset} icon={RotateCcw} onClick={() => unset.mutate()} />
          )}
        </form>
      )}
    </Field>
  );
}

/** A secret can be given and forgotten, and is never shown. */
export function SecretField({ setting }: { readonly setting: Setting }) {
  const [typed, setTyped] = useState('');
  const save = useMutation({
    mutationFn: () => client.settings.set({ name: setting.name, value: typed }),
    onSuccess: () => {
      setTyped('');
      changed();
    },
  });
  const forget = useMutation({ mutationFn: () => client.settings.unset({ name: setting.name }), onSuccess: changed });
  const isGiven = setting.from === 'environment';
  const state = isGiven
    ? t.settings.fromEnvironment(setting.environmentVariable)
    : setting.from === 'set'
      ? t.settings.secretSet
      : t.settings.secretNone;
  return (
    <Field
      label={t.settings.names[setting.name] ?? setting.name}
      hint={`${state} ${setting.description}`}
      error={save.error?.message ?? null}
    >
      {(control) => (
        <form
          className="setting-row"
          onSubmit={(event) => {
            event.preventDefault();
            if (typed !== '') save.mutate();
          }}
        >
          <TextInput {...control} type="password" disabled={isGiven} value={typed} onValueChange={setTyped} />
          <Button type="submit" disabled={isGiven || typed === '' || save.isPending}>
            {setting.from === 'set' ? t.settings.secretReplace : t.settings.save}
          </Button>
          {setting.from === 'set' && <Button onClick={() => forget.mutate()}>{t.settings.secretForget}</Button>}
        </form>
      )}
    </Field>
  );
}
