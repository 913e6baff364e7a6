import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import type { Project } from '../../../shared/contract/projects.ts';
import { client } from '../../api/client.ts';
import { t } from '../../messages/index.ts';
import { useOffline } from '../../stores/live.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { expectLabels } from '../crawls/take-into-draft.ts';
import { labelsOf } from './library-groups.ts';
import { moveDataset } from './library-steps.ts';

interface FormDialogProps {
  readonly title: string;
  readonly action: string;
  readonly isReady: boolean;
  readonly onClose: () => void;
  /** Does it; what it throws stands below the fields. */
  readonly submit: () => Promise<unknown>;
  readonly children: (error: string | null) => ReactNode;
}

/** A few fields and one button; Enter does it. */
export function FormDialog({ title, action, isReady, onClose, submit, children }: FormDialogProps) {
  const id = useId();
  const isOffline = useOffline();
  // A second click may come before the button is shown disabled.
  const isSent = useRef(false);
  const mutation = useMutation({
    mutationFn: submit,
    onSuccess: onClose,
    onError: () => {
      isSent.current = false;
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (!isReady || isOffline || isSent.current) return;
    isSent.current = true;
    mutation.mutate();
  };
  return (
    <Dialog
      title={title}
      open
      onOpenChange={(open) => !open && onClose()}
      foot={
        <>
          <Button onClick={onClose}>{t.ui.cancel}</Button>
          <Button variant="primary" type="submit" form={id} disabled={!isReady || isOffline || mutation.isPending}>
            {action}
          </Button>
        </>
      }
    >
      <form id={id} className="grid grid-cols-1 gap-4" onSubmit={onSubmit}>
        {children(mutation.error?.message ?? null)}
      </form>
    </Dialog>
  );
}

interface NameFieldProps {
  readonly value: string;
  readonly onValueChange: (value: string) => void;
  readonly error: string | null;
}

export function NameField({ value, onValueChange, error }: NameFieldProps) {
  return (
    <Field label={t.datasets.name} error={error}>
      {(control) => <TextInput {...control} maxLength={100} value={value} onValueChange={onValueChange} />}
    </Field>
  );
}

interface NewDatasetDialogProps {
  readonly projects: readonly Project[];
  readonly projectId: number | null;
  readonly onClose: () => void;
  readonly onCreated: (dataset: Dataset) => void;
}

export function NewDatasetDialog({ projects, projectId, onClose, onCreated }: NewDatasetDialogProps) {
  const [name, setName] = useState('');
  const [labels, setLabels] = useState('');
  // The oldest is the one that every library begins with.
  const [project, setProject] = useState(projectId ?? projects.toSorted((a, b) => a.id - b.id)[0]?.id ?? 0);
  const submit = async () => {
    const where = project === 0 ? {} : { projectId: project };
    const names = labelsOf(labels);
    const dataset = await client.datasets.create({ name, labels: names, ...where });
    if (names.length > 0) expectLabels(dataset.id, names);
    onCreated(dataset);
  };
  return (
    <FormDialog
      title={t.datasets.newDataset}
      action={t.datasets.create}
      isReady={name.trim() !== ''}
      onClose={onClose}
      submit={submit}
    >
      {(error) => (
        <>
          <NameField value={name} onValueChange={setName} error={error} />
          {projects.length > 1 && (
            <Field label={t.datasets.project}>
              {(control) => (
                <Select
                  {...control}
                  value={String(project)}
                  onValueChange={(value) => setProject(Number(value))}
                  options={projects.map(({ id, name: label }) => ({ value: String(id), label }))}
                />
              )}
            </Field>
          )}
          <Field label={t.datasets.labels} hint={t.datasets.labelsHint}>
            {(control) => <TextInput {...control} value={labels} onValueChange={setLabels} />}
          </Field>
        </>
      )}
    </FormDialog>
  );
}

interface NameDialogProps {
  readonly title: string;
  readonly action: string;
  readonly name: string;
  readonly onClose: () => void;
  readonly submit: (name: string) => Promise<unknown>;
  readonly hint?: string;
}

/** Asks for a name: of a new project, of a copy, or another for what there is. */
export function NameDialog({ title, action, name: before, onClose, submit, hint }: NameDialogProps) {
  const [name, setName] = useState(before);
  return (
    <FormDialog
      title={title}
      action={action}
      isReady={name.trim() !== ''}
      onClose={onClose}
      submit={() => submit(name)}
    >
      {(error) => (
        <>
          <NameField value={name} onValueChange={setName} error={error} />
          {hint !== undefined && <p className="text-ink-quiet">{hint}</p>}
        </>
      )}
    </FormDialog>
  );
}

interface MoveDialogProps {
  readonly dataset: Dataset;
  readonly projects: readonly Project[];
  readonly onClose: () => void;
}

export function MoveDialog({ dataset, projects, onClose }: MoveDialogProps) {
  const others = projects.filter(({ id }) => id !== dataset.projectId);
  const [project, setProject] = useState(String(others[0]?.id ?? ''));
  return (
    <FormDialog
      title={t.datasets.moveTitle(dataset.name)}
      action={t.datasets.moveAction}
      isReady={project !== ''}
      onClose={onClose}
      submit={() => moveDataset(dataset, Number(project))}
    >
      {(error) => (
        <Field label={t.datasets.project} error={error}>
          {(control) => (
            <Select
              {...control}
              value={project}
              onValueChange={setProject}
              options={others.map(({ id, name }) => ({ value: String(id), label: name }))}
            />
          )}
        </Field>
      )}
    </FormDialog>
  );
}
