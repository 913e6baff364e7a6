import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { RadioGroup } from 'radix-ui';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import { ARCHIVES, EXPORT_FORMATS, type ExportInput } from '../../../shared/contract/exports.ts';
import { SAMPLE_STATUSES } from '../../../shared/vocabulary.ts';
import { client } from '../../api/client.ts';
import { host } from '../../api/host.ts';
import { api, queryClient } from '../../api/query.ts';
import { useCommands } from '../../keyboard/commands.ts';
import { formatCount } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { useLive, useOffline } from '../../stores/live.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Field } from '../../ui/field.tsx';
import { FolderPicker } from '../../ui/folder-picker.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { useSettled } from '../../ui/use-settled.ts';
import { ClassBalance } from './class-balance-table.tsx';
import { EMPTY_EXPORT } from './export-draft.ts';
import { exportPath, folderProblem, freeName, fromHome, nameFor, nameProblem } from './export-path.ts';
import { useExports } from './export-store.ts';

/** The disk is asked about a path when somebody has stopped typing it for so long. */
const QUIET_MS = 250;

interface ExportFormProps {
  readonly dataset: Dataset;
  /** Paths that exports of this dataset were written to. */
  readonly written: readonly string[];
}

/** Format, samples and place; how large it becomes and what would stop it. */
export function ExportForm({ dataset, written }: ExportFormProps) {
  const isOffline = useOffline();
  const draft = useExports((state) => state.drafts[dataset.id]) ?? EMPTY_EXPORT;
  const keptFolder = useExports((state) => state.folder);
  const { change, setFolder } = useExports.getState();
  const [isPicking, setPicking] = useState(false);
  const home = useQuery({
    ...api.files.list.queryOptions({ input: {} }),
    enabled: keptFolder === null || keptFolder.startsWith('~'),
  });
  const typedFolder = keptFolder ?? home.data?.path ?? '';
  const folder = fromHome(typedFolder, home.data?.path);
  const wrongFolder = home.isLoading ? null : folderProblem(folder);
  const { format, archive, statuses } = draft;
  const hardLinks = archive === 'none' && draft.hardLinks;
  const name = draft.name === '' ? freeName(nameFor(dataset.name), folder, archive, written) : draft.name;
  const wrongName = nameProblem(name);
  const images = statuses.reduce((sum, status) => sum + dataset.statusCounts[status], 0);
  const input: ExportInput = {
    datasetId: dataset.id,
    format,
    archive,
    statuses: [...statuses],
    hardLinks,
    outPath: exportPath(folder, name, archive),
  };
  const isPlaced = !home.isLoading && wrongFolder === null && wrongName === null;
  const isComplete = isPlaced && images > 0;
  const wanted = JSON.stringify(input);
  const settled = useSettled(wanted, QUIET_MS);
  const estimate = useQuery({
    ...api.exports.estimate.queryOptions({ input: JSON.parse(settled) as ExportInput }),
    enabled: isComplete && !isOffline && wanted === settled,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const start = useMutation({
    mutationFn: () => client.exports.start(input),
    onSuccess: (job) => {
      useLive.getState().takeAnswer(job, undefined);
      void queryClient.invalidateQueries({ queryKey: api.jobs.list.key() });
      setFolder(typedFolder);
      // The next export gets a name of its own.
      change(dataset.id, { name: '' });
      toast(t.exports.started);
    },
    onError: toastError,
  });
  const isAnswered = isComplete && wanted === settled;
  const problem = isAnswered ? (estimate.error?.message ?? estimate.data?.problem ?? null) : null;
  const canStart = !isOffline && isComplete && problem === null && !start.isPending;
  const begin = () => {
    if (canStart) start.mutate();
  };
  useCommands('export', [{ id: 'exports.start', isEnabled: canStart, run: begin }]);
  const choose = async () => {
    if (host.desktop === undefined) return setPicking(true);
    const [chosen] = await host.desktop.choose('export-folder').catch((error: unknown) => {
      toastError(error);
      return [];
    });
    if (chosen !== undefined) setFolder(chosen);
  };
  return (
    <form
      className="export-form"
      onSubmit={(event) => {
        event.preventDefault();
        begin();
      }}
    >
      <section className="export-part" aria-labelledby="export-format">
        <h2 id="export-format">{t.exports.format}</h2>
        <RadioGroup.Root
          className="format-choice"
          aria-labelledby="export-format"
          value={format}
          onValueChange={(value) => change(dataset.id, { format: value as ExportInput['format'] })}
        >
          {EXPORT_FORMATS.map((each) => (
            <RadioGroup.Item
              key={each}
              value={each}
              className="format-option"
              aria-label={t.exports.formats[each].title}
              aria-describedby={`format-${each}`}
            >
              <span className="format-mark" aria-hidden />
              <strong>{t.exports.formats[each].title}</strong>
              <span id={`format-${each}`} className="format-text">
                {t.exports.formats[each].text}
              </span>
            </RadioGroup.Item>
          ))}
        </RadioGroup.Root>
      </section>
      <div className="export-options">
        <fieldset className="field">
          <legend className="field-label">{t.exports.statuses}</legend>
          <div className="export-statuses">
            {SAMPLE_STATUSES.map((status) => (
              <Checkbox
                key={status}
                checked={statuses.includes(status)}
                onCheckedChange={(checked) =>
                  change(dataset.id, {
                    statuses: SAMPLE_STATUSES.filter((each) => (each === status ? checked : statuses.includes(each))),
                  })
                }
              >
                {t.samples.statusName(status)}{' '}
                <span className="hint numeric">{formatCount(dataset.statusCounts[status])}</span>
              </Checkbox>
            ))}
          </div>
        </fieldset>
        <div className="field">
          <span className="field-label">{t.exports.archive}</span>
          <Segmented
            label={t.exports.archive}
            value={archive}
            onValueChange={(value) => change(dataset.id, { archive: value })}
            options={ARCHIVES.map((value) => ({ value, label: t.exports.archives[value] }))}
          />
        </div>
      </div>
      {archive === 'none' && (
        <div className="field">
          <Checkbox checked={hardLinks} onCheckedChange={(checked) => change(dataset.id, { hardLinks: checked })}>
            {t.exports.hardLinks}
          </Checkbox>
          <p className="field-hint">{t.exports.hardLinksHint}</p>
        </div>
      )}
      {statuses.length > 0 && <ClassBalance dataset={dataset} statuses={statuses} />}
      <section className="export-part" aria-labelledby="export-place">
        <h2 id="export-place">{t.exports.destination}</h2>
        <div className="export-place">
          <Field label={t.exports.folder} error={wrongFolder === null ? null : t.exports.folderProblems[wrongFolder]}>
            {(control) => (
              <div className="flex gap-2">
                <TextInput {...control} value={typedFolder} onValueChange={setFolder} />
                <Button onClick={() => void choose()}>{t.exports.chooseFolder}</Button>
              </div>
            )}
          </Field>
          <Field label={t.exports.name} error={wrongName === null ? null : t.exports.nameProblems[wrongName]}>
            {(control) => (
              <TextInput {...control} value={name} onValueChange={(value) => change(dataset.id, { name: value })} />
            )}
          </Field>
        </div>
        {problem === null ? (
          <p className="hint break-all">{isPlaced ? t.exports.willWrite(input.outPath) : '\u00a0'}</p>
        ) : (
          <p className="notice" role="alert">
            {problem}
          </p>
        )}
      </section>
      <div className="export-foot">
        <Button variant="primary" type="submit" disabled={!canStart}>
          {start.isPending ? t.exports.starting : t.exports.start}
        </Button>
        <span className="text-ink-quiet" role="status">
          {images === 0
            ? statuses.length === 0
              ? t.exports.noStatus
              : t.exports.noImages
            : estimate.data === undefined
              ? isComplete && !estimate.isError && t.exports.estimating
              : [
                  t.exports.estimate(estimate.data.images, estimate.data.bytes),
                  ...(estimate.data.freeBytes === null ? [] : [t.exports.free(estimate.data.freeBytes)]),
                ].join(' · ')}
        </span>
        {images === 0 && <NextStep dataset={dataset} />}
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

/** What brings images into an export that would have none. */
function NextStep({ dataset }: { readonly dataset: Dataset }) {
  const hasSamples = dataset.sampleCount > 0;
  return (
    <Link href={`/datasets/${dataset.id}/${hasSamples ? 'review' : 'collect'}`} className="button">
      {hasSamples ? t.exports.toReview : t.exports.toCollect}
    </Link>
  );
}
