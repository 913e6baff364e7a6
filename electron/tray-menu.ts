/** What the tray says: a function of the library's state. */

import type { Job } from '../shared/contract/jobs.ts';
import type { JobState } from '../shared/vocabulary.ts';
import type { LibraryState } from './live-library.ts';
import { t } from './messages.ts';

/** Windows cuts what is longer. */
const LONGEST_TOOLTIP = 127;
const LONGEST_LABEL = 80;
const LONGEST_NAME = 32;
/** A menu is no list of jobs: the rest is told as a number. */
const MOST_JOBS = 8;

export const PAUSABLE: readonly JobState[] = ['active', 'waiting'];
export const RESUMABLE: readonly JobState[] = ['paused'];

type Action =
  /** A place of the interface; null for wherever it is. */
  { readonly do: 'open'; readonly place: string | null } | { readonly do: 'pause-all' | 'resume-all' | 'quit' };

export type TrayItem =
  | { readonly type: 'separator' }
  | { readonly type: 'item'; readonly label: string; readonly isEnabled: boolean; readonly action: Action };

interface TrayText {
  readonly tooltip: string;
  readonly items: readonly TrayItem[];
  /** Of the items what is no number that moves: a menu of the same structure leads to the same places. */
  readonly structure: string;
}

export function trayTextOf({ jobs, holds }: Pick<LibraryState, 'jobs' | 'holds'>): TrayText {
  // The name gives way to what is told of the job.
  const lines = inOrder(jobs).map((job) => {
    const datasetName = shortened(job.datasetName, LONGEST_NAME);
    return { job, label: t.tray.job({ ...job, datasetName }) };
  });
  const shown = lines.slice(0, MOST_JOBS);
  const tooltip = [
    t.productName,
    ...(holds.length > 0 ? [t.tray.held(holds)] : []),
    ...lines.map(({ label }) => label),
  ];
  const canPause = jobs.some(({ state }) => PAUSABLE.includes(state));
  const canResume = jobs.some(({ state }) => RESUMABLE.includes(state));
  const named = shown.map(({ job }) => [job.id, job.state, job.datasetName]);
  return {
    structure: JSON.stringify([holds, named, lines.length, canPause, canResume]),
    tooltip: shortened(tooltip.join('\n'), LONGEST_TOOLTIP),
    items: [
      ...(holds.length > 0 ? [item(t.tray.held(holds), { do: 'open', place: '/jobs' })] : []),
      ...(shown.length === 0 ? [item(t.tray.noJobs, { do: 'open', place: '/jobs' }, false)] : []),
      ...shown.map(({ job, label }) => item(shortened(label, LONGEST_LABEL), { do: 'open', place: `/jobs/${job.id}` })),
      ...(lines.length > MOST_JOBS
        ? [item(t.tray.more(lines.length - MOST_JOBS), { do: 'open', place: '/jobs' })]
        : []),
      { type: 'separator' },
      item(t.tray.pauseAll, { do: 'pause-all' }, canPause),
      item(t.tray.resumeAll, { do: 'resume-all' }, canResume),
      { type: 'separator' },
      item(t.tray.open, { do: 'open', place: null }),
      item(t.tray.quit, { do: 'quit' }),
    ],
  };
}

const ORDER: readonly Job['state'][] = ['active', 'waiting', 'paused'];

/** What runs is told first. */
function inOrder(jobs: readonly Job[]): readonly Job[] {
  return jobs.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.id - b.id);
}

function item(label: string, action: Action, isEnabled = true): TrayItem {
  return { type: 'item', label, isEnabled, action };
}

/** Never within what a person sees as one character. */
function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  let end = 0;
  for (const { index, segment } of new Intl.Segmenter('en').segment(text)) {
    if (index + segment.length > length - 1) break;
    end = index + segment.length;
  }
  return `${text.slice(0, end)}…`;
}
