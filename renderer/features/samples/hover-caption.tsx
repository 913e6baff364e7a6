import { type RefObject, useEffect, useState } from 'react';
import { t } from '../../messages/index.ts';
import type { BrowseSession } from './browse-session.ts';
import { type GridLayout, tileRectangle } from './grid-layout.ts';

interface HoverCaptionProps {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly session: BrowseSession;
  readonly layout: GridLayout;
  /** Top of the layer that it is placed in. */
  readonly layer: number;
}

/** Label and size of the tile under the pointer: one element for the whole grid. */
export function HoverCaption({ scroller, session, layout, layer }: HoverCaptionProps) {
  const [index, setIndex] = useState<number | null>(null);
  useEffect(() => {
    const element = scroller.current;
    const over = (event: PointerEvent) => {
      const tile = (event.target as Element).closest<HTMLElement>('[data-index]');
      setIndex(tile ? Number(tile.dataset.index) : null);
    };
    const leave = () => setIndex(null);
    element?.addEventListener('pointerover', over, { passive: true });
    element?.addEventListener('pointerleave', leave, { passive: true });
    return () => {
      element?.removeEventListener('pointerover', over);
      element?.removeEventListener('pointerleave', leave);
    };
  }, [scroller]);
  if (index === null || index >= layout.count) return null;
  const sample = session.at(index);
  if (!sample) return null;
  const { left, top, width } = tileRectangle(layout, index);
  return (
    <div className="sample-hover" role="presentation" style={{ left, top: top - layer + width - 22, width }}>
      {t.samples.tileCaption(sample)}
    </div>
  );
}
