/** What has just happened, and the next step. */

import { create } from 'zustand';
import type { Job } from '../../shared/contract/jobs.ts';
import { AppError } from '../../shared/errors.ts';

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'quiet' | 'error';
  readonly action: { readonly label: string; readonly run: () => void } | null;
  /** What went wrong, whose details can be looked at; undefined where nothing did. */
  readonly error?: unknown;
  /** A job and its state: it shows while the job is in it, and what it offers makes sense. null for whatever holds on. */
  readonly whileJob: Pick<Job, 'id' | 'state'> | null;
}

interface Toasts {
  readonly toasts: readonly Toast[];
  dismiss(id: number): void;
}

/** Errors that wait to be read; of what merely happened the last shows alone. */
const MOST_ERRORS = 3;

export const useToasts = create<Toasts>()((set) => ({
  toasts: [],
  dismiss: (id) => set((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) })),
}));

let nextId = 1;

/**
 * Says what happened.
 * @param action the step that most likely comes next
 * @param whileJob as of a toast
 */
export function toast(text: string, action: Toast['action'] = null, whileJob: Toast['whileJob'] = null): void {
  show({ text, tone: 'quiet', action, whileJob });
}

/** Says what went wrong, in the words of the error. */
export function toastError(error: unknown): void {
  toastMendable(error, null);
}

/**
 * Says what went wrong, and offers the step that mends it.
 * @returns the id of the toast; null where it was only cancelled
 */
export function toastMendable(error: unknown, action: Toast['action']): number | null {
  // Nobody needs to hear that what they cancelled was cancelled.
  if (error instanceof AppError && error.code === 'cancelled') return null;
  const text = error instanceof Error ? error.message : String(error);
  return show({ text, tone: 'error', action, error, whileJob: null });
}

function show(toast: Omit<Toast, 'id'>): number {
  const shown = { ...toast, id: nextId++ };
  useToasts.setState(({ toasts }) => {
    const errors = toasts.filter(({ tone }) => tone === 'error');
    const quiet = toasts.filter(({ tone }) => tone === 'quiet' && shown.tone === 'error');
    return { toasts: [...errors.slice(shown.tone === 'error' ? 1 - MOST_ERRORS : 0), ...quiet, shown] };
  });
  return shown.id;
}
