/** What a running job is told to stop for. */

/** What a job hears: `cancel` at once, `pause` after what is in flight. */
export type StopKind = 'pause' | 'cancel';
type StopReason = 'hold' | StopKind;

const ORDER: readonly (StopReason | null)[] = [null, 'hold', 'pause', 'cancel'];

export interface Stoppable {
  /** What it is to stop for, if it is: a hold gives way to a pause, and that to a cancellation. */
  stop: StopReason | null;
  readonly listeners: ((kind: StopKind) => void)[];
}

/** Tells a running job to stop, unless it has been told so for as much already. */
export function askToStop(running: Stoppable, reason: StopReason): void {
  if (ORDER.indexOf(reason) <= ORDER.indexOf(running.stop)) return;
  const before = running.stop;
  running.stop = reason;
  if (before !== null && stopKindOf(before) === stopKindOf(reason)) return;
  for (const listener of running.listeners) listener(stopKindOf(reason));
}

/** To what runs, a hold is a pause. */
export function stopKindOf(reason: StopReason): StopKind {
  return reason === 'hold' ? 'pause' : reason;
}

/** How a job rests that was stopped. */
export function restOf(stop: StopReason | null): 'waiting' | 'paused' | 'cancelled' {
  if (stop === 'hold') return 'waiting';
  return stop === 'cancel' ? 'cancelled' : 'paused';
}
