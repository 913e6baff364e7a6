import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import type { NumberRange, SampleMeasure } from '../../../shared/contract/samples.ts';
import { t } from '../../messages/index.ts';
import { countWithin, type HistogramBin, placeOfValue, valueAtPlace } from './range-scale.ts';

interface RangeHistogramProps {
  readonly measure: SampleMeasure;
  readonly bins: readonly HistogramBin[];
  readonly range: NumberRange;
  readonly onRange: (range: NumberRange) => void;
}

type Handle = 'min' | 'max';
/** One press of an arrow, as a part of the axis. */
const KEY_STEP = 0.01;

/** How a number is spread, with a handle at either end; what lies between is counted while a handle is dragged. */
export function RangeHistogram({ measure, bins, range, onRange }: RangeHistogramProps) {
  const axis = useRef<HTMLDivElement>(null);
  const [draft, setDraft] = useState<NumberRange | null>(null);
  const dragging = useRef<Handle | null>(null);
  const shown = draft ?? range;
  const title = t.samples.measures[measure];
  const peak = Math.max(1, ...bins.map((bin) => bin.count));
  const from = shown.min === undefined ? 0 : placeOfValue(bins, shown.min);
  const to = shown.max === undefined ? 1 : placeOfValue(bins, shown.max);
  const first = bins[0]?.from ?? 0;
  const last = bins.at(-1)?.to ?? 0;

  const moved = (handle: Handle, place: number): NumberRange => {
    const limited = handle === 'min' ? Math.min(place, to) : Math.max(place, from);
    const { min, max } = shown;
    // A handle at its end does not narrow.
    const value = (handle === 'min' ? limited <= 0 : limited >= 1) ? undefined : valueAtPlace(bins, limited);
    const next = handle === 'min' ? { min: value, max } : { min, max: value };
    return {
      ...(next.min !== undefined && { min: next.min }),
      ...(next.max !== undefined && { max: next.max }),
    };
  };
  const placeAt = (clientX: number) => {
    const bounds = axis.current!.getBoundingClientRect();
    return Math.min(1, Math.max(0, (clientX - bounds.left) / bounds.width));
  };
  const start = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0 || bins.length === 0) return;
    const place = placeAt(event.clientX);
    dragging.current = Math.abs(place - from) <= Math.abs(place - to) && place < to ? 'min' : 'max';
    event.currentTarget.setPointerCapture(event.pointerId);
    setDraft(moved(dragging.current, place));
  };
  const move = (event: PointerEvent<HTMLDivElement>) => {
    if (dragging.current) setDraft(moved(dragging.current, placeAt(event.clientX)));
  };
  const end = () => {
    if (dragging.current && draft) onRange(draft);
    dragging.current = null;
    setDraft(null);
  };
  const key = (event: KeyboardEvent, handle: Handle) => {
    const at = handle === 'min' ? from : to;
    const targets: Record<string, number> = {
      ArrowLeft: at - KEY_STEP,
      ArrowDown: at - KEY_STEP,
      ArrowRight: at + KEY_STEP,
      ArrowUp: at + KEY_STEP,
      PageDown: at - 10 * KEY_STEP,
      PageUp: at + 10 * KEY_STEP,
      Home: 0,
      End: 1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onRange(moved(handle, Math.min(1, Math.max(0, target))));
  };
  const handle = (which: Handle, at: number, value: number) => (
    <div
      role="slider"
      tabIndex={0}
      className="range-handle"
      style={{ left: `${at * 100}%` }}
      aria-label={which === 'min' ? t.samples.lowest(title) : t.samples.highest(title)}
      aria-valuemin={first}
      aria-valuemax={last}
      aria-valuenow={value}
      aria-valuetext={t.samples.measureValue(measure, value)}
      onKeyDown={(event) => key(event, which)}
    />
  );

  return (
    <div className="range-histogram">
      <div
        ref={axis}
        className="range-axis"
        onPointerDown={start}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={end}
      >
        <svg viewBox={`0 0 ${Math.max(1, bins.length)} 100`} preserveAspectRatio="none" aria-hidden>
          {bins.map((bin, at) => {
            const height = bin.count === 0 ? 0 : Math.max(2, (bin.count / peak) * 100);
            const inside = (at + 0.5) / bins.length >= from && (at + 0.5) / bins.length <= to;
            return (
              <rect
                key={bin.from}
                x={at + 0.06}
                y={100 - height}
                width={0.88}
                height={height}
                className={inside ? 'range-bar' : 'range-bar range-bar-outside'}
              />
            );
          })}
        </svg>
        {handle('min', from, shown.min ?? first)}
        {handle('max', to, shown.max ?? last)}
      </div>
      <div className="range-legend">
        <span>{t.samples.measureValue(measure, shown.min ?? first)}</span>
        <span aria-live="polite">{draft && t.samples.aboutImages(countWithin(bins, draft.min, draft.max))}</span>
        <span>{t.samples.measureValue(measure, shown.max ?? last)}</span>
      </div>
    </div>
  );
}
