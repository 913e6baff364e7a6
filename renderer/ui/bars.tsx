import type { ReactNode } from 'react';
import { formatCount } from '../messages/format.ts';

interface BarsProps {
  readonly rows: readonly {
    readonly key: string;
    readonly label: ReactNode;
    readonly count: number;
    readonly colour?: string;
  }[];
}

/** Counts as horizontal bars, the longest as wide as there is room. */
export function Bars({ rows }: BarsProps) {
  const most = Math.max(1, ...rows.map(({ count }) => count));
  return (
    <div className="bars">
      {rows.map(({ key, label, count, colour }) => (
        <div key={key} className="bars-row">
          <span className="truncate">{label}</span>
          <span className="bars-track">
            <span
              className="bars-bar block"
              style={{
                width: `${(100 * count) / most}%`,
                ...(colour === undefined ? {} : { backgroundColor: colour }),
              }}
            />
          </span>
          <span className="numeric">{formatCount(count)}</span>
        </div>
      ))}
    </div>
  );
}
