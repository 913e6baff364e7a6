/** Tray. */

import { EventEmitter } from 'node:events';
import type Electron from 'electron';
import { app } from './app.ts';
import { declared } from './declared.ts';
import { type RecordedTray, recorded } from './recorded.ts';

export class Tray extends EventEmitter {
  readonly #record: RecordedTray;

  constructor(image: Electron.NativeImage | string, _guid?: string) {
    super();
    if (!app.isReady()) throw new Error('Cannot create Tray before app is ready');
    this.#record = {
      tray: declared(this),
      toolTip: '',
      title: '',
      image,
      menu: null,
      menuCount: 0,
      isDestroyed: false,
    };
    recorded.trays.push(this.#record);
  }

  setImage(image: Electron.NativeImage | string): void {
    this.#alive().image = image;
  }

  setPressedImage(_image: Electron.NativeImage | string): void {
    this.#alive();
  }

  setToolTip(toolTip: string): void {
    this.#alive().toolTip = toolTip;
  }

  setTitle(title: string): void {
    this.#alive().title = title;
  }

  getTitle(): string {
    return this.#alive().title;
  }

  setContextMenu(menu: Electron.Menu | null): void {
    const record = this.#alive();
    record.menu = menu;
    record.menuCount += 1;
  }

  setIgnoreDoubleClickEvents(_ignore: boolean): void {
    this.#alive();
  }

  popUpContextMenu(_menu?: Electron.Menu): void {
    this.#alive();
  }

  closeContextMenu(): void {
    this.#alive();
  }

  getBounds(): Electron.Rectangle {
    return { x: 1800, y: 0, width: 24, height: 24 };
  }

  isDestroyed(): boolean {
    return this.#record.isDestroyed;
  }

  destroy(): void {
    this.#record.isDestroyed = true;
  }

  #alive(): RecordedTray {
    if (this.#record.isDestroyed) throw new TypeError('Object has been destroyed');
    return this.#record;
  }
}
