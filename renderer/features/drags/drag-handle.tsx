import './drags.css';
import { Check, ChevronDown, GripVertical } from 'lucide-react';
import { DRAG_LAYOUTS, type DragLayout, type DragRequest } from '../../../shared/contract/drags.ts';
import { host } from '../../api/host.ts';
import { t } from '../../messages/index.ts';
import { copyOut, startDrag } from '../../stores/drags.ts';
import { useInterface } from '../../stores/interface.ts';
import { useOffline } from '../../stores/live.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';

interface DragHandleProps {
  /** What is dragged, in the layout that was chosen last. */
  readonly request: (layout: DragLayout) => DragRequest;
  /** Whether a layout can be chosen. Default true. */
  readonly hasLayouts?: boolean;
}

/** Lets files be dragged out of the window; a click, or the keyboard, copies them to a folder. Nothing in a browser. */
export function DragHandle({ request, hasLayouts = true }: DragHandleProps) {
  const { dragLayout: layout, set } = useInterface();
  const isOffline = useOffline();
  if (host.desktop === undefined) return null;
  return (
    <span className="drag-handle">
      <Tooltip text={t.drags.dragHint}>
        <Button
          size="small"
          draggable={!isOffline}
          disabled={isOffline}
          aria-label={t.drags.drag}
          onDragStart={(event) => {
            event.preventDefault();
            startDrag(request(layout));
          }}
          onClick={() => void copyOut(request(layout))}
        >
          <GripVertical size={14} aria-hidden /> <span className="selection-word">{t.drags.drag}</span>
        </Button>
      </Tooltip>
      {hasLayouts && (
        <Menu
          trigger={<IconButton label={t.drags.layoutIs(layout)} icon={ChevronDown} />}
          groups={[
            DRAG_LAYOUTS.map((each) => ({
              title: t.drags.layout(each),
              ...(each === layout ? { icon: Check } : {}),
              run: () => set({ dragLayout: each }),
            })),
          ]}
        />
      )}
    </span>
  );
}
