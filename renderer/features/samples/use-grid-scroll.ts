import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { GridLayout } from './grid-layout.ts';
import { placeAfterScroll, placeAtGridTop, type ScrollPlace, type ScrollScale, scrollScale } from './scroll-scale.ts';

/** After the last scroll event the grid counts as at rest. */
const REST_MS = 90;
/** Windows a second; faster than this thumbnails are not worth asking for. */
const FAST_WINDOWS_PER_S = 5;

export interface GridScroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly size: { readonly width: number; readonly height: number };
  readonly scale: ScrollScale;
  readonly place: ScrollPlace;
  /** Scrolling too fast to see what passes. */
  readonly fast: boolean;
  readonly onScroll: () => void;
  scrollTo(gridTopPx: number): void;
}

/** Size of a scrolling element, and where it is scrolled to. */
export function useElementSize(element: RefObject<HTMLElement | null>) {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    const measure = () => {
      setSize((before) =>
        before.width === target.clientWidth && before.height === target.clientHeight
          ? before
          : { width: target.clientWidth, height: target.clientHeight },
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

/** Scrolling of the grid, whatever its height. */
export function useGridScroll(
  scroller: RefObject<HTMLDivElement | null>,
  size: { readonly width: number; readonly height: number },
  layout: GridLayout,
): GridScroll {
  const scale = useMemo(() => scrollScale(layout.heightPx, size.height), [layout.heightPx, size.height]);
  const [place, setPlace] = useState<ScrollPlace>({ elementTopPx: 0, gridTopPx: 0 });
  const [fast, setFast] = useState(false);
  const state = useRef({ place, scale, at: 0, restTimer: 0 });
  state.current.scale = scale;

  const put = useCallback(
    (next: ScrollPlace, shownAt?: number) => {
      state.current.place = next;
      const element = scroller.current;
      // Reading where it is scrolled to costs a layout in the middle of a frame, so the browser's own scrolling is passed in.
      if (element && Math.abs((shownAt ?? element.scrollTop) - next.elementTopPx) >= 1) {
        element.scrollTop = next.elementTopPx;
      }
      setPlace(next);
    },
    [scroller],
  );

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const before = state.current.place;
    const elementTopPx = element.scrollTop;
    // Ours: put() has set the place already.
    if (Math.abs(elementTopPx - before.elementTopPx) < 1) return;
    const next = placeAfterScroll(state.current.scale, before, elementTopPx);
    const now = performance.now();
    const seconds = Math.max(0.004, (now - state.current.at) / 1_000);
    const windows = Math.abs(next.gridTopPx - before.gridTopPx) / Math.max(1, state.current.scale.viewportPx);
    state.current.at = now;
    setFast(windows / seconds > FAST_WINDOWS_PER_S);
    clearTimeout(state.current.restTimer);
    state.current.restTimer = window.setTimeout(() => {
      setFast(false);
      // At rest the bar is put where the grid is: small steps moved them by as many pixels each.
      put(placeAtGridTop(state.current.scale, state.current.place.gridTopPx));
    }, REST_MS);
    put(next, elementTopPx);
  }, [scroller, put]);

  const scrollTo = useCallback((gridTopPx: number) => put(placeAtGridTop(state.current.scale, gridTopPx)), [put]);

  // A grid that became shorter ends earlier.
  useLayoutEffect(() => {
    const inside = placeAtGridTop(scale, state.current.place.gridTopPx);
    if (
      inside.gridTopPx !== state.current.place.gridTopPx ||
      inside.elementTopPx !== state.current.place.elementTopPx
    ) {
      put(inside);
    }
  }, [scale, put]);

  useLayoutEffect(() => () => clearTimeout(state.current.restTimer), []);

  return { scroller, size, scale, place, fast, onScroll, scrollTo };
}
