/** How the interface looks on this machine. Kept by the browser. */

import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import type { DragLayout } from '../../shared/contract/drags.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export const DENSITIES = ['comfortable', 'compact'] as const;
export const MOTIONS = ['system', 'reduced'] as const;

export const LEAST_THUMBNAIL_PX = 80;
export const MOST_THUMBNAIL_PX = 400;

interface InterfaceState {
  readonly theme: (typeof THEMES)[number];
  readonly density: (typeof DENSITIES)[number];
  readonly motion: (typeof MOTIONS)[number];
  readonly railCollapsed: boolean;
  readonly inspectorOpen: boolean;
  readonly inspectorWidthPx: number;
  readonly thumbnailPx: number;
  readonly thumbnailFit: 'fit' | 'fill';
  readonly captions: boolean;
  /** In which layout images are dragged out of the window. */
  readonly dragLayout: DragLayout;
  /** Whether the three steps of the start were seen or skipped. */
  readonly onboarded: boolean;
  set(change: Partial<Omit<InterfaceState, 'set'>>): void;
}

export const useInterface = create<InterfaceState>()(
  persist(
    (set) => ({
      theme: 'system',
      density: 'comfortable',
      motion: 'system',
      railCollapsed: false,
      inspectorOpen: true,
      inspectorWidthPx: 320,
      thumbnailPx: 180,
      thumbnailFit: 'fit',
      captions: false,
      dragLayout: 'files',
      onboarded: false,
      set: (change) => set(change),
    }),
    { name: 'pixcrawler-interface', version: 1 },
  ),
);

/** Puts theme, density and motion on the document, now and whenever they change. */
export function applyAppearance(): void {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    const { theme, density, motion } = useInterface.getState();
    const root = document.documentElement.dataset;
    root.theme = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
    root.density = density;
    root.motion = motion;
  };
  apply();
  dark.addEventListener('change', apply);
  useInterface.subscribe(apply);
}
