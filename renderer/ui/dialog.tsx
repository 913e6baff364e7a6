import { X } from 'lucide-react';
import { AlertDialog, Dialog as Radix } from 'radix-ui';
import { type ReactNode, useRef } from 'react';
import { t } from '../messages/index.ts';
import { Button } from './button.tsx';
import { IconButton } from './icon-button.tsx';

interface DialogProps {
  readonly title: string;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly children: ReactNode;
  /** Buttons; left out where the dialog only tells something. */
  readonly foot?: ReactNode;
  readonly size?: 'normal' | 'large';
}

/** Where work begins: the first field, else the main button; not the cross, which a tooltip would cover. */
function focusFirst(event: Event): void {
  const dialog = event.currentTarget as HTMLElement;
  const fields = '.dialog-body :is(input, select, textarea):not(:disabled)';
  const first =
    dialog.querySelector<HTMLElement>(fields) ?? dialog.querySelector<HTMLElement>('[data-variant="primary"]');
  event.preventDefault();
  (first ?? dialog).focus();
  if (first instanceof HTMLInputElement) first.select();
}

/** Gives the focus back to what had it before: Radix knows only triggers of its own. */
function useFocusBack() {
  const before = useRef<Element | null>(null);
  return {
    remember: () => {
      before.current = document.activeElement;
    },
    giveBack: (event: Event) => {
      if (!(before.current instanceof HTMLElement)) return;
      event.preventDefault();
      before.current.focus();
    },
  };
}

export function Dialog({ title, open, onOpenChange, children, foot, size = 'normal' }: DialogProps) {
  const focus = useFocusBack();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="overlay" />
        <Radix.Content
          className="dialog"
          data-size={size}
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            focus.remember();
            focusFirst(event);
          }}
          onCloseAutoFocus={focus.giveBack}
        >
          <div className="dialog-head">
            <Radix.Title className="dialog-title">{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton label={t.ui.close} icon={X} keys="Esc" />
            </Radix.Close>
          </div>
          <div className="dialog-body">{children}</div>
          {foot !== undefined && <div className="dialog-foot">{foot}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ConfirmDialogProps {
  readonly title: string;
  /** What will be gone, with its name and count. */
  readonly text: string;
  /** A verb. */
  readonly action: string;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly onConfirm: () => void;
}

/** Asks once before what cannot be undone. */
export function ConfirmDialog({ title, text, action, open, onOpenChange, onConfirm }: ConfirmDialogProps) {
  const focus = useFocusBack();
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="overlay" />
        <AlertDialog.Content className="dialog" onOpenAutoFocus={focus.remember} onCloseAutoFocus={focus.giveBack}>
          <div className="dialog-head">
            <AlertDialog.Title className="dialog-title">{title}</AlertDialog.Title>
          </div>
          <AlertDialog.Description className="dialog-body">{text}</AlertDialog.Description>
          <div className="dialog-foot">
            <AlertDialog.Cancel asChild>
              <Button>{t.ui.cancel}</Button>
            </AlertDialog.Cancel>
            <AlertDialog.Action asChild>
              <Button variant="danger" onClick={onConfirm}>
                {action}
              </Button>
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
