import { type ReactNode, useId } from 'react';
import { Field } from '../../ui/field.tsx';
import { NumberInput } from '../../ui/number-input.tsx';
import type { CollectDraft } from './draft.ts';
import { type DraftProblem, problemOf } from './draft-requests.ts';

/** What each part of the form gets. */
export interface PartProps {
  readonly draft: CollectDraft;
  readonly change: (change: Partial<CollectDraft>) => void;
  /** Those to be shown. */
  readonly problems: readonly DraftProblem[];
}

interface HeadedProps {
  readonly title: string;
  readonly hint?: string;
  readonly children: ReactNode;
}

/** A part of the form with its heading. */
export function Part({ title, hint, children }: HeadedProps) {
  const id = useId();
  return (
    <section className="compose-part" aria-labelledby={id}>
      <div>
        <h3 id={id}>{title}</h3>
        {hint !== undefined && <p className="hint">{hint}</p>}
      </div>
      {children}
    </section>
  );
}

interface NamedProps<Name> extends PartProps {
  readonly name: Name;
  readonly label: string;
  readonly hint?: string;
}

type TextName = 'pages' | 'sitemaps' | 'include' | 'exclude' | 'allowHosts';

/** Lines of text of the draft. */
export function LinesField({
  draft,
  change,
  problems,
  name,
  label,
  hint,
  rows = 2,
}: NamedProps<TextName> & { readonly rows?: number }) {
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })} error={problemOf(problems, name)}>
      {(control) => (
        <textarea
          {...control}
          className="input"
          rows={rows}
          spellCheck={false}
          value={draft[name]}
          onChange={(event) => change({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
}

type NumberName = 'maxImages' | 'maxPages' | 'depth' | 'perHost' | 'delayS' | 'timeoutS';

interface NumberFieldProps extends NamedProps<NumberName> {
  readonly min: number;
  readonly max?: number;
  readonly step?: number;
  /** What counts while the field is empty. */
  readonly standard: string;
}

/** A number of the draft. */
export function NumberField({ draft, change, problems, name, label, hint, standard, ...limits }: NumberFieldProps) {
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })} error={problemOf(problems, name)}>
      {(control) => (
        <NumberInput
          {...control}
          {...limits}
          placeholder={standard}
          value={draft[name]}
          onValueChange={(value) => change({ [name]: value })}
        />
      )}
    </Field>
  );
}
