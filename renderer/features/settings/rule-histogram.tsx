import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import type { MeasuredRule } from '../../../shared/contract/rules.ts';
import { api } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { countWithin, isCut, placeOfValue, valueAtPlace, widened } from '../samples/range-scale.ts';
import { thresholdOf } from './rule-draft.ts';

interface RuleHistogramProps {
  readonly datasetId: number;
  readonly rule: MeasuredRule;
  readonly value: number;
  readonly onValue: (value: number) => void;
}

/** One press of an arrow, as a part of the axis. */
const KEY_STEP = 0.01;

/** How the dataset's images are spread around a threshold, which can be dragged. */
export function RuleHistogram({ datasetId, rule, value, onValue }: RuleHistogramProps) {
  const axis = useRef<HTMLDivElement>(null);
  const { data } = useQuery(api.rules.histogram.queryOptions({ input: { datasetId, rule } }));
  // It only grows: an axis that shrank while a threshold is dragged back would run away from the pointer.
  const reach = useRef({ least: value, most: value });
  reach.current = { least: Math.min(reach.current.least, value), most: Math.max(reach.current.most, value) };
  if (data === undefined || data.bins.length === 0) return null;
  const { bad } = data;
  const bins = widened(data.bins, reach.current.least, reach.current.most);
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  const title = t.settings.ruleNames[rule]?.title ?? rule;
  const at = placeOfValue(bins, value);
  const peak = Math.max(...bins.map((bin) => bin.count));
  const beyond = bad === 'below' ? countWithin(bins, undefined, value) : countWithin(bins, value, undefined);

  const put = (place: number) => {
    const next = valueAtPlace(bins, Math.min(1, Math.max(0, place)));
    onValue(thresholdOf(rule, next));
  };
  const putAt = (event: PointerEvent) => {
    const bounds = axis.current?.getBoundingClientRect();
    if (bounds !== undefined) put((event.clientX - bounds.left) / bounds.width);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const places: Readonly<Record<string, number>> = {
      ArrowLeft: at - KEY_STEP,
      ArrowDown: at - KEY_STEP,
      ArrowRight: at + KEY_STEP,
      ArrowUp: at + KEY_STEP,
      PageDown: at - 10 * KEY_STEP,
      PageUp: at + 10 * KEY_STEP,
      Home: 0,
      End: 1,
    };
    const place = places[event.key];
    if (place === undefined) return;
    event.preventDefault();
    put(place);
  };

  return (
    <div className="rule-histogram">
      <div
        ref={axis}
        className="rule-axis"
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          putAt(event);
        }}
        onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && putAt(event)}
      >
        <svg viewBox={`0 0 ${bins.length} 100`} preserveAspectRatio="none" aria-hidden>
          {bins.map((bin, index) => {
            const height = bin.count === 0 ? 0 : Math.max(3, (100 * bin.count) / peak);
            const isBeyond = bad === 'below' ? (index + 0.5) / bins.length < at : (index + 0.5) / bins.length > at;
            return (
              <rect
                key={bin.from}
                x={index + 0.06}
                y={100 - height}
                width={0.88}
                height={height}
                data-beyond={isBeyond || undefined}
              />
            );
          })}
        </svg>
        <div
          role="slider"
          tabIndex={0}
          className="rule-handle"
          style={{ left: `${100 * at}%` }}
          aria-label={t.settings.spread(title)}
          aria-valuemin={bins[0]?.from ?? 0}
          aria-valuemax={bins.at(-1)?.to ?? 0}
          aria-valuenow={value}
          aria-valuetext={t.settings.ruleValue(rule, value)}
          onKeyDown={onKeyDown}
        />
      </div>
      <div className="rule-legend">
        <span>{t.settings.ruleValue(rule, bins[0]?.from ?? 0)}</span>
        <span aria-live="polite">{t.settings[bad](beyond, total, isCut(bins, value))}</span>
        <span>{t.settings.ruleValue(rule, bins.at(-1)?.to ?? 0)}</span>
      </div>
    </div>
  );
}
