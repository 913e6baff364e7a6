import { LEAST_THUMBNAIL_PX, MOST_THUMBNAIL_PX } from '../../stores/interface.ts';

/** One step smaller, down to the least there is. */
export function smallerTile(tilePx: number): number {
  return Math.max(LEAST_THUMBNAIL_PX, Math.round(tilePx / 1.2 / 4) * 4);
}

/** One step larger, up to the most there is. */
export function largerTile(tilePx: number): number {
  return Math.min(MOST_THUMBNAIL_PX, Math.round((tilePx * 1.2) / 4) * 4);
}
