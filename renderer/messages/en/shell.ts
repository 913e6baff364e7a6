import type { Dataset } from '../../../shared/contract/datasets.ts';
import type { SourceStatus } from '../../../shared/contract/sources.ts';
import { formatBytes, formatCount, formatTime, plural } from '../format.ts';

/** Words of the frame: rail, bar, palette, keyboard map, status line. */
export const shell = {
  product: 'PixCrawler',
  skipToContent: 'Skip to content',
  navigation: 'Navigation',
  openNavigation: 'Open navigation',
  collapseRail: 'Collapse the rail',
  expandRail: 'Expand the rail',
  library: 'Library',
  jobs: 'Jobs',
  updateReady: (version: string) => `PixCrawler ${version} is ready`,
  updateNow: 'Restart now',
  settings: 'Settings',
  runningJobs: 'Running',
  upload: (name: string) => `Taking files into “${name}”`,
  uploadFailed: (name: string) => `Not sent: files for “${name}”`,
  retryUpload: (name: string) => `Send the files for “${name}” again`,
  cancelUpload: (name: string) => `Stop taking files into “${name}”`,
  moreJobsShort: (count: number) => `+${formatCount(count)}`,
  moreJobs: (count: number) => `${plural(count, 'more job', 'more jobs')}`,
  breadcrumb: 'Where you are',
  datasetScreens: 'Screens of the dataset',
  browse: 'Browse',
  collect: 'Collect',
  review: 'Review',
  export: 'Export',
  palette: 'Command palette',
  palettePrompt: 'Type a command or the name of a dataset…',
  paletteEmpty: 'Nothing matches.',
  commands: 'Commands',
  datasets: 'Datasets',
  datasetShort: ({ name, sampleCount }: Pick<Dataset, 'name' | 'sampleCount'>) =>
    `${name}: ${plural(sampleCount, 'image', 'images')}`,
  goTo: (place: string) => `Go to ${place}`,
  keyboardMap: 'Keyboard',
  everywhere: 'Everywhere',
  otherScreens: 'On other screens',
  keysTo: 'to',
  undo: 'Undo the last decision',
  redo: 'Do it again',
  tools: 'Undo, commands and keys',
  undoOf: (what: string) => `Undo: ${what}`,
  redoOf: (what: string) => `Do again: ${what}`,
  noUndo: 'Nothing to undo here',
  noRedo: 'Nothing to do again here',
  undone: (count: number) => `Undone for ${plural(count, 'image', 'images')}`,
  redone: (count: number) => `Done again for ${plural(count, 'image', 'images')}`,
  nothingToUndo: 'There is nothing to undo in this dataset.',
  nothingToRedo: 'There is nothing to do again in this dataset.',
  redoAction: 'Do it again',
  toggleTheme: 'Switch between light and dark',
  sources: 'Sources',
  sourceState,
  sourceShort: (name: string, status: SourceStatus) => `${name}: ${sourceState(status)}`,
  offline: 'PixCrawler cannot be reached. What you see may be old; it connects again by itself.',
  freeDisk: (bytes: number) => `${formatBytes(bytes)} free`,
  screenFailed: 'This screen stopped working',
  screenFailedHint: 'Nothing of your data is lost. Open it again, or go to the library.',
  openAgain: 'Open it again',
  screenUnreachable: 'This screen cannot be opened now',
  screenUnreachableHint: 'PixCrawler cannot be reached. Once it is back, the screen opens.',
  notFound: 'Not found',
  notFoundTitle: 'There is nothing at this address',
  notFoundHint: 'The dataset or job may have been removed.',
  toLibrary: 'Go to the library',
  datasetFailed: 'The dataset cannot be shown',
  title: (...parts: readonly string[]) => [...parts, 'PixCrawler'].join(' · '),
};

function sourceState({ state, failures, nextDueAt }: SourceStatus): string {
  const next = nextDueAt === null ? '' : ` It is asked again at ${formatTime(nextDueAt)}.`;
  if (state === 'resting') return `It asked to be left alone for a while.${next}`;
  if (state === 'failing') return `${plural(failures, 'request', 'requests')} in a row had no good answer.${next}`;
  return state === 'working' ? 'It answered the last request.' : 'It has not been asked yet.';
}
