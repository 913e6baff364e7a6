/** What the screen in front would take back, and do again. */

import { useEffect } from 'react';
import { create } from 'zustand';

interface Undoable {
  /** What was done, in words; null where there is nothing. */
  readonly undo: string | null;
  /** What was taken back. */
  readonly redo: string | null;
}

const NOTHING: Undoable = { undo: null, redo: null };

export const useUndoable = create<Undoable>()(() => NOTHING);

/** Names what `app.undo` and `app.redo` would do while the component is there. */
export function useUndoableTexts(undo: string | null, redo: string | null): void {
  useEffect(() => {
    useUndoable.setState({ undo, redo });
    return () => useUndoable.setState(NOTHING);
  }, [undo, redo]);
}
