import type { LucideIcon } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { type ReactNode, useRef } from 'react';

interface MenuEntry {
  readonly title: string;
  readonly icon?: LucideIcon;
  /** As shown to people. */
  readonly keys?: string;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
  readonly run: () => void;
}

interface MenuProps {
  /** The button that opens it; takes a ref. */
  readonly trigger: ReactNode;
  /** Groups of entries, with a line between them. */
  readonly groups: readonly (readonly MenuEntry[])[];
  readonly align?: 'start' | 'end';
}

export function Menu({ trigger, groups, align = 'end' }: MenuProps) {
  const chosen = useRef<(() => void) | null>(null);
  /** Once the trigger has the focus again, so that a dialog gives it back there. */
  const runChosen = () => {
    if (chosen.current !== null) setTimeout(chosen.current);
    chosen.current = null;
  };
  return (
    // Not modal: that would hide what can still be focused from screen readers.
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="floating menu"
          align={align}
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={runChosen}
        >
          {groups
            .filter((group) => group.length > 0)
            .map((group, index) => (
              <DropdownMenu.Group key={group[0]?.title}>
                {index > 0 && <DropdownMenu.Separator className="menu-separator" />}
                {group.map(({ title, icon: Icon, keys, isDanger, isDisabled = false, run }) => (
                  <DropdownMenu.Item
                    key={title}
                    className="menu-item"
                    data-danger={isDanger}
                    disabled={isDisabled}
                    onSelect={() => {
                      chosen.current = run;
                    }}
                  >
                    {Icon !== undefined && <Icon size={14} aria-hidden />}
                    {title}
                    {keys !== undefined && <span className="menu-keys">{keys}</span>}
                  </DropdownMenu.Item>
                ))}
              </DropdownMenu.Group>
            ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
