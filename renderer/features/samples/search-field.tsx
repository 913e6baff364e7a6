import './search-field.css';
import { Search, X } from 'lucide-react';
import { type RefObject, useEffect, useState } from 'react';
import { t } from '../../messages/index.ts';
import { IconButton } from '../../ui/icon-button.tsx';

/** Between the last key and the search. */
const TYPING_MS = 180;

interface SearchFieldProps {
  /** What is searched for now; '' is nothing. */
  readonly value: string;
  readonly onValue: (text: string) => void;
  readonly field: RefObject<HTMLInputElement | null>;
  /** Enter, or Escape in an empty field: the keys go back to the images. */
  readonly onLeave: () => void;
}

/** Words that samples are searched for, a moment after they were typed. */
export function SearchField({ value, onValue, field, onLeave }: SearchFieldProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value.trim()) return;
    const timer = setTimeout(() => onValue(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, value, onValue]);
  return (
    <div className="search-field">
      <Search size={14} aria-hidden />
      <input
        ref={field}
        type="search"
        value={text}
        maxLength={200}
        placeholder={t.samples.searchShort}
        aria-label={t.samples.search}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' && event.key !== 'Enter') return;
          event.preventDefault();
          event.stopPropagation();
          if (event.key === 'Escape' && text !== '') setText('');
          else onLeave();
        }}
      />
      {text !== '' && <IconButton label={t.samples.clearSearch} icon={X} onClick={() => setText('')} />}
    </div>
  );
}
