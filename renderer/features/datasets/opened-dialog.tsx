import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
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
  const submit = async () => {
    const dataset = isNew ? await createNumbered(name.trim(), null) : await client.datasets.get({ id: Number(chosen) });
    await takeOpened(dataset, opened, navigate);
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
          <Field label={t.datasets.dataset} error={isNew ? null : error}>
            {(control) => (
              <Select
                {...control}
                value={chosen}
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
          {isNew && <NameField value={name} onValueChange={setTyped} error={error} />}
        </>
      )}
    </FormDialog>
  );
}

/** Without the ending, which names no dataset. */
function stemOf(name: string): string {
  return name.replace(/\.[a-z0-9]{1,5}$/i, '').replaceAll(/\p{Cc}/gu, '') || t.datasets.droppedName;
}
