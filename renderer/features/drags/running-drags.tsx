import { X } from 'lucide-react';
import type { DragState } from '../../../shared/host-bridge.ts';
import { formatPercent } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { dismissDrag } from '../../stores/drags.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Progress } from '../../ui/progress.tsx';

interface RunningDragsProps {
  readonly drags: readonly DragState[];
  /** Whether there is room for no words. */
  readonly collapsed: boolean;
}

/** Files that are laid out to be dragged, and those that are ready. */
export function RunningDrags({ drags, collapsed }: RunningDragsProps) {
  return drags.map(({ key, state, progress }) => {
    const isReady = state === 'ready';
    const title = isReady ? t.drags.readyShort : t.drags.staging;
    return (
      <div key={key} className="rail-job" title={title}>
        <span className="flex items-center justify-between gap-2">
          <span className={collapsed ? 'sr-only' : 'truncate'}>{title}</span>
          {!isReady && <span className="numeric whitespace-nowrap text-ink-quiet">{formatPercent(progress)}</span>}
          {(isReady || !collapsed) && (
            <IconButton label={isReady ? t.drags.dismiss : t.drags.cancel} icon={X} onClick={() => dismissDrag(key)} />
          )}
        </span>
        {!isReady && <Progress label={title} value={progress} thin />}
      </div>
    );
  });
}
