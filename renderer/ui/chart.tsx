import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { formatTime } from '../messages/format.ts';

/** Of the time axis: a run that has just begun is not drawn in milliseconds. */
const LEAST_SPAN = 30;
/** Seconds between two times on the axis. */
const STEPS = [5, 10, 15, 30, 60, 120, 300];

interface SparklineProps {
  /** What it shows, for screen readers. */
  readonly label: string;
  /** Seconds since 1970, ascending, and a value each. They stand side by side, however much time is left out between two. */
  readonly times: readonly number[];
  readonly values: readonly number[];
  /** What stands beside a value, with its unit. */
  readonly format: (value: number) => string;
  readonly heightPx?: number;
}

/** A value over time, with its axis in the unit of `format`. */
export function Sparkline({ label, times, values, format, heightPx = 96 }: SparklineProps) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const formatter = useRef(format);
  formatter.current = format;
  const shownTimes = useRef(times);

  useEffect(() => {
    const target = element.current;
    if (target === null) return;
    // Asked at each drawing: the theme may have changed.
    const style = getComputedStyle(target);
    const colour = (name: string) => () => style.getPropertyValue(name).trim();
    const axis = {
      stroke: colour('--ink-quiet'),
      font: '11px system-ui',
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
    };
    const made = new uPlot(
      {
        width: Math.max(80, target.clientWidth),
        height: heightPx,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: (_plot, least, most) => [Math.min(least, most - LEAST_SPAN), most] },
          y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] },
        },
        axes: [
          {
            ...axis,
            size: 20,
            space: 96,
            grid: { show: false },
            incrs: STEPS,
            values: (_plot, ticks) => ticks.map((tick) => timeAt(shownTimes.current, tick)),
          },
          { ...axis, size: 64, values: (_plot, ticks) => ticks.map((tick) => formatter.current(tick)) },
        ],
        series: [
          {},
          { stroke: colour('--accent'), width: 1.5, fill: colour('--accent-soft'), points: { show: false } },
        ],
      },
      [[], []],
      target,
    );
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: Math.max(80, target.clientWidth), height: heightPx }),
    );
    observer.observe(target);
    const themeObserver = new MutationObserver(() => made.redraw());
    themeObserver.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      observer.disconnect();
      themeObserver.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [heightPx]);

  useEffect(() => {
    shownTimes.current = times;
    plot.current?.setData([times.map((_, index) => placeOf(times, index)), [...values]]);
  }, [times, values]);

  return <div ref={element} className="chart" role="img" aria-label={label} />;
}

/** A place for each value beside the one before, in seconds that end with the last time: so the axis has round ones. */
function placeOf(times: readonly number[], index: number): number {
  return (times.at(-1) ?? 0) - (times.length - 1 - index);
}

/** The time at a place; what stands before the first is a second each. */
function timeAt(times: readonly number[], place: number): string {
  const index = place - placeOf(times, 0);
  return formatTime(1000 * (times[index] ?? (times[0] ?? 0) + index));
}
