/**
 * Chromium caps an element at 33.5 million pixels, and its compositor places things exactly only below 2^24. A grid that is
 * taller scrolls a shorter element: small steps move the grid by as many pixels, long ones (the bar is dragged, End is
 * pressed) by the ratio of both heights.
 */
export const MAX_SCROLL_HEIGHT_PX = 15_000_000;

export interface ScrollScale {
  /** Of the grid. */
  readonly gridPx: number;
  readonly viewportPx: number;
  /** Of the element that scrolls, at most `MAX_SCROLL_HEIGHT_PX`. */
  readonly elementPx: number;
}

/** Where both are scrolled to. */
export interface ScrollPlace {
  readonly elementTopPx: number;
  readonly gridTopPx: number;
}

export function scrollScale(gridPx: number, viewportPx: number, maxPx = MAX_SCROLL_HEIGHT_PX): ScrollScale {
  return { gridPx, viewportPx, elementPx: Math.min(gridPx, Math.max(maxPx, viewportPx)) };
}

/** The place of the element at which the grid is scrolled to `gridTopPx`, which is brought inside the grid. */
export function placeAtGridTop(scale: ScrollScale, gridTopPx: number): ScrollPlace {
  const gridEnd = Math.max(0, scale.gridPx - scale.viewportPx);
  const top = Math.min(gridEnd, Math.max(0, gridTopPx));
  if (scale.elementPx === scale.gridPx) return { elementTopPx: top, gridTopPx: top };
  const elementEnd = Math.max(0, scale.elementPx - scale.viewportPx);
  return { elementTopPx: gridEnd === 0 ? 0 : (top / gridEnd) * elementEnd, gridTopPx: top };
}

/**
 * The place after the element was scrolled by the browser. The element of the result may differ from where the browser put
 * it (at both ends, so that neither is reached before the grid's): then it has to be put there.
 */
export function placeAfterScroll(scale: ScrollScale, before: ScrollPlace, elementTopPx: number): ScrollPlace {
  if (scale.elementPx === scale.gridPx) return { elementTopPx, gridTopPx: elementTopPx };
  const elementEnd = Math.max(0, scale.elementPx - scale.viewportPx);
  const gridEnd = Math.max(0, scale.gridPx - scale.viewportPx);
  const step = elementTopPx - before.elementTopPx;
  if (Math.abs(step) > 2 * scale.viewportPx) {
    return placeAtGridTop(scale, elementEnd === 0 ? 0 : (elementTopPx / elementEnd) * gridEnd);
  }
  const gridTopPx = Math.min(gridEnd, Math.max(0, before.gridTopPx + step));
  const atElementEnd = elementTopPx <= 0 || elementTopPx >= elementEnd;
  const atGridEnd = gridTopPx <= 0 || gridTopPx >= gridEnd;
  return atElementEnd || atGridEnd ? placeAtGridTop(scale, gridTopPx) : { elementTopPx, gridTopPx };
}
