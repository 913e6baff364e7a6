import { useMutation, useQuery } from '@tanstack/react-query';
import { ChevronRight, FileText, Folder, Plus, X } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import { client } from '../../api/client.ts';
import { chosenFiles, type Dropped, isList, linksIn, readDrop } from '../../api/dropped-files.ts';
import { host } from '../../api/host.ts';
import { api } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { useLive } from '../../stores/live.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Field } from '../../ui/field.tsx';
import { FolderPicker } from '../../ui/folder-picker.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { NumberInput } from '../../ui/number-input.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { type CollectDraft, EMPTY_DRAFT, requestsOf } from './draft.ts';
import { useDrafts } from './draft-store.ts';
import { Estimate } from './estimate.tsx';
import { Trial } from './trial.tsx';

interface ComposeProps {
  readonly dataset: Dataset;
}

type Change = (change: Partial<CollectDraft>) => void;

/** Puts together what to collect; starts it when it makes sense. */
export function Compose({ dataset }: ComposeProps) {
  const draft = useDrafts((state) => state.drafts[dataset.id]) ?? EMPTY_DRAFT;
  const isLost = useLive((state) => state.connection === 'lost');
  const change: Change = (next) => useDrafts.getState().change(dataset.id, next);
  const requests = requestsOf(draft, dataset.id);
  const [showsProblems, setShowsProblems] = useState(false);
  const isReady = requests.problems.length === 0;
  const estimate = useMutation({ mutationFn: () => client.crawls.estimate(requests.crawl ?? never()) });
  const start = useMutation({
    mutationFn: async () => {
      const jobs = [];
      if (requests.import !== null) jobs.push(await client.imports.start(requests.import));
      if (requests.crawl !== null) jobs.push(await client.crawls.start(requests.crawl));
      return jobs;
    },
    onSuccess: (jobs) => {
      for (const job of jobs) useLive.getState().updateJob(job);
      useDrafts.getState().reset(dataset.id);
      toast(t.crawls.started);
    },
    onError: toastError,
  });
  const whenReady = (action: () => void) => () => {
    setShowsProblems(!isReady);
    if (isReady) action();
  };
  return (
    <div className="compose">
      <SearchPart draft={draft} change={change} labels={dataset.labels.map(({ name }) => name)} />
      <div className="compose-columns">
        <WebPart draft={draft} change={change} />
        <LocalPart draft={draft} change={change} />
      </div>
      <LimitsPart draft={draft} change={change} />
      {estimate.data !== undefined && <Estimate estimate={estimate.data} />}
      {estimate.isError && (
        <p className="notice" role="alert">
          {estimate.error.message}
        </p>
      )}
      <Trial dataset={dataset} />
      <div className="compose-foot">
        {showsProblems && !isReady && (
          <ul className="compose-problems" role="alert">
            {requests.problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        )}
        <Button variant="primary" disabled={isLost || start.isPending} onClick={whenReady(() => start.mutate())}>
          {start.isPending ? t.crawls.starting : requests.crawl === null && isReady ? t.crawls.import : t.crawls.start}
        </Button>
        <TrialButton dataset={dataset} isLost={isLost} crawl={requests.crawl} whenReady={whenReady} />
        <Button
          disabled={isLost || estimate.isPending || (isReady && requests.crawl === null)}
          onClick={whenReady(() => estimate.mutate())}
        >
          {estimate.isPending ? t.crawls.estimating : t.crawls.estimate}
        </Button>
      </div>
    </div>
  );
}

/** For what a button's state has ruled out. */
function never(): never {
  throw new Error('There is nothing to ask for.');
}

interface TrialButtonProps {
  readonly dataset: Dataset;
  readonly isLost: boolean;
  readonly crawl: ReturnType<typeof requestsOf>['crawl'];
  readonly whenReady: (action: () => void) => () => void;
}

function TrialButton({ dataset, isLost, crawl, whenReady }: TrialButtonProps) {
  const trial = useMutation({
    mutationFn: () => client.crawls.trial(crawl ?? never()),
    onSuccess: (job) => {
      useLive.getState().updateJob(job);
      useDrafts.getState().setTrial(dataset.id, job.id);
    },
    onError: toastError,
  });
  return (
    <Button disabled={isLost || trial.isPending || crawl === null} onClick={whenReady(() => trial.mutate())}>
      {t.crawls.trial}
    </Button>
  );
}

interface PartProps {
  readonly draft: CollectDraft;
  readonly change: Change;
}

function SearchPart({ draft, change, labels }: PartProps & { readonly labels: readonly string[] }) {
  const rows = draft.labels.length > 0 ? draft.labels : [{ name: '', keywords: '' }];
  const setRow = (index: number, next: Partial<(typeof rows)[number]>) =>
    change({ labels: rows.map((row, at) => (at === index ? { ...row, ...next } : row)) });
  const used = new Set(rows.map(({ name }) => name));
  return (
    <section className="compose-part" aria-labelledby="compose-search">
      <h2 id="compose-search">{t.crawls.search}</h2>
      <p className="field-hint">{t.crawls.searchHint}</p>
      <datalist id="dataset-labels">
        {labels.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
        <div key={index} className="label-row">
          <TextInput
            aria-label={t.crawls.label}
            placeholder={t.crawls.label}
            list="dataset-labels"
            maxLength={100}
            value={row.name}
            onValueChange={(name) => setRow(index, { name })}
          />
          <TextInput
            aria-label={`${t.crawls.keywords}: ${t.crawls.keywordsHint}`}
            placeholder={`${t.crawls.keywords}: ${t.crawls.keywordsHint.toLowerCase()}`}
            value={row.keywords}
            onValueChange={(keywords) => setRow(index, { keywords })}
          />
          <IconButton
            label={t.crawls.removeLabel(row.name)}
            icon={X}
            disabled={draft.labels.length === 0}
            onClick={() => change({ labels: rows.filter((_row, at) => at !== index) })}
          />
        </div>
      ))}
      <div className="flex flex-wrap items-center gap-x-6 gap-y-1">
        <Button
          size="small"
          onClick={() => change({ labels: [...rows, { name: firstUnused(labels, used), keywords: '' }] })}
        >
          <Plus size={14} aria-hidden /> {t.crawls.addLabel}
        </Button>
        <Checkbox checked={draft.openverse} onCheckedChange={(openverse) => change({ openverse })}>
          {t.crawls.openverse}
        </Checkbox>
        <Checkbox checked={draft.wikimedia} onCheckedChange={(wikimedia) => change({ wikimedia })}>
          {t.crawls.wikimedia}
        </Checkbox>
      </div>
    </section>
  );
}

