import type { SettingName } from '../../../shared/settings.ts';
import type { DENSITIES, MOTIONS, THEMES } from '../../stores/interface.ts';
import { formatBytes, formatCount, formatDecimal, plural } from '../format.ts';

/** The unit stands after the field; texts have none. */
const NAMES: Readonly<
  Record<
    SettingName,
    {
      readonly title: string;
      readonly hint: string;
      readonly unit?: string;
      /** Of a setting that has few values: what each is called. */
      readonly choices?: Readonly<Record<string, string>>;
    }
  >
> = {
  'sources.openverse.url': {
    title: 'Openverse address',
    hint: 'Base address of its API. Change it for a mirror.',
  },
  'sources.openverse.token': {
    title: 'Openverse access token',
    hint: 'For more requests a minute. Without one it is asked anonymously.',
  },
  'sources.wikimedia.url': {
    title: 'Wikimedia Commons address',
    hint: 'Base address of its API. Change it for a mirror.',
  },
  'crawl.contact': {
    title: 'Contact',
    hint: 'A web or mail address in the user agent, so that the owners of sites can reach you. Some sites ask for one.',
  },
  'crawl.concurrency': {
    title: 'Requests at a time',
    hint: 'Over all sites together.',
  },
  'crawl.perHost': {
    title: 'Requests at a time to one site',
    hint: 'More than one is faster for you and harder on the site.',
  },
  'crawl.delayMs': {
    title: 'Gap between requests to one site',
    hint: 'A longer gap that a site asks for in robots.txt always wins.',
    unit: 's',
  },
  'crawl.timeoutMs': {
    title: 'Time for one request',
    hint: 'Redirects and body together. What takes longer is tried again later.',
    unit: 's',
  },
  'crawl.maxImageBytes': {
    title: 'Largest image',
    hint: 'Larger ones are refused.',
    unit: 'MB',
  },
  'workers.processes': {
    title: 'Processes that open images',
    hint: 'At 0 there is one a processor core, fewer when memory is short. Holds from the next start.',
  },
  'workers.deadlineMs': {
    title: 'Time to open one image',
    hint: 'What takes longer is set aside.',
    unit: 's',
  },
  'storage.minFreeBytes': {
    title: 'Keep free',
    hint: 'Jobs rest while the disk has less free space than this.',
    unit: 'MB',
  },
  'storage.waitForSpace': {
    title: 'Go on when there is space again',
    hint: 'Jobs that a full disk stopped wait for space and go on by themselves. Otherwise they are paused.',
  },
  'desktop.closeToTray': {
    title: 'Keep running in the tray when the window is closed',
    hint: 'Jobs go on. Where the system shows no tray, closing the window ends the program.',
  },
  'desktop.startAtLogin': {
    title: 'Start when I log in',
    hint: 'Without a window: jobs that were interrupted go on.',
  },
  'desktop.notifications': {
    title: 'Notifications',
    hint: 'When a job ends or needs attention, or a source fails, and no window is in front.',
  },
  'desktop.pauseBelowBatteryPercent': {
    title: 'Rest on battery below',
    hint: 'Jobs go on when the computer is plugged in. At 0 they never rest for this.',
    unit: '%',
  },
  'desktop.pauseOnMetered': {
    title: 'Rest on a metered network',
    hint: 'Where the system tells that it is one: Windows, and Linux with NetworkManager. macOS never does.',
  },
  'desktop.pauseOnSuspend': {
    title: 'Rest while the computer sleeps',
    hint: 'Jobs finish what is in flight before it does, as far as there is time, and go on when it wakes.',
  },
  'desktop.checkForUpdates': {
    title: 'Look for updates',
    hint: 'A newer version is fetched, and installed when the program ends. A package manager updates what it installed.',
  },
  'desktop.updateChannel': {
    title: 'Which versions',
    hint: 'Versions that are still being tried come earlier, and may fail.',
    choices: { latest: 'Finished versions', beta: 'Versions that are still being tried' },
  },
  'desktop.keepAwake': {
    title: 'Keep the computer awake while a job runs',
    hint: 'The screen may still turn off.',
  },
};

