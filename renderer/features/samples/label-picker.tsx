import './picker.css';
import { Command } from 'cmdk';
import { Check, ChevronDown } from 'lucide-react';
import { Popover } from 'radix-ui';
import { type ReactNode, useId, useState } from 'react';
import { t } from '../../messages/index.ts';
import { LabelDot } from './label-dot.tsx';

/** More than these are found by typing. */
const MAX_SHOWN = 200;
/** Labels with a key of their own come first, in the order of their keys. */
const KEYED = 9;

interface LabelPickerProps {
  readonly labels: readonly string[];
  /** The label now; undefined where several are chosen. */
  readonly value: string | null | undefined;
  readonly onChoose: (label: string | null) => void;
  readonly labelledBy?: string;
  /** What opens it; a field with the label by default. */
  readonly trigger?: ReactNode;
}

/** Finds a label by typing, or makes one. */
export function LabelPicker({ labels, value, onChoose, labelledBy, trigger }: LabelPickerProps) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const valueId = useId();
  const wanted = text.trim();
  const ordered = [...labels.slice(0, KEYED), ...labels.slice(KEYED).sort((left, right) => left.localeCompare(right))];
  const matching = ordered.filter((label) => label.toLowerCase().includes(wanted.toLowerCase())).slice(0, MAX_SHOWN);
  const isNew = wanted !== '' && wanted.length <= 100 && !labels.includes(wanted);
  const choose = (label: string | null) => {
    onChoose(label);
    setOpen(false);
    setText('');
  };
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        {trigger ?? (
          <button type="button" className="picker-field" aria-labelledby={`${labelledBy} ${valueId}`}>
            <span id={valueId} className="truncate">
              {t.samples.labelName(value ?? null)}
            </span>
            <ChevronDown size={14} aria-hidden />
          </button>
        )}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="picker"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label={t.samples.label}
        >
          <Command shouldFilter={false} loop label={t.samples.findLabel}>
            <Command.Input
              className="picker-input"
              value={text}
              onValueChange={setText}
              placeholder={t.samples.findLabel}
              maxLength={100}
            />
            <Command.List className="picker-list">
              {matching.map((label) => (
                <Command.Item
                  key={label}
                  value={`label ${label}`}
                  className="picker-item"
                  onSelect={() => choose(label)}
                >
                  <Check size={14} aria-hidden className={label === value ? '' : 'invisible'} />
                  <LabelDot place={labels.indexOf(label)} />
                  <span className="truncate">{label}</span>
                  <Digit labels={labels} label={label} />
                </Command.Item>
              ))}
              {isNew && (
                <Command.Item value="new" className="picker-item" onSelect={() => choose(wanted)}>
                  {t.samples.newLabel(wanted)}
                </Command.Item>
              )}
              {wanted === '' && (
                <Command.Item value="none" className="picker-item" onSelect={() => choose(null)}>
                  <Check size={14} aria-hidden className={value === null ? '' : 'invisible'} />
                  {t.samples.noLabel}
                </Command.Item>
              )}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** The key that gives this label, where there is one. */
function Digit({ labels, label }: { readonly labels: readonly string[]; readonly label: string }) {
  const at = labels.indexOf(label);
  return at < KEYED ? <kbd className="picker-key">{at + 1}</kbd> : null;
}
