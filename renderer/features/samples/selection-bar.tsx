import './picker.css';
import { CircleCheck, Columns2, OctagonX, Tag, TextCursorInput, TriangleAlert, X } from 'lucide-react';
import { Popover } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import type { SampleChange } from '../../../shared/contract/decisions.ts';
import { SPLITS } from '../../../shared/vocabulary.ts';
import { shownKey } from '../../keyboard/key-map.ts';
import { t } from '../../messages/index.ts';
import { useLive } from '../../stores/live.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { LabelPicker } from './label-picker.tsx';

interface SelectionBarProps {
  readonly count: number;
  readonly total: number;
  /** Whether everything that matches is selected. */
  readonly all: boolean;
  readonly labels: readonly string[];
  readonly onDecide: (change: SampleChange) => void;
  readonly onSelectAll: () => void;
  readonly onClear: () => void;
  readonly onCompare: (() => void) | null;
  /** What takes the selection out of the window; nothing in a browser. */
  readonly out: ReactNode;
}

/** What can be done to what is selected, with how many that is. */
export function SelectionBar(props: SelectionBarProps) {
  const { count, total, all, labels, onDecide, onSelectAll, onClear, onCompare, out } = props;
  const disabled = useLive((state) => state.connection === 'lost');
  return (
    <div className="selection-bar" role="toolbar" aria-label={t.samples.selected(count)}>
      <span className="selection-count" aria-live="polite">
        {t.samples.selected(count)}
      </span>
      {!all && total > count && (
        <Button variant="ghost" size="small" onClick={onSelectAll}>
          {t.samples.selectAll(total)}
        </Button>
      )}
      <span className="selection-divider" />
      <Button size="small" disabled={disabled} onClick={() => onDecide({ status: 'accepted' })}>
        <CircleCheck size={14} aria-hidden /> {t.samples.acceptCount(count)}
      </Button>
      <Button size="small" disabled={disabled} onClick={() => onDecide({ status: 'quarantined' })}>
        <TriangleAlert size={14} aria-hidden /> {t.samples.quarantineCount(count)}
      </Button>
      <Button size="small" disabled={disabled} onClick={() => onDecide({ status: 'rejected' })}>
        <OctagonX size={14} aria-hidden /> {t.samples.rejectCount(count)}
      </Button>
      <span className="selection-divider" />
      <LabelPicker
        labels={labels}
        value={undefined}
        onChoose={(label) => onDecide({ label })}
        trigger={
          <Button size="small" disabled={disabled}>
            {t.samples.label}
          </Button>
        }
      />
      <SplitPicker disabled={disabled} onDecide={onDecide} />
      <TagsPopover disabled={disabled} onDecide={onDecide} />
      <CaptionPopover disabled={disabled} onDecide={onDecide} />
      {onCompare && (
        <Button size="small" onClick={onCompare}>
          <Columns2 size={14} aria-hidden /> {t.samples.compare}
        </Button>
      )}
      <span className="grow" />
      {out}
      <IconButton label={t.samples.clearSelection} keys={shownKey('browse.clear')} icon={X} onClick={onClear} />
    </div>
  );
}

interface ActionProps {
  readonly disabled: boolean;
  readonly onDecide: (change: SampleChange) => void;
}

function SplitPicker({ disabled, onDecide }: ActionProps) {
  return (
    <ActionPopover title={t.samples.split} disabled={disabled}>
      {(close) => (
        <div className="picker-list">
          {[...SPLITS, null].map((split) => (
            <button
              key={split}
              type="button"
              className="picker-item"
              onClick={() => {
                onDecide({ split });
                close();
              }}
            >
              {split === null ? t.samples.noSplit : t.samples.splitName(split)}
            </button>
          ))}
        </div>
      )}
    </ActionPopover>
  );
}

function TagsPopover({ disabled, onDecide }: ActionProps) {
  const [text, setText] = useState('');
  const tags = text
    .split(',')
    .map((tag) => tag.trim().slice(0, 100))
    .filter((tag) => tag !== '');
  return (
    <ActionPopover title={t.samples.tags} icon={<Tag size={14} aria-hidden />} disabled={disabled}>
      {(close) => (
        <form
          className="picker-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (tags.length > 0) onDecide({ addTags: tags });
            setText('');
            close();
          }}
        >
          <input
            className="picker-input"
            value={text}
            placeholder={t.samples.tagsPlaceholder}
            aria-label={t.samples.tags}
            onChange={(event) => setText(event.target.value)}
          />
          <div className="picker-actions">
            <Button
              size="small"
              variant="ghost"
              type="button"
              disabled={tags.length === 0}
              onClick={() => {
                onDecide({ removeTags: tags });
                setText('');
                close();
              }}
            >
              {t.samples.remove}
            </Button>
            <Button size="small" type="submit" disabled={tags.length === 0}>
              {t.samples.add}
            </Button>
          </div>
        </form>
      )}
    </ActionPopover>
  );
}

function CaptionPopover({ disabled, onDecide }: ActionProps) {
  const [text, setText] = useState('');
  return (
    <ActionPopover title={t.samples.caption} icon={<TextCursorInput size={14} aria-hidden />} disabled={disabled}>
      {(close) => (
        <form
          className="picker-form"
          onSubmit={(event) => {
            event.preventDefault();
            onDecide({ caption: text.trim() === '' ? null : text.trim() });
            setText('');
            close();
          }}
        >
          <textarea
            className="picker-input"
            rows={3}
            maxLength={10_000}
            value={text}
            placeholder={t.samples.captionPlaceholder}
            aria-label={t.samples.caption}
            onChange={(event) => setText(event.target.value)}
          />
          <p className="picker-hint">{t.samples.captionHint}</p>
          <div className="picker-actions">
            <Button size="small" type="submit">
              {t.samples.apply}
            </Button>
          </div>
        </form>
      )}
    </ActionPopover>
  );
}

interface ActionPopoverProps {
  readonly title: string;
  readonly icon?: ReactNode;
  readonly disabled: boolean;
  readonly children: (close: () => void) => ReactNode;
}

function ActionPopover({ title, icon, disabled, children }: ActionPopoverProps) {
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button size="small" disabled={disabled}>
          {icon} {title}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="picker"
          side="top"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          aria-label={title}
        >
          {children(() => setOpen(false))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
