import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { RadioGroup } from 'radix-ui';
import { useState } from 'react';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import { ARCHIVES, EXPORT_FORMATS, type ExportInput } from '../../../shared/contract/exports.ts';
import { SAMPLE_STATUSES, type SampleStatus } from '../../../shared/vocabulary.ts';
import { client } from '../../api/client.ts';
import { api } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { useLive } from '../../stores/live.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Field } from '../../ui/field.tsx';
import { FolderPicker } from '../../ui/folder-picker.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { exportPath, nameFor } from './export-path.ts';

/** The folder that the last export went to. */
const LAST_FOLDER = 'pixcrawler-export-folder';

/** Format, samples and place; how large it becomes and what would stop it. */
export function ExportForm({ dataset }: { readonly dataset: Dataset }) {
  const isLost = useLive((state) => state.connection === 'lost');
  const [format, setFormat] = useState<ExportInput['format']>('imagefolder');
  const [archive, setArchive] = useState<ExportInput['archive']>('none');
  const [statuses, setStatuses] = useState<readonly SampleStatus[]>(['accepted']);
  const [chosenFolder, setFolder] = useState<string | null>(() => localStorage.getItem(LAST_FOLDER));
  const [name, setName] = useState(() => nameFor(dataset.name));
  const [isPicking, setPicking] = useState(false);
  const home = useQuery({ ...api.files.list.queryOptions({ input: {} }), enabled: chosenFolder === null });
  const folder = chosenFolder ?? home.data?.path ?? '';
  const input: ExportInput = {
    datasetId: dataset.id,
    format,
    archive,
    statuses: [...statuses],
    outPath: exportPath(folder, name, archive),
  };
  const isNamed = folder !== '' && name.trim() !== '' && statuses.length > 0;
  const estimate = useQuery({
    ...api.exports.estimate.queryOptions({ input }),
    enabled: isNamed,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const start = useMutation({
    mutationFn: () => client.exports.start(input),
    onSuccess: (job) => {
      useLive.getState().updateJob(job);
      localStorage.setItem(LAST_FOLDER, folder);
      toast(t.exports.started);
    },
    onError: toastError,
  });
  const problem = estimate.data?.problem ?? null;
  return (
    <form
      className="export-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isNamed && problem === null && !start.isPending) start.mutate();
      }}
    >
      <RadioGroup.Root
        className="format-choice"
        aria-label={t.exports.format}
        value={format}
        onValueChange={(value) => setFormat(value as ExportInput['format'])}
      >
        {EXPORT_FORMATS.map((each) => (
          <RadioGroup.Item key={each} value={each} className="format-option" aria-label={t.exports.formats[each].title}>
            <strong>{t.exports.formats[each].title}</strong>
            <span>{t.exports.formats[each].text}</span>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
      <div className="flex flex-wrap gap-x-12 gap-y-4">
        <div className="field">
          <span className="field-label">{t.exports.archive}</span>
          <Segmented
            label={t.exports.archive}
            value={archive}
            onValueChange={setArchive}
            options={ARCHIVES.map((value) => ({ value, label: t.exports.archives[value] }))}
          />
        </div>
        <fieldset className="field">
          <legend className="field-label">{t.exports.statuses}</legend>
          <div className="flex gap-4">
            {SAMPLE_STATUSES.map((status) => (
              <Checkbox
                key={status}
                checked={statuses.includes(status)}
                onCheckedChange={(checked) =>
                  setStatuses(SAMPLE_STATUSES.filter((each) => (each === status ? checked : statuses.includes(each))))
                }
              >
                {t.samples.statusName(status)}
              </Checkbox>
            ))}
          </div>
        </fieldset>
      </div>
      <div className="export-place">
        <Field label={t.exports.folder}>
          {(control) => (
            <div className="flex gap-2">
              <TextInput {...control} value={folder} onValueChange={setFolder} />
              <Button onClick={() => setPicking(true)}>{t.exports.chooseFolder}</Button>
            </div>
          )}
        </Field>
        <Field label={t.exports.name} hint={t.exports.nameHint} error={problem}>
          {(control) => <TextInput {...control} value={name} onValueChange={setName} />}
        </Field>
      </div>
      <div className="flex flex-wrap items-center gap-4">
        <Button variant="primary" type="submit" disabled={isLost || !isNamed || problem !== null || start.isPending}>
          {start.isPending ? t.exports.starting : t.exports.start}
        </Button>
        <span className="text-ink-quiet" role="status">
          {estimate.data !== undefined &&
            [
              t.exports.estimate(estimate.data.images, estimate.data.bytes),
              ...(estimate.data.freeBytes === null ? [] : [t.exports.free(estimate.data.freeBytes)]),
            ].join(' · ')}
        </span>
      </div>
      <FolderPicker
        title={t.exports.chooseTitle}
        open={isPicking}
        onOpenChange={setPicking}
        forWriting
        onChoose={(path) => setFolder(path)}
      />
    </form>
  );
}
