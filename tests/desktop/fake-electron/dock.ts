/** The dock of macOS. */

import type Electron from 'electron';
import { recorded } from './recorded.ts';

export const dock = {
  setBadge(text: string): void {
    recorded.badge = text;
  },
  getBadge: (): string => recorded.badge,
  setMenu(menu: Electron.Menu): void {
    recorded.dockMenu = menu;
  },
  getMenu: (): Electron.Menu | null => recorded.dockMenu,
  show: async (): Promise<void> => {
    recorded.isDockVisible = true;
  },
  hide(): void {
    recorded.isDockVisible = false;
  },
  isVisible: (): boolean => recorded.isDockVisible,
  bounce: (): number => 1,
  cancelBounce(_id: number): void {},
};
