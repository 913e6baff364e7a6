import type { LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';
import { Tooltip } from './tooltip.tsx';

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  /** Its name, for the tooltip and for screen readers. */
  readonly label: string;
  readonly icon: LucideIcon;
  /** The key that does the same, as shown to people. */
  readonly keys?: string;
  /** Whether what it switches is on; left out for a button that switches nothing. */
  readonly pressed?: boolean;
}

export function IconButton({ label, icon: Icon, keys, pressed, className, type = 'button', ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} keys={keys}>
      <button
        {...rest}
        type={type}
        className={className === undefined ? 'icon-button' : `icon-button ${className}`}
        aria-label={label}
        aria-pressed={pressed}
      >
        <Icon size={16} aria-hidden />
      </button>
    </Tooltip>
  );
}
