import './picker.css';
import {
  ChartPie,
  CheckCheck,
  CircleCheck,
  Columns2,
  OctagonX,
  Tag,
  TextCursorInput,
  TriangleAlert,
  X,
} from 'lucide-react';
import { Popover } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import type { SampleChange } from '../../../shared/contract/decisions.ts';
import { SPLITS } from '../../../shared/vocabulary.ts';
import { shownKey } from '../../keyboard/key-map.ts';
import { t } from '../../messages/index.ts';
import { useLive } from '../../stores/live.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';
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

const DECISIONS = [
  {
    status: 'accepted',
    word: t.samples.accept,
    name: t.samples.acceptCount,
    icon: CircleCheck,
    command: 'browse.accept',
  },
  {
    status: 'quarantined',
    word: t.samples.quarantine,
    name: t.samples.quarantineCount,
    icon: TriangleAlert,
    command: 'browse.quarantine',
  },
  { status: 'rejected', word: t.samples.reject, name: t.samples.rejectCount, icon: OctagonX, command: 'browse.reject' },
] as const;

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
        <Tooltip text={t.samples.selectAll(total)} keys={shownKey('browse.select-all')}>
          <Button variant="ghost" size="small" aria-label={t.samples.selectAll(total)} onClick={onSelectAll}>
            <CheckCheck size={14} aria-hidden />{' '}
            <span className="selection-word">{t.samples.selectAllShort(total)}</span>
          </Button>
        </Tooltip>
      )}
      <span className="selection-divider" />
      {DECISIONS.map(({ status, word, name, icon: Icon, command }) => (
        <Tooltip key={status} text={name(count)} keys={shownKey(command)}>
          <Button size="small" disabled={disabled} aria-label={name(count)} onClick={() => onDecide({ status })}>
            <Icon size={14} aria-hidden /> <span className="selection-decision">{word}</span>
          </Button>
        </Tooltip>
      ))}
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
        <Tooltip text={t.samples.compare} keys={shownKey('browse.compare')}>
          <Button size="small" aria-label={t.samples.compare} onClick={onCompare}>
            <Columns2 size={14} aria-hidden /> <span className="selection-word">{t.samples.compare}</span>
          </Button>
        </Tooltip>
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
    <ActionPopover title={t.samples.split} icon={<ChartPie size={14} aria-hidden />} disabled={disabled}>
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
  readonly icon: ReactNode;
  readonly disabled: boolean;
  readonly children: (close: () => void) => ReactNode;
}

function ActionPopover({ title, icon, disabled, children }: ActionPopoverProps) {
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Tooltip text={title}>
        <Popover.Trigger asChild>
          <Button size="small" disabled={disabled} aria-label={title}>
            {icon} <span className="selection-word">{title}</span>
          </Button>
        </Popover.Trigger>
      </Tooltip>
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