function firstUnused(labels: readonly string[], used: ReadonlySet<string>): string {
  return labels.find((name) => !used.has(name)) ?? '';
}

function WebPart({ draft, change }: PartProps) {
  return (
    <section className="compose-part" aria-labelledby="compose-web">
      <h2 id="compose-web">{t.crawls.web}</h2>
      <Field label={t.crawls.pages} hint={t.crawls.pagesHint}>
        {(control) => (
          <textarea
            {...control}
            className="input"
            spellCheck={false}
            value={draft.pages}
            onChange={(event) => change({ pages: event.target.value })}
          />
        )}
      </Field>
      <Field label={t.crawls.sitemaps} hint={t.crawls.sitemapsHint}>
        {(control) => (
          <textarea
            {...control}
            className="input"
            rows={2}
            spellCheck={false}
            value={draft.sitemaps}
            onChange={(event) => change({ sitemaps: event.target.value })}
          />
        )}
      </Field>
    </section>
  );
}

function LocalPart({ draft, change }: PartProps) {
  const [picking, setPicking] = useState<'list' | 'folder' | null>(null);
  const [sent, setSent] = useState<{ readonly done: number; readonly total: number } | null>(null);
  const [isOver, setOver] = useState(false);
  const take = async (dropped: Dropped) => {
    if (dropped.links.length > 0) change({ pages: [draft.pages, ...dropped.links].filter(Boolean).join('\n') });
    if (dropped.files.length === 0) return;
    const total = dropped.files.reduce((sum, { file }) => sum + file.size, 0);
    setSent({ done: 0, total });
    try {
      const { folderPath } = await host.takeFiles(dropped.files, {
        signal: new AbortController().signal,
        onProgress: (done) => setSent({ done, total }),
      });
      const lists = dropped.files.filter(({ relativePath }) => isList(relativePath));
      change({
        lists: [...draft.lists, ...lists.map(({ relativePath }) => `${folderPath}/${relativePath}`)],
        folders: lists.length < dropped.files.length ? [...draft.folders, folderPath] : draft.folders,
      });
    } finally {
      setSent(null);
    }
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void readDrop(event.dataTransfer).then(take).catch(toastError);
  };
  return (
    <section className="compose-part" aria-labelledby="compose-local">
      <h2 id="compose-local">{t.crawls.local}</h2>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons in it do the same by keyboard */}
      <div
        className="drop-box"
        data-over={isOver || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
        onPaste={(event) => {
          const files = chosenFiles(event.clipboardData.files);
          const links = linksIn(event.clipboardData.getData('text/plain'));
          if (files.length > 0) void take({ files, links: [] }).catch(toastError);
          else if (links.length > 0) void take({ files: [], links });
        }}
      >
        <p className="field-hint">{t.crawls.localHint}</p>
        <div className="flex flex-wrap gap-2">
          <Button size="small" onClick={() => setPicking('list')}>
            <FileText size={14} aria-hidden /> {t.crawls.addList}
          </Button>
          <Button size="small" onClick={() => setPicking('folder')}>
            <Folder size={14} aria-hidden /> {t.crawls.addFolder}
          </Button>
        </div>
        {sent !== null && <p role="status">{t.crawls.uploading(sent.done, sent.total)}</p>}
        <Paths paths={draft.lists} onChange={(lists) => change({ lists })} />
        <Paths paths={draft.folders} onChange={(folders) => change({ folders })} />
        {draft.folders.length > 0 && (
          <Checkbox
            checked={draft.labelsFromFolders}
            onCheckedChange={(labelsFromFolders) => change({ labelsFromFolders })}
          >
            {t.crawls.labelsFromFolders}
          </Checkbox>
        )}
      </div>
      <Field label={t.crawls.rest}>
        {(control) => (
          <TextInput
            {...control}
            list="dataset-labels"
            maxLength={100}
            placeholder={t.crawls.restNone}
            value={draft.restLabel}
            onValueChange={(restLabel) => change({ restLabel })}
          />
        )}
      </Field>
      {picking !== null && (
        <FolderPicker
          open
          onOpenChange={(open) => !open && setPicking(null)}
          title={picking === 'list' ? t.crawls.chooseList : t.crawls.chooseFolder}
          chooses={picking === 'list' ? ['list'] : ['image', 'archive']}
          choosesFolders={picking === 'folder'}
          onChoose={(path) =>
            picking === 'list'
              ? change({ lists: [...new Set([...draft.lists, path])] })
              : change({ folders: [...new Set([...draft.folders, path])] })
          }
        />
      )}
    </section>
  );
}

