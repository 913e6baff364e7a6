/** What the screen in front puts on the status line. */

import { useEffect } from 'react';
import { create } from 'zustand';

export const useStatus = create<{ readonly text: string }>()(() => ({ text: '' }));

/** Shows a text on the status line while the component is there. */
export function useStatusText(text: string): void {
  useEffect(() => {
    useStatus.setState({ text });
    return () => useStatus.setState({ text: '' });
  }, [text]);
}
