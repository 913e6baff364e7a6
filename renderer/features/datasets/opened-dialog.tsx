import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import { client } from '../../api/client.ts';
import { api } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { forgetOpened, type Opened } from '../../stores/opened.ts';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { createNumbered } from './create-numbered.ts';
import { FormDialog, NameField } from './dataset-dialogs.tsx';
import { nameIn, takeOpened } from './take-drop.ts';

const NEW = 'new';

/** Asks into which dataset what the program was opened with goes. */
export default function OpenedDialog({ opened }: { readonly opened: Opened }) {
  const { paths, links } = opened;
  const [location, navigate] = useLocation();
  const datasets = useQuery(api.datasets.list.queryOptions({ input: {} }));
  // Whoever looks at a dataset most likely means that one.
  const [chosen, setChosen] = useState(() => /^\/datasets\/(\d+)/.exec(location)?.[1] ?? NEW);
  const [typed, setTyped] = useState<string | null>(null);
  const [first] = paths;
  const name = typed ?? (paths.length === 1 && first !== undefined ? stemOf(nameIn(first)) : t.datasets.droppedName);
  const isNew = chosen === NEW;
  /** Where part of it has begun already: the rest goes there too. */
  const [begun, setBegun] = useState<Dataset | null>(null);
  const taken = useRef(new Set<string>());
  const [isOfName, setOfName] = useState(false);
  const submit = async () => {
    setOfName(true);
    const dataset =
      begun ?? (await (isNew ? createNumbered(name.trim(), null) : client.datasets.get({ id: Number(chosen) })));
    setOfName(false);
    try {
      await takeOpened(dataset, opened, navigate, taken.current);
    } catch (error) {
      if (taken.current.size > 0) setBegun(dataset);
      // What went wrong is more to the point than that it could not be tidied up after.
      else if (isNew) await client.datasets.remove({ id: dataset.id }).catch(() => undefined);
      throw error;
    }
    navigate(`/datasets/${dataset.id}/collect`);
  };
  return (
    <FormDialog
      title={t.datasets.openedTitle}
      action={t.datasets.add}
      isReady={!isNew || name.trim() !== ''}
      onClose={forgetOpened}
      submit={submit}
    >
      {(error) => (
        <>
          <div>
            <p>{t.datasets.opened(paths.length, links.length)}</p>
            <ul className="opened-list">
              {[...paths, ...links].map((each) => (
                <li key={each} className="truncate" title={each}>
                  {each}
                </li>
              ))}
            </ul>
          </div>
          <Field label={t.datasets.dataset} error={isOfName && !isNew ? error : null}>
            {(control) => (
              <Select
                {...control}
                value={begun === null ? chosen : String(begun.id)}
                disabled={begun !== null}
                onValueChange={setChosen}
                options={[
                  { value: NEW, label: t.datasets.aNewDataset },
                  ...(datasets.data ?? []).map((each) => ({
                    value: String(each.id),
                    label: `${each.projectName} / ${each.name}`,
                  })),
                ]}
              />
            )}
          </Field>
          {isNew && begun === null && (
            <NameField value={name} onValueChange={setTyped} error={isOfName ? error : null} />
          )}
          {error !== null && !isOfName && (
            <p className="field-error" role="alert">
              {begun !== null && `${t.datasets.partlyBegun(begun.name)} `}
              {error}
            </p>
          )}
        </>
      )}
    </FormDialog>
  );
}

/** Without the ending, which names no dataset. */
function stemOf(name: string): string {
  return name.replace(/\.[a-z0-9]{1,5}$/i, '').replaceAll(/\p{Cc}/gu, '') || t.datasets.droppedName;
}
