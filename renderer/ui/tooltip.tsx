import { Tooltip as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

interface TooltipProps {
  readonly text: ReactNode;
  readonly keys?: string | undefined;
  /** Where there is room. Default `top`. */
  readonly side?: 'top' | 'right';
  /** One element that takes a ref. */
  readonly children: ReactNode;
}

export function Tooltip({ text, keys, side = 'top', children }: TooltipProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="tooltip" side={side} sideOffset={4} collisionPadding={8}>
          {text}
          {keys !== undefined && <span> ({keys})</span>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
