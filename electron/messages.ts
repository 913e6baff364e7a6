import type { Job } from '../shared/contract/jobs.ts';
import type { SourceStatus } from '../shared/contract/sources.ts';
import type { HoldReason, JobKind } from '../shared/vocabulary.ts';

/** Every text that the desktop shows outside of the page: menus, tray, dialogs, notifications. Sentence case, as in the interface. */

const KINDS: Readonly<Record<JobKind, string>> = {
  crawl: 'Collection',
  import: 'Import',
  validate: 'Judgement',
  export: 'Export',
  duplicate: 'Copy',
};

const HOLDS: Readonly<Record<HoldReason, string>> = {
  battery: 'the battery is low',
  metered: 'the network is metered',
  suspend: 'the computer goes to sleep',
  disk: 'the disk is full',
};

const SOURCES: Readonly<Record<SourceStatus['source'], string>> = {
  openverse: 'Openverse',
  wikimedia: 'Wikimedia Commons',
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function about(ms: number): string {
  if (ms < MINUTE_MS) return 'less than a minute';
  return ms < HOUR_MS ? `${Math.round(ms / MINUTE_MS)} min` : `${Math.round(ms / HOUR_MS)} h`;
}

function titleOf({ kind, datasetName }: Pick<Job, 'kind' | 'datasetName'>): string {
  return `${KINDS[kind]}: ${datasetName}`;
}

function countsOf({ accepted, quarantined, failed }: Job['counts']): string {
  const parts = [`${accepted.toLocaleString('en')} accepted`];
  if (quarantined > 0) parts.push(`${quarantined.toLocaleString('en')} quarantined`);
  if (failed > 0) parts.push(`${failed.toLocaleString('en')} failed`);
  return parts.join(', ');
}

export const t = {
  productName: 'PixCrawler',

  menu: {
    file: 'File',
    edit: 'Edit',
    view: 'View',
    window: 'Window',
    help: 'Help',
    library: 'Library',
    jobs: 'Jobs',
    settings: 'Settings…',
    quit: 'Quit PixCrawler',
    about: 'About PixCrawler',
  },

  contextMenu: {
    undo: 'Undo',
    redo: 'Redo',
    cut: 'Cut',
    copy: 'Copy',
    paste: 'Paste',
    selectAll: 'Select all',
    openLink: 'Open link in browser',
    copyLink: 'Copy link address',
    copyImage: 'Copy image',
  },

  dialogs: {
    choose: 'Choose',
    copyHere: 'Copy here',
    titles: {
      'import-folder': 'Choose folders to import',
      'import-files': 'Choose images and archives to import',
      'list-file': 'Choose a list of addresses',
      'export-folder': 'Choose where the export goes',
      'copy-folder': 'Choose where the files go',
    },
    images: 'Images and archives',
    lists: 'Lists of addresses',
    allFiles: 'All files',
  },

  trouble: {
    tryAgain: 'Try again',
    showLog: 'Show log',
    exportDiagnostics: 'Export diagnostics…',
    wait: 'Wait',
    reload: 'Reload',
    coreCrashed: 'PixCrawler cannot keep its library open',
    coreCrashedDetail:
      'The part that does the work ended again and again, and was not started once more. Your library is safe: whatever was ' +
      'collected stays, and jobs go on where they were.\n\nThe log says why it ended. Diagnostics hold the logs, versions and ' +
      'settings, but no keys and no images.',
    libraryRefused: 'PixCrawler cannot open its library',
    pageCrashed: 'The window breaks again and again',
    pageCrashedDetail: 'What it shows may be too much for this machine. Jobs are not affected and go on.',
    cannotStart: 'PixCrawler cannot start',
    noSandbox:
      'An AppImage needs user namespaces to keep what it shows apart from your files, and this system does not let it make ' +
      'them, or it was started with --no-sandbox. Install the .deb package, which brings what it needs, or allow the AppImage ' +
      'user namespaces, on Ubuntu by an AppArmor profile with "userns".',
    noLock: (folder: string, temporary: string) =>
      `Nothing tells whether it is open already. A lock was expected in ${folder}, and the system lets none be made there. ` +
      `Allow writing in this folder and in ${temporary}, or make space on their disks, and start PixCrawler again.`,
    copyIntoLibrary: (folder: string) =>
      `Expected a folder outside of the library, but ${folder} is in it, where PixCrawler keeps its own files. Choose another.`,
    hangs: 'The window does not respond',
    hangsDetail: 'Jobs are not affected and go on. You can wait, or load the window again.',
  },

  diagnostics: {
    title: 'Export diagnostics',
    fileType: 'Zip archive',
    failed: 'The diagnostics could not be written',
  },

  noTray: {
    title: 'PixCrawler runs without a window',
    text: 'This desktop shows no tray. Click here, or start PixCrawler again, to open its window.',
  },
  tray: {
    staysTitle: 'PixCrawler goes on',
    stays: 'Jobs keep running. Open the window again from the tray, or quit there. You can change this in Settings.',
    open: 'Open PixCrawler',
    pauseAll: 'Pause all jobs',
    resumeAll: 'Resume all jobs',
    quit: 'Quit',
    noJobs: 'No job is running',
    more: (count: number) => (count === 1 ? '1 more job' : `${count} more jobs`),
    held: (reasons: readonly HoldReason[]) => `Jobs rest: ${reasons.map((reason) => HOLDS[reason]).join(', ')}`,
    /** `Collection: birds – 43 %, 2 min left` */
    job: (job: Job) => {
      const state = { active: '', waiting: ', waiting', paused: ', paused' }[job.state as string] ?? '';
      const left = job.remainingMs === null ? '' : `, ${about(job.remainingMs)} left`;
      return `${titleOf(job)} – ${Math.floor(job.progress)} %${state}${left}`;
    },
  },

  notifications: {
    titleOf,
    completed: (job: Job) =>
      job.kind === 'crawl' || job.kind === 'import' ? `Done: ${countsOf(job.counts)}.` : 'Done.',
    withErrors: (job: Job) => `Done, but some needs your attention: ${countsOf(job.counts)}.`,
    failed: (message: string | undefined) => message ?? 'It failed.',
    diskFull: 'The disk is full',
    diskFullText: 'Jobs rest. They go on by themselves when there is space again.',
    sourceFails: (source: SourceStatus['source']) => `${SOURCES[source]} does not answer`,
    sourceFailsText: 'Keywords are not looked up there for now. It is asked again later.',
    many: (count: number) => `${count} things have happened`,
  },
} as const;
