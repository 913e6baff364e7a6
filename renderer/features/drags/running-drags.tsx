import { X } from 'lucide-react';
import type { DragState } from '../../../shared/host-bridge.ts';
import { formatPercent } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { dismissDrag } from '../../stores/drags.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Progress } from '../../ui/progress.tsx';

/** Files that are laid out to be dragged, and those that are ready. */
export function RunningDrags({ drags }: { readonly drags: readonly DragState[] }) {
  return drags.map(({ key, state, progress }) => {
    const isReady = state === 'ready';
    const title = isReady ? t.drags.readyShort : t.drags.staging;
    return (
      <div key={key} className="rail-job">
        <span className="flex items-center justify-between gap-2">
          <span className="truncate" title={title}>
            {title}
          </span>
          {!isReady && <span className="numeric text-ink-quiet">{formatPercent(progress)}</span>}
          <IconButton label={isReady ? t.drags.dismiss : t.drags.cancel} icon={X} onClick={() => dismissDrag(key)} />
        </span>
        {!isReady && <Progress label={title} value={progress} thin />}
      </div>
    );
  });
}