interface PathsProps {
  readonly paths: readonly string[];
  readonly onChange: (paths: string[]) => void;
}

function Paths({ paths, onChange }: PathsProps) {
  return paths.map((path) => (
    <div key={path} className="path-row">
      <span title={path}>{path}</span>
      <IconButton
        label={t.crawls.remove(path)}
        icon={X}
        onClick={() => onChange(paths.filter((each) => each !== path))}
      />
    </div>
  ));
}

function LimitsPart({ draft, change }: PartProps) {
  const [isOpen, setOpen] = useState(false);
  const { data: settings = [] } = useQuery(api.settings.list.queryOptions());
  const setting = (name: string) => settings.find((each) => each.name === name)?.value;
  return (
    <section className="compose-part" aria-labelledby="compose-limits">
      <h2 id="compose-limits">{t.crawls.limits}</h2>
      <div className="compose-numbers">
        <Field label={t.crawls.maxImages} hint={t.crawls.maxImagesHint}>
          {(control) => (
            <NumberInput
              {...control}
              min={1}
              value={draft.maxImages}
              onValueChange={(maxImages) => change({ maxImages })}
            />
          )}
        </Field>
        <Field label={t.crawls.maxPages}>
          {(control) => (
            <NumberInput
              {...control}
              min={1}
              placeholder="10000"
              value={draft.maxPages}
              onValueChange={(maxPages) => change({ maxPages })}
            />
          )}
        </Field>
        <Field label={t.crawls.depth} hint={t.crawls.depthHint}>
          {(control) => (
            <NumberInput
              {...control}
              min={0}
              max={100}
              placeholder="3"
              value={draft.depth}
              onValueChange={(depth) => change({ depth })}
            />
          )}
        </Field>
        <Field label={t.crawls.delay}>
          {(control) => (
            <NumberInput
              {...control}
              min={0}
              max={300}
              step={0.1}
              placeholder={String(Number(setting('crawl.delayMs') ?? 1000) / 1000)}
              value={draft.delayS}
              onValueChange={(delayS) => change({ delayS })}
            />
          )}
        </Field>
      </div>
      <Button
        variant="ghost"
        size="small"
        className="justify-self-start"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <ChevronRight size={14} aria-hidden className={isOpen ? 'rotate-90' : ''} /> {t.crawls.advanced}
      </Button>
      {isOpen && (
        <div className="compose-numbers">
          <Field label={t.crawls.perHost}>
            {(control) => (
              <NumberInput
                {...control}
                min={1}
                max={8}
                placeholder={String(setting('crawl.perHost') ?? 1)}
                value={draft.perHost}
                onValueChange={(perHost) => change({ perHost })}
              />
            )}
          </Field>
          {(['include', 'exclude', 'allowHosts'] as const).map((key) => (
            <Field
              key={key}
              label={t.crawls[key]}
              hint={key === 'allowHosts' ? t.crawls.allowHostsHint : t.crawls.patternsHint}
            >
              {(control) => (
                <textarea
                  {...control}
                  className="input"
                  rows={2}
                  spellCheck={false}
                  value={draft[key]}
                  onChange={(event) => change({ [key]: event.target.value })}
                />
              )}
            </Field>
          ))}
        </div>
      )}
    </section>
  );
}
