import { X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useState } from 'react';
import { t } from '../../messages/index.ts';

interface CaptionEditorProps {
  readonly caption: string | null;
  readonly onChange: (caption: string | null) => void;
}

/** Saves when the field is left or Enter is pressed; Escape takes back what was typed. */
export function CaptionEditor({ caption, onChange }: CaptionEditorProps) {
  const [text, setText] = useState(caption ?? '');
  const id = useId();
  useEffect(() => setText(caption ?? ''), [caption]);
  const save = () => {
    const next = text.trim() === '' ? null : text.trim();
    if (next !== caption) onChange(next);
  };
  return (
    <>
      <label htmlFor={id}>{t.samples.caption}</label>
      <textarea
        id={id}
        rows={2}
        maxLength={10_000}
        value={text}
        placeholder={t.samples.captionPlaceholder}
        onChange={(event) => setText(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            event.currentTarget.blur();
          } else if (event.key === 'Escape') {
            event.stopPropagation();
            setText(caption ?? '');
          }
        }}
      />
    </>
  );
}

interface TagsEditorProps {
  readonly tags: readonly string[];
  readonly onAdd: (tag: string) => void;
  readonly onRemove: (tag: string) => void;
}

/** Tags as chips; Enter or a comma adds one, Backspace in an empty field takes the last away. */
export function TagsEditor({ tags, onAdd, onRemove }: TagsEditorProps) {
  const [text, setText] = useState('');
  const id = useId();
  const add = () => {
    const tag = text.trim().slice(0, 100);
    if (tag !== '' && !tags.includes(tag)) onAdd(tag);
    setText('');
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter' || event.key === ',') {
      event.preventDefault();
      add();
    } else if (event.key === 'Backspace' && text === '' && tags.length > 0) {
      onRemove(tags.at(-1)!);
    }
  };
  return (
    <>
      <label htmlFor={id}>{t.samples.tags}</label>
      <div className="tags-field">
        {tags.map((tag) => (
          <span key={tag} className="tag">
            {tag}
            <button type="button" aria-label={t.samples.removeTag(tag)} onClick={() => onRemove(tag)}>
              <X size={12} aria-hidden />
            </button>
          </span>
        ))}
        <input
          id={id}
          value={text}
          maxLength={100}
          placeholder={t.samples.addTag}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          onBlur={add}
        />
      </div>
    </>
  );
}
