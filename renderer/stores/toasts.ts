/** What has just happened, and the next step. */

import { create } from 'zustand';
import { AppError } from '../../shared/errors.ts';

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'quiet' | 'error';
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

interface Toasts {
  readonly toasts: readonly Toast[];
  dismiss(id: number): void;
}

/** More would cover what one works on. */
const MOST = 3;

export const useToasts = create<Toasts>()((set) => ({
  toasts: [],
  dismiss: (id) => set((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) })),
}));

let nextId = 1;

/** Says what happened. @param action the step that most likely comes next */
export function toast(text: string, action: Toast['action'] = null): void {
  show({ text, tone: 'quiet', action });
}

/** Says what went wrong, in the words of the error. */
export function toastError(error: unknown): void {
  // Nobody needs to hear that what they cancelled was cancelled.
  if (error instanceof AppError && error.code === 'cancelled') return;
  show({ text: error instanceof Error ? error.message : String(error), tone: 'error', action: null });
}

function show(toast: Omit<Toast, 'id'>): void {
  const shown = { ...toast, id: nextId++ };
  useToasts.setState((state) => ({ toasts: [...state.toasts, shown].slice(-MOST) }));
}
