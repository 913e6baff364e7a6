import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { t } from '../../messages/index.ts';

interface ScrubberProps {
  readonly gridPx: number;
  readonly viewportPx: number;
  readonly topPx: number;
  /** Where sections begin, from 0 to 1. */
  readonly marks: readonly number[];
  /** What is at a height of the grid, in words. */
  readonly describe: (gridTopPx: number) => string;
  readonly onScroll: (gridTopPx: number) => void;
}

/** The bar at the right edge: where one is in the sort, and a handle to be somewhere else at once. */
export function Scrubber({ gridPx, viewportPx, topPx, marks, describe, onScroll }: ScrubberProps) {
  const track = useRef<HTMLDivElement>(null);
  const grip = useRef(0);
  const [dragging, setDragging] = useState(false);
  const [hover, setHover] = useState<number | null>(null);
  const end = Math.max(0, gridPx - viewportPx);
  if (end === 0) return null;
  const thumbPx = Math.max(28, (viewportPx * viewportPx) / gridPx);
  const travelPx = Math.max(1, viewportPx - thumbPx);
  const thumbTopPx = (topPx / end) * travelPx;
  const toGrid = (clientY: number) => {
    const bounds = track.current!.getBoundingClientRect();
    return Math.min(end, Math.max(0, ((clientY - bounds.top - grip.current) / travelPx) * end));
  };
  const start = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    const within = event.clientY - event.currentTarget.getBoundingClientRect().top - thumbTopPx;
    grip.current = within >= 0 && within <= thumbPx ? within : thumbPx / 2;
    setDragging(true);
    onScroll(toGrid(event.clientY));
  };
  const move = (event: PointerEvent<HTMLDivElement>) => {
    if (dragging) onScroll(toGrid(event.clientY));
    else setHover(event.clientY - event.currentTarget.getBoundingClientRect().top);
  };
  const key = (event: KeyboardEvent<HTMLDivElement>) => {
    const steps: Record<string, number> = {
      ArrowUp: topPx - viewportPx / 2,
      ArrowDown: topPx + viewportPx / 2,
      PageUp: topPx - end / 20,
      PageDown: topPx + end / 20,
      Home: 0,
      End: end,
    };
    const to = steps[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onScroll(Math.min(end, Math.max(0, to)));
  };
  const shownPx = dragging ? thumbTopPx + thumbPx / 2 : hover;
  const shownTop = dragging ? topPx : hover === null ? 0 : Math.min(end, (hover / viewportPx) * end);
  return (
    <div
      ref={track}
      className="sample-scrubber"
      role="slider"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t.samples.scrubber}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round((topPx / end) * 100)}
      aria-valuetext={describe(topPx)}
      data-dragging={dragging || undefined}
      onPointerDown={start}
      onPointerMove={move}
      onPointerUp={() => setDragging(false)}
      onPointerCancel={() => setDragging(false)}
      onPointerLeave={() => setHover(null)}
      onKeyDown={key}
    >
      {marks.map((at) => (
        <span key={at} className="sample-scrubber-mark" style={{ top: at * viewportPx }} />
      ))}
      <span className="sample-scrubber-thumb" style={{ top: thumbTopPx, height: thumbPx }} />
      {shownPx !== null && (
        <span
          className="sample-scrubber-bubble"
          style={{ top: Math.min(viewportPx - 28, Math.max(0, shownPx - 12)) }}
          aria-hidden
        >
          {describe(shownTop)}
        </span>
      )}
    </div>
  );
}
