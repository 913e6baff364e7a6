import type { ReactNode } from 'react';

interface BadgeProps {
  readonly tone?: 'plain' | 'accent' | 'accepted' | 'quarantined' | 'rejected';
  readonly children: ReactNode;
}

export function Badge({ tone = 'plain', children }: BadgeProps) {
  return (
    <span className="badge" data-tone={tone}>
      {children}
    </span>
  );
}