/** The unit stands instead of the rule's own, where that is too long for a field. */
export const RULES: Readonly<Record<string, { readonly title: string; readonly unit?: string }>> = {
  allowDamaged: { title: 'Accept damaged images' },
  minSizeBytes: { title: 'Smallest file' },
  minShortSidePx: { title: 'Smallest short side' },
  maxAspectRatio: { title: 'Largest aspect ratio', unit: ': 1' },
  minContrast: { title: 'Lowest contrast', unit: 'of 127.5' },
  minEntropyBits: { title: 'Lowest entropy', unit: 'bits' },
  minSharpness: { title: 'Lowest sharpness', unit: '‰' },
  minSharpnessHalf: { title: 'Lowest sharpness at half size', unit: '‰' },
  minBrightnessP99: { title: 'Too dark below', unit: 'of 255' },
  maxBrightnessP5: { title: 'Too bright above', unit: 'of 255' },
  maxNearDuplicateDistance: { title: 'Near-duplicates within', unit: 'bits' },
  maxNearDuplicateConfirmDistance: { title: 'Confirmed within', unit: 'bits' },
};

function caught(count: number, of: number, isEstimate: boolean): string {
  return `${isEstimate ? 'about ' : ''}${formatCount(count)} of ${formatCount(of)} images`;
}

