import { type PointerEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import type { Rectangle } from './grid-layout.ts';

/** Below this the pointer only clicked. */
const THRESHOLD_PX = 5;
/** Near an edge the grid scrolls under the pointer. */
const EDGE_PX = 32;
const EDGE_STEP_PX = 24;

export interface MarqueeKeys {
  readonly toggle: boolean;
  readonly range: boolean;
}

interface MarqueeOptions {
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Where the grid is scrolled to now. */
  readonly gridTop: () => number;
  readonly scrollBy: (pixels: number) => void;
  readonly onClick: (left: number, top: number, keys: MarqueeKeys) => void;
  readonly onStart: () => void;
  /** Asked when the pointer begins to move from there: whether it drags what is there, so that no marquee is drawn. */
  readonly onDrag: (left: number, top: number, keys: MarqueeKeys) => boolean;
  readonly onMove: (rectangle: Rectangle, keys: MarqueeKeys) => void;
}

/** Telling a click from a marquee, and the rectangle of the latter in the grid's coordinates. Touch scrolls instead. */
export function useMarquee(options: MarqueeOptions) {
  const [rectangle, setRectangle] = useState<Rectangle | null>(null);
  const latest = useRef(options);
  latest.current = options;
  const drag = useRef<{ left: number; top: number; x: number; y: number; drawing: boolean; keys: MarqueeKeys } | null>(
    null,
  );
  const frame = useRef(0);

  const locate = useCallback((x: number, y: number) => {
    const { scroller, gridTop } = latest.current;
    const bounds = scroller.current!.getBoundingClientRect();
    return { left: x - bounds.left, top: y - bounds.top + gridTop() };
  }, []);

  const update = useCallback(() => {
    const at = drag.current;
    if (!at?.drawing) return;
    const here = locate(at.x, at.y);
    const next = {
      left: Math.min(at.left, here.left),
      top: Math.min(at.top, here.top),
      width: Math.abs(here.left - at.left),
      height: Math.abs(here.top - at.top),
    };
    setRectangle(next);
    latest.current.onMove(next, at.keys);
  }, [locate]);

  const follow = useCallback(() => {
    const at = drag.current;
    const element = latest.current.scroller.current;
    if (!at?.drawing || !element) return;
    const bounds = element.getBoundingClientRect();
    const above = bounds.top + EDGE_PX - at.y;
    const below = at.y - (bounds.bottom - EDGE_PX);
    if (above > 0 || below > 0) {
      latest.current.scrollBy(above > 0 ? -EDGE_STEP_PX : EDGE_STEP_PX);
      update();
    }
    frame.current = requestAnimationFrame(follow);
  }, [update]);

  const onPointerDown = useCallback(
    (event: PointerEvent<HTMLDivElement>) => {
      if (event.button !== 0 || event.pointerType === 'touch') return;
      const keys = { toggle: event.ctrlKey || event.metaKey, range: event.shiftKey };
      drag.current = {
        ...locate(event.clientX, event.clientY),
        x: event.clientX,
        y: event.clientY,
        drawing: false,
        keys,
      };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    [locate],
  );

  const onPointerMove = useCallback(
    (event: PointerEvent<HTMLDivElement>) => {
      const at = drag.current;
      if (!at) return;
      const distance = Math.hypot(event.clientX - at.x, event.clientY - at.y);
      if (!at.drawing && distance < THRESHOLD_PX) return;
      at.x = event.clientX;
      at.y = event.clientY;
      if (!at.drawing) {
        if (latest.current.onDrag(at.left, at.top, at.keys)) {
          drag.current = null;
          event.currentTarget.releasePointerCapture(event.pointerId);
          return;
        }
        at.drawing = true;
        latest.current.onStart();
        frame.current = requestAnimationFrame(follow);
      }
      update();
    },
    [follow, update],
  );

  const end = useCallback((event: PointerEvent<HTMLDivElement>) => {
    const at = drag.current;
    drag.current = null;
    cancelAnimationFrame(frame.current);
    setRectangle(null);
    if (at && !at.drawing && event.type === 'pointerup') latest.current.onClick(at.left, at.top, at.keys);
  }, []);

  useEffect(() => () => cancelAnimationFrame(frame.current), []);

  return { rectangle, handlers: { onPointerDown, onPointerMove, onPointerUp: end, onPointerCancel: end } };
}
