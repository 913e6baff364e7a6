import { Plus, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { t } from '../../messages/index.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import type { PartProps } from './compose-part.tsx';
import { Part } from './compose-part.tsx';
import { problemOf } from './draft-requests.ts';

/** The names a dataset has for its classes, offered where one is typed. */
export const LABELS_LIST = 'dataset-labels';

interface SearchPartProps extends PartProps {
  readonly labels: readonly string[];
}

/** Labels with their keywords, and where they are searched. */
export function SearchPart({ draft, change, problems, labels }: SearchPartProps) {
  const rows = draft.labels.length > 0 ? draft.labels : [{ name: '', keywords: '' }];
  const list = useRef<HTMLDivElement>(null);
  const isAdded = useRef(false);
  useEffect(() => {
    if (!isAdded.current) return;
    isAdded.current = false;
    list.current?.querySelector<HTMLInputElement>('.label-row:last-of-type input')?.focus();
  });
  const setRow = (index: number, next: Partial<(typeof rows)[number]>) =>
    change({ labels: rows.map((row, at) => (at === index ? { ...row, ...next } : row)) });
  const used = new Set(rows.map(({ name }) => name));
  const add = () => {
    isAdded.current = true;
    change({ labels: [...rows, { name: labels.find((name) => !used.has(name)) ?? '', keywords: '' }] });
  };
  const problem = problemOf(problems, 'labels');
  const serviceProblem = problemOf(problems, 'services');
  return (
    <Part title={t.crawls.search} hint={t.crawls.searchHint}>
      <datalist id={LABELS_LIST}>
        {labels.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <div ref={list} className="label-rows">
        <div className="label-row label-head" aria-hidden>
          <span>{t.crawls.label}</span>
          <span>
            {t.crawls.keywords}, {t.crawls.keywordsHint}
          </span>
        </div>
        {rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
          <div key={index} className="label-row">
            <TextInput
              aria-label={t.crawls.labelOf(index + 1)}
              list={LABELS_LIST}
              maxLength={100}
              aria-invalid={problem !== null || undefined}
              value={row.name}
              onValueChange={(name) => setRow(index, { name })}
            />
            <TextInput
              aria-label={`${t.crawls.keywordsOf(row.name)}, ${t.crawls.keywordsHint}`}
              placeholder={row.name}
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
      </div>
      {problem !== null && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      <div className="compose-line">
        <Button size="small" onClick={add}>
          <Plus size={14} aria-hidden /> {t.crawls.addLabel}
        </Button>
        <fieldset className="compose-services">
          <legend className="sr-only">{t.crawls.services}</legend>
          <span className="text-ink-quiet" aria-hidden>
            {t.crawls.services}
          </span>
          <Checkbox checked={draft.openverse} onCheckedChange={(openverse) => change({ openverse })}>
            {t.crawls.openverse}
          </Checkbox>
          <Checkbox checked={draft.wikimedia} onCheckedChange={(wikimedia) => change({ wikimedia })}>
            {t.crawls.wikimedia}
          </Checkbox>
        </fieldset>
      </div>
      {serviceProblem !== null && (
        <p className="field-error" role="alert">
          {serviceProblem}
        </p>
      )}
    </Part>
  );
}
