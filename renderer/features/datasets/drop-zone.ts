import type { DragEvent } from 'react';

/** Whether what is dragged has left the whole element, and has not only come to a part of it. */
export function isLeft({ currentTarget, relatedTarget }: DragEvent): boolean {
  return !(relatedTarget instanceof Node && currentTarget.contains(relatedTarget));
}
