/** Files, folders and links that the program was opened with, until somebody says where they go. */

import { create } from 'zustand';
import { linksIn } from '../api/dropped-files.ts';
import { host } from '../api/host.ts';

export interface Opened {
  /** Absolute. */
  readonly paths: readonly string[];
  /** http and https addresses. */
  readonly links: readonly string[];
}

const NOTHING: Opened = { paths: [], links: [] };

export const useOpened = create<Opened>()(() => NOTHING);

export function forgetOpened(): void {
  useOpened.setState(NOTHING);
}

/** Listens on the desktop; what comes while the user is asked is asked about with the rest. @returns what ends it */
export function followOpened(): () => void {
  const stop = host.desktop?.onOpened(({ paths, links }) =>
    useOpened.setState((before) => ({
      paths: [...new Set([...before.paths, ...paths])],
      links: [...new Set([...before.links, ...linksIn(links.join('\n'))])],
    })),
  );
  return () => stop?.();
}