/** Words of the settings. */
export const settings = {
  title: 'Settings',
  sections: {
    storage: 'Storage',
    collecting: 'Collecting',
    sources: 'Sources',
    rules: 'Rules',
    desktop: 'Desktop',
    health: 'Health',
    appearance: 'Appearance',
  },
  sectionHints: {
    storage: 'Where images are kept, and how much room they take.',
    collecting: 'How fast, and how politely. A collection can differ from this; new ones start with it.',
    sources: 'The search services that keywords are looked up in.',
    rules: 'What an image must be like to be accepted. Whatever is not is quarantined with its reason, never deleted.',
    desktop: 'What the program does beside its window, and when jobs rest to spare this computer.',
    health: 'Looks whether all that was stored is there and whole.',
    appearance: 'On this browser only.',
  },
  loadFailed: 'The settings cannot be shown',
  names: NAMES,
  performance: 'Opening images',
  speed: 'Speed',
  politeness: 'Politeness',
  limits: 'Limits',
  background: 'In the background',
  sparing: 'When jobs rest',
  updates: 'Updates',
  byDefault: (value: string) => `Default: ${value}`,
  none: 'none',
  resetOf: (title: string) => `“${title}” back to its default`,
  save: 'Save',
  saved: (title: string) => `Saved: ${title}`,
  fromEnvironment: (variable: string) => `Given by ${variable} in the environment, so it cannot be changed here.`,
  needsNumber: 'Expected a number.',
  secretSet: 'A token is stored. It is never shown.',
  secretNone: 'No token is stored.',
  secretPrompt: 'Paste a token',
  secretSave: 'Store it',
  secretRemove: 'Remove it',
  secretStored: 'The token is stored',
  secretRemoved: 'The token is removed',

  dataDirectory: 'Data directory',
  dataDirectoryHint: 'Chosen at start with --data-dir or PIXCRAWLER_DATA_DIR.',
  copyPath: 'Copy the path',
  copied: 'The path is copied',
  images: (count: number) => plural(count, 'image', 'images'),
  disk: 'Disk',
  diskOf: (freeBytes: number, totalBytes: number) => `${formatBytes(freeBytes)} free of ${formatBytes(totalBytes)}`,
  originals: 'Originals',
  thumbnails: 'Thumbnails',
  database: 'Database',
  otherFiles: 'Other files',
  freeSpace: 'Free',
  version: 'Version',

  ruleNames: RULES,
  ruleGroups: {
    integrity: 'Integrity',
    size: 'Size and shape',
    content: 'Content',
    sharpness: 'Sharpness',
    exposure: 'Exposure',
    duplicates: 'Near-duplicates',
    other: 'Other',
  },
  changedRules: (count: number) => `${plural(count, 'rule', 'rules')} changed`,
  saveRules: 'Save rules',
  discardRules: 'Discard',
  rulesSaved: 'New images are judged by these rules',
  judgeAgain: 'Judge again',
  judgeAgainHint:
    'What is there was judged by the rules of its time. Judging again opens no image; what you decided yourself stays as it is.',
  dataset: 'Dataset',
  noDatasets: 'There is no dataset with images yet.',
  level: 'How thoroughly',
  levels: {
    fast: 'Fast: damage, size and shape',
    medium: 'Medium: also content, sharpness and exposure',
    slow: 'Slow: also near-duplicates',
  },
  tryRules: 'See what would change',
  trying: 'Looking…',
  applyRules: 'Judge again',
  applyingUnsaved: 'With the changed rules, which are saved first.',
  wouldChange: (changed: number, judged: number) =>
    changed === 0
      ? `None of ${plural(judged, 'image', 'images')} would change.`
      : `${formatCount(changed)} of ${plural(judged, 'image', 'images')} would change.`,
  becomeAccepted: (count: number) => `${formatCount(count)} would be accepted`,
  becomeQuarantined: (count: number) => `${formatCount(count)} would be quarantined`,
  reasonAdded: (reason: string, count: number) => `+${formatCount(count)} ${reason}`,
  reasonRemoved: (reason: string, count: number) => `−${formatCount(count)} ${reason}`,
  judging: (name: string) => `Judging “${name}” again`,
  show: 'Show',
  spread: (title: string) => `How images of the dataset are spread: ${title}`,
  below: (count: number, of: number, isEstimate: boolean) => `${caught(count, of, isEstimate)} below it`,
  above: (count: number, of: number, isEstimate: boolean) => `${caught(count, of, isEstimate)} above it`,
  ruleValue: (rule: string, value: number) => {
    if (rule === 'minSizeBytes') return formatBytes(Math.round(value));
    return rule === 'minShortSidePx' ? `${formatCount(Math.round(value))} px` : formatDecimal(value);
  },

  check: 'Check now',
  checkRepair: 'Check and repair',
  checkAll: 'Read and hash every stored image, not only a part of them',
  checking: 'Checking. With many images this takes a while.',
  checkOk: 'All is well.',
  checkBad: 'Something needs attention.',
  checkFailed: 'The check did not finish',
  repairHint:
    'Repairing sets damaged files aside, moves those that belong to nothing into the trash, where they stay for a week, and counts anew.',
  checkNames: {
    node: 'Node.js',
    database: 'Database',
    disk: 'Disk',
    workers: 'Processes that open images',
    store: 'Stored images',
    orphans: 'Files that belong to nothing',
    images: 'Images without a dataset',
    counts: 'Counts',
  } as Readonly<Record<string, string>>,
  affected: 'Images whose stored file is not as it should be',
  checkStates: { ok: 'Fine', warning: 'Needs attention', error: 'Faulty' },

  theme: 'Theme',
  themes: { system: 'System', light: 'Light', dark: 'Dark' } satisfies Record<(typeof THEMES)[number], string>,
  density: 'Density',
  densities: { comfortable: 'Comfortable', compact: 'Compact' } satisfies Record<(typeof DENSITIES)[number], string>,
  motion: 'Motion',
  motions: { system: 'As the system has it', reduced: 'None' } satisfies Record<(typeof MOTIONS)[number], string>,
  thumbnailFit: 'Thumbnails',
  thumbnailFits: { fit: 'Whole image', fill: 'Fill the tile' },
  captions: 'Names and sizes under thumbnails',
  introduction: 'Introduction',
  introductionHint: 'The three steps of the start.',
  showIntroduction: 'Show it again',
  keys: 'Keyboard',
  keysHint: 'Press ? on any screen to see its keys.',
};
