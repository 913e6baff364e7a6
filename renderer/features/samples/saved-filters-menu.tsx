import './picker.css';
import { Bookmark, X } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useId, useState } from 'react';
import { t } from '../../messages/index.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { parseSavedFilters, withoutSavedFilter, withSavedFilter } from './saved-filters.ts';

interface SavedFiltersMenuProps {
  readonly datasetId: number;
  /** Of the address now; saving needs something in it. */
  readonly search: string;
  readonly onChoose: (search: string) => void;
}

/** Filters kept in this browser under names. */
export function SavedFiltersMenu({ datasetId, search, onChoose }: SavedFiltersMenuProps) {
  const key = `pixcrawler.saved-filters.${datasetId}`;
  const [saved, setSaved] = useState(() => parseSavedFilters(localStorage.getItem(key)));
  const [name, setName] = useState('');
  const [open, setOpen] = useState(false);
  const field = useId();
  const keep = (next: typeof saved) => {
    localStorage.setItem(key, JSON.stringify(next));
    setSaved(next);
  };
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <IconButton label={t.samples.savedFilters} icon={Bookmark} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="picker"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label={t.samples.savedFilters}
        >
          {saved.length === 0 && <p className="picker-hint">{t.samples.noSavedFilters}</p>}
          <ul className="picker-list">
            {saved.map((filter) => (
              <li key={filter.name} className="picker-row">
                <button
                  type="button"
                  className="picker-item grow"
                  onClick={() => {
                    onChoose(filter.search);
                    setOpen(false);
                  }}
                >
                  <span className="truncate">{filter.name}</span>
                </button>
                <IconButton
                  label={t.samples.forgetFilter(filter.name)}
                  icon={X}
                  onClick={() => keep(withoutSavedFilter(saved, filter.name))}
                />
              </li>
            ))}
          </ul>
          {search !== '' && (
            <form
              className="picker-form"
              onSubmit={(event) => {
                event.preventDefault();
                if (name.trim() === '') return;
                keep(withSavedFilter(saved, { name: name.trim(), search }));
                setName('');
              }}
            >
              <label htmlFor={field}>{t.samples.saveFilter}</label>
              <div className="picker-row">
                <input
                  id={field}
                  className="picker-input grow"
                  value={name}
                  maxLength={100}
                  placeholder={t.samples.filterName}
                  onChange={(event) => setName(event.target.value)}
                />
                <Button size="small" type="submit" disabled={name.trim() === ''}>
                  {t.samples.save}
                </Button>
              </div>
            </form>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
