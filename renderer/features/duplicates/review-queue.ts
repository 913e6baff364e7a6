import type { SampleStatus } from '../../../shared/vocabulary.ts';

/**
 * The queue that a review goes through: fixed when it begins, so that what is decided stays where it was and the number of
 * what is left only falls.
 */
export interface ReviewQueue {
  readonly ids: readonly number[];
  /** Of the one in front; equals the length when all were passed. */
  readonly at: number;
  readonly decided: ReadonlyMap<number, SampleStatus>;
}

export function reviewQueue(ids: readonly number[]): ReviewQueue {
  return { ids, at: 0, decided: new Map() };
}

/** The id in front; undefined at the end. */
export function current(queue: ReviewQueue): number | undefined {
  return queue.ids[queue.at];
}

export function remaining(queue: ReviewQueue): number {
  return queue.ids.length - queue.decided.size;
}

/** To a place, brought inside the queue; the end counts as a place. */
export function goTo(queue: ReviewQueue, at: number): ReviewQueue {
  return { ...queue, at: Math.min(queue.ids.length, Math.max(0, at)) };
}

/** The one in front gets a status and the next undecided one comes; the end when none is left behind it. */
export function decide(queue: ReviewQueue, status: SampleStatus): ReviewQueue {
  const id = current(queue);
  if (id === undefined) return queue;
  const decided = new Map(queue.decided).set(id, status);
  let at = queue.at + 1;
  while (at < queue.ids.length && decided.has(queue.ids[at]!)) at += 1;
  return { ...queue, at, decided };
}

/** A decision was taken back: it is the one in front again. Unknown ids change nothing. */
export function takeBack(queue: ReviewQueue, ids: readonly number[]): ReviewQueue {
  const known = ids.filter((id) => queue.decided.has(id));
  const first = known[0];
  if (first === undefined) return queue;
  const decided = new Map(queue.decided);
  for (const id of known) decided.delete(id);
  return { ...queue, decided, at: queue.ids.indexOf(first) };
}

/** A decision that was taken back holds again. */
export function doneAgain(queue: ReviewQueue, id: number, status: SampleStatus): ReviewQueue {
  if (!queue.ids.includes(id)) return queue;
  const again = { ...queue, decided: new Map(queue.decided).set(id, status) };
  return current(queue) === id ? { ...again, at: queue.at + 1 } : again;
}

/** Ids to have ready: the one in front, those after it, and the one before. */
export function ahead(queue: ReviewQueue, count: number): readonly number[] {
  const after = queue.ids.slice(queue.at, queue.at + 1 + count);
  const before = queue.ids[queue.at - 1];
  return before === undefined ? after : [...after, before];
}
