/** screen and nativeTheme. */

import { EventEmitter } from 'node:events';
import type Electron from 'electron';
import { app } from './app.ts';
import { configuration } from './configuration.ts';
import { declared } from './declared.ts';

const BAR_HEIGHT = 40;

/** What is plugged in; a test changes it and tells `display-removed` and the like. */
export const displays: Electron.Display[] = configuration.machine.displays.map(({ id, bounds }) =>
  displayOf(id, bounds),
);

/** A display with a bar at its top. */
export function displayOf(id: number, bounds: Electron.Rectangle): Electron.Display {
  const { x, y, width, height } = bounds;
  const workArea = { x, y: y + BAR_HEIGHT, width, height: height - BAR_HEIGHT };
  const size = { width, height };
  const workAreaSize = { width, height: workArea.height };
  const part: Partial<Electron.Display> = { id, bounds, size, workArea, workAreaSize, scaleFactor: 1, rotation: 0 };
  return declared(part);
}

function centre({ x, y, width, height }: Electron.Rectangle): Electron.Point {
  return { x: x + width / 2, y: y + height / 2 };
}

function distance({ x, y, width, height }: Electron.Rectangle, point: Electron.Point): number {
  const dx = Math.max(x - point.x, 0, point.x - (x + width));
  const dy = Math.max(y - point.y, 0, point.y - (y + height));
  return Math.hypot(dx, dy);
}

function all(): Electron.Display[] {
  if (!app.isReady()) throw new Error("The 'screen' module can't be used before the app 'ready' event");
  return displays;
}

class Screen extends EventEmitter {
  getAllDisplays(): Electron.Display[] {
    return [...all()];
  }

  getPrimaryDisplay(): Electron.Display {
    return all()[0]!;
  }

  getDisplayNearestPoint(point: Electron.Point): Electron.Display {
    return all().toSorted((a, b) => distance(a.bounds, point) - distance(b.bounds, point))[0]!;
  }

  getDisplayMatching(rectangle: Electron.Rectangle): Electron.Display {
    return this.getDisplayNearestPoint(centre(rectangle));
  }

  getCursorScreenPoint(): Electron.Point {
    return centre(this.getPrimaryDisplay().bounds);
  }
}

export const screen = new Screen();

class NativeTheme extends EventEmitter {
  themeSource: Electron.NativeTheme['themeSource'] = 'system';

  get shouldUseDarkColors(): boolean {
    return this.themeSource === 'dark';
  }
}

export const nativeTheme = new NativeTheme();
