import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useSyncExternalStore } from 'react';
import { t } from '../../messages/index.ts';
import { useInterface } from '../../stores/interface.ts';

const LEAST_PX = 240;
const MOST_PX = 640;
const KEY_STEP_PX = 16;
/** Below this there is no room for a panel beside the grid. */
const WIDE = window.matchMedia('(min-width: 1000px)');

/** Whether there is room for a panel beside the grid. */
export function useIsWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      WIDE.addEventListener('change', listener);
      return () => WIDE.removeEventListener('change', listener);
    },
    () => WIDE.matches,
  );
}

/** The panel at the right, whose width is the user's. */
export function SidePanel({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const { inspectorWidthPx, set } = useInterface();
  const drag = useRef<{ x: number; widthPx: number } | null>(null);
  const resize = (widthPx: number) =>
    set({ inspectorWidthPx: Math.min(MOST_PX, Math.max(LEAST_PX, Math.round(widthPx))) });
  const start = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, widthPx: inspectorWidthPx };
  };
  const move = (event: PointerEvent<HTMLDivElement>) => {
    if (drag.current) resize(drag.current.widthPx + drag.current.x - event.clientX);
  };
  const end = () => {
    drag.current = null;
  };
  const key = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    event.stopPropagation();
    resize(inspectorWidthPx + (event.key === 'ArrowLeft' ? KEY_STEP_PX : -KEY_STEP_PX));
  };
  return (
    <aside className="side-panel" aria-label={title} style={{ width: inspectorWidthPx }}>
      {/* biome-ignore lint/a11y/useSemanticElements: a rule that is dragged is a separator with a value, which hr has not */}
      <div
        className="side-panel-edge"
        role="separator"
        tabIndex={0}
        aria-orientation="vertical"
        aria-label={t.samples.resize(title)}
        aria-valuenow={inspectorWidthPx}
        aria-valuemin={LEAST_PX}
        aria-valuemax={MOST_PX}
        onPointerDown={start}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={end}
        onKeyDown={key}
      />
      <div className="side-panel-content">{children}</div>
    </aside>
  );
}
