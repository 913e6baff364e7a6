import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';

interface DisclosureProps {
  readonly title: string;
  readonly className: string;
  /** Whether it is open at first. Default false. */
  readonly open?: boolean;
  readonly children: ReactNode;
}

/** What can be folded away under its title; the browser keeps whether it is. */
export function Disclosure({ title, className, open = false, children }: DisclosureProps) {
  return (
    <details className={className} open={open}>
      <summary>
        <ChevronRight size={14} className="disclosure-mark" aria-hidden />
        {title}
      </summary>
      {children}
    </details>
  );
}
