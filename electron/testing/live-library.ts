/** A library that a test changes as it likes, in place of one that listens to a core. */

import { type Job, NO_COUNTS } from '../../shared/contract/jobs.ts';
import { desktopSettingsOf } from '../desktop-settings.ts';
import type { LibraryChange, LibraryState, LiveLibrary } from '../live-library.ts';

export interface TestLibrary extends LiveLibrary {
  change(change: Partial<LibraryState>, ended?: readonly Job[]): void;
  connect(): void;
}

export function makeJob(change: Partial<Job> = {}): Job {
  return {
    id: 1,
    kind: 'crawl',
    state: 'active',
    datasetId: 7,
    datasetName: 'birds',
    parameters: {},
    progress: 0,
    counts: NO_COUNTS,
    reasons: {},
    error: null,
    result: null,
    createdAt: 0,
    startedAt: 0,
    finishedAt: null,
    remainingMs: null,
    phase: null,
    durationMs: 0,
    ...change,
  };
}

/** A core that was heard, without jobs, holds or settings of its own. */
export function makeState(change: Partial<LibraryState> = {}): LibraryState {
  return { isKnown: true, jobs: [], holds: [], settings: desktopSettingsOf([]), sources: {}, ...change };
}

export function makeLibrary(state: LibraryState = makeState()): TestLibrary {
  let current = state;
  const changeListeners: ((change: LibraryChange) => void)[] = [];
  const connectedListeners: (() => void)[] = [];
  return {
    get state() {
      return current;
    },
    onChange: (listener) => void changeListeners.push(listener),
    onConnected: (listener) => void connectedListeners.push(listener),
    stop: () => undefined,
    change(change, ended = []) {
      const before = current;
      current = { ...before, ...change };
      for (const listener of changeListeners) listener({ before, after: current, ended });
    },
    connect() {
      for (const listener of connectedListeners) listener();
    },
  };
}
