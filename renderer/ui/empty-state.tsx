import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

interface EmptyStateProps {
  readonly icon: LucideIcon;
  readonly title: string;
  /** What the screen will look like. */
  readonly text?: ReactNode;
  /** The one action that fills it. */
  readonly children?: ReactNode;
}

export function EmptyState({ icon: Icon, title, text, children }: EmptyStateProps) {
  return (
    <div className="state">
      <Icon className="state-icon" size={32} strokeWidth={1.5} aria-hidden />
      <h2 className="state-title">{title}</h2>
      {text !== undefined && <p className="state-text">{text}</p>}
      {children !== undefined && <div className="state-actions">{children}</div>}
    </div>
  );
}
