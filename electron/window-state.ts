/** Where the window was, and where it can be now: displays come, go and change their scale. All lengths in device-independent pixels. */

import { z } from 'zod';

const length = z.number().int().min(-1_000_000).max(1_000_000);
const rectangle = z.object({ x: length, y: length, width: length.min(1), height: length.min(1) });

export const windowStateSchema = z.object({
  /** Of the window when it is neither maximised nor full screen. */
  bounds: rectangle,
  isMaximized: z.boolean(),
  isFullScreen: z.boolean(),
  display: z.object({ id: z.number(), workArea: rectangle }),
});

type Rectangle = z.infer<typeof rectangle>;
export type WindowState = z.infer<typeof windowStateSchema>;

/** What matters of Electron's Display. */
export interface DisplayArea {
  readonly id: number;
  /** Without the bars of the system. */
  readonly workArea: Rectangle;
}

export const LEAST_SIZE = { width: 720, height: 480 } as const;
const DEFAULT_SIZE = { width: 1280, height: 860 } as const;

export interface Placement {
  readonly bounds: Rectangle;
  readonly isMaximized: boolean;
  readonly isFullScreen: boolean;
}

/**
 * The place for a window: the one it had, on the display it was on, as far as that is there; else on the display that it
 * overlaps most, else in the middle of the primary one. It lies within the work area of one display, whole.
 * @param displays at least one, the primary one first
 */
export function placeWindow(state: WindowState | null, displays: readonly DisplayArea[]): Placement {
  const [primary] = displays;
  if (primary === undefined) throw new Error('Expected at least one display.');
  if (state === null)
    return { bounds: centred(primary.workArea, DEFAULT_SIZE), isMaximized: false, isFullScreen: false };
  const { isMaximized, isFullScreen } = state;
  const same = displays.find(({ id }) => id === state.display.id);
  if (same !== undefined) {
    // Displays move when others come and go: the place counts from the corner of the window's own.
    const x = same.workArea.x + state.bounds.x - state.display.workArea.x;
    const y = same.workArea.y + state.bounds.y - state.display.workArea.y;
    return { bounds: within(same.workArea, { ...state.bounds, x, y }), isMaximized, isFullScreen };
  }
  const best = displays.reduce((best, each) =>
    overlap(each.workArea, state.bounds) > overlap(best.workArea, state.bounds) ? each : best,
  );
  const bounds =
    overlap(best.workArea, state.bounds) > 0
      ? within(best.workArea, state.bounds)
      : centred(best.workArea, state.bounds);
  return { bounds, isMaximized, isFullScreen };
}

function within(area: Rectangle, wanted: Rectangle): Rectangle {
  const { width, height } = fitting(area, wanted);
  return {
    x: clamp(wanted.x, area.x, area.x + area.width - width),
    y: clamp(wanted.y, area.y, area.y + area.height - height),
    width,
    height,
  };
}

function centred(area: Rectangle, wanted: Pick<Rectangle, 'width' | 'height'>): Rectangle {
  const { width, height } = fitting(area, wanted);
  const x = area.x + Math.floor((area.width - width) / 2);
  const y = area.y + Math.floor((area.height - height) / 2);
  return { x, y, width, height };
}

function fitting(area: Rectangle, wanted: Pick<Rectangle, 'width' | 'height'>): Pick<Rectangle, 'width' | 'height'> {
  return {
    width: Math.min(Math.max(wanted.width, LEAST_SIZE.width), area.width),
    height: Math.min(Math.max(wanted.height, LEAST_SIZE.height), area.height),
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

function overlap(one: Rectangle, other: Rectangle): number {
  const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return Math.max(0, width) * Math.max(0, height);
}
