import type { CrawlEstimate } from '../../../shared/contract/crawls.ts';
import type { ConsentOverride } from '../../../shared/vocabulary.ts';
import { formatBytes, formatCount, formatDuration, plural } from '../format.ts';
import { reasonText } from './reasons.ts';

type Basis = CrawlEstimate['sources'][number]['basis'];

const BASES: Readonly<Record<Basis, string>> = {
  'service-count': 'by the service’s own count',
  counted: 'counted',
  unknown: 'not known before it is read',
  unreachable: 'no answer',
  waiting: 'asked in a moment',
};

/** What to do about a source that gave no answer. You can start all the same: it is asked again then. */
const NO_ANSWER_HINT = 'You can start all the same; it is asked again then.';
const NO_ANSWER_HINTS: Readonly<Record<string, string>> = {
  'dns-failure': 'Check your connection, and its address in Settings, Sources.',
  'connection-refused': 'Check your connection, and its address in Settings, Sources.',
  'http-401': 'Check its key in Settings, Sources.',
  'http-403': 'Check its key in Settings, Sources.',
  'http-429': 'It wants to be left alone for a while; it is asked again later.',
};

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

const SOURCE_KINDS: Readonly<Record<string, string>> = {
  openverse: 'Openverse',
  wikimedia: 'Wikimedia Commons',
  sitemap: 'Sitemap',
  urls: 'List',
  folder: 'Folder',
  page: 'Page',
};

export const OVERRIDES: Readonly<Record<ConsentOverride, string>> = {
  robots: 'robots.txt',
  noai: 'noai and noindex, of pages and images',
  tdm: 'Reserved rights (TDM, Content-Usage)',
  'ai-txt': 'ai.txt',
};

function images(count: number): string {
  return plural(count, 'image', 'images');
}

/** Words of collecting. */
export const crawls = {
  compose: 'What to collect',
  composeMore: 'Collect more',
  composeClose: 'Close',
  clear: 'Clear the form',
  cleared: 'The form is empty',
  search: 'Search',
  searchHint: 'Each label is searched by its keywords, or by its name without any. Licence and creator come along.',
  label: 'Label',
  keywords: 'Keywords',
  keywordsHint: 'separated by commas',
  labelOf: (place: number) => `Label ${place}`,
  keywordsOf: (label: string) => (label === '' ? 'Keywords' : `Keywords of ${label}`),
  addLabel: 'Add a label',
  removeLabel: (name: string) => (name === '' ? 'Remove this label' : `Remove the label ${name}`),
  services: 'Search in',
  openverse: 'Openverse',
  wikimedia: 'Wikimedia Commons',
  web: 'Web pages',
  pages: 'Pages',
  pagesHint: 'One address a line. Links on the same site are followed.',
  sitemaps: 'Sitemaps',
  sitemapsHint: 'One address a line.',
  depth: 'Links followed',
  depthHint: '0: the given pages alone.',
  local: 'Lists and folders',
  localHint: 'Drop lists of addresses (txt, csv, jsonl), images, folders or archives anywhere on this window.',
  drop: 'Drop to add to this collection',
  dropHint: 'Lists, images, folders, archives or links',
  dropped: (count: number) => `${plural(count, 'dropped file', 'dropped files')}`,
  nothingDropped: 'There was no file, folder or web address in that.',
  addList: 'Choose a list…',
  addFolder: 'Choose a folder…',
  addFolders: 'Choose folders…',
  addFiles: 'Choose images or archives…',
  chooseList: 'Choose a list of addresses',
  chooseFolder: 'Choose a folder, image or archive',
  remove: (path: string) => `Remove ${path}`,
  isListOf: 'Addresses',
  isImported: 'Imported',
  rest: 'Label for pages, lists and folders',
  restNone: 'No label',
  restHint: 'A label that a list or folder names itself goes first.',
  labelsFromFolders: 'Folders name labels',
  bytesOf: 'Files are',
  modes: { copy: 'Copied', link: 'Linked' },
  modeHint: 'Linked files take no further space where the file system can share them.',
  limits: 'Limits and politeness',
  maxImages: 'Images at most',
  maxImagesHint: 'Empty: no limit.',
  maxPages: 'Pages at most',
  delay: 'Gap, in seconds',
  delayHint: 'Between requests to one site.',
  perHost: 'Requests at a time',
  perHostHint: 'To one site.',
  timeout: 'Time for one request, in seconds',
  timeoutHint: 'Redirects and body together.',
  include: 'Only addresses like',
  exclude: 'No addresses like',
  patternsHint: 'Patterns such as */gallery/*, one a line.',
  allowHosts: 'Private hosts that may be asked',
  allowHostsHint: 'HOST:PORT, one a line. All others must have a public address.',
  override: 'Go past what sites refuse',
  overrideHint:
    'What a site refuses is not collected. Tick a sign only where you have the right to go past it, as on a site of your own. It holds for this run alone; the run, and every image that it brings, will say that you did.',
  overrides: OVERRIDES,
  goesPast: (overrides: readonly ConsentOverride[]) =>
    `This run goes past what sites refuse by ${overrides.map((each) => OVERRIDES[each]).join('; ')}. Every image it brings will say so.`,
  advanced: 'Advanced',
  advancedSet: (count: number) => `Advanced (${formatCount(count)} set)`,
  ready: 'Before you start',
  estimateEmpty: 'Name a label, a page, a list or a folder, and an estimate shows here.',
  estimateWrong: 'An estimate shows here once the form can be sent.',
  estimateFailed: 'No estimate can be given.',
  estimating: 'Asking the sources…',
  estimateAbout: (count: number, isLimited: boolean) => `About ${images(count)}${isLimited ? ', your limit' : ''}`,
  estimateUpTo: (count: number) => `Up to ${images(count)}, your limit`,
  estimateAtLeast: (count: number) => `About ${images(count)} or more`,
  estimateUnknown: 'How many images there are is not known yet',
  estimateUntold: (count: number) =>
    `${plural(count, 'source does', 'sources do')} not say how much there is; that shows while collecting.`,
  estimateDuration: (ms: number) => `about ${formatDuration(Math.max(1_000, ms))} at this politeness`,
  estimateBytes: (bytes: number) => `about ${formatBytes(bytes)}, as images here are on average`,
  estimateFree: (bytes: number) => `${formatBytes(bytes)} free`,
  estimateTooLarge: 'This may not fit on the disk. Set a limit, or free some space.',
  estimateSources: 'What each source says',
  sourceKind: (kind: string) => SOURCE_KINDS[kind] ?? kind,
  estimateTold: (sources: number, count: number) =>
    `${plural(sources, 'source says', 'sources say')} ${formatCount(count)}${sources === 1 ? '' : ' together'}.`,
  allSources: (count: number) => `Show all ${plural(count, 'source', 'sources')}`,
  estimateSource: ({ images: count, basis, reason, detail }: CrawlEstimate['sources'][number], kind: string) => {
    if (count !== null) return `${formatCount(count)}, ${BASES[basis]}`;
    if (basis === 'unreachable' && reason !== null) {
      const what = reason.startsWith('http-') ? reasonText(reason) : `No answer: ${lowered(reasonText(reason))}`;
      return `${what}. ${NO_ANSWER_HINTS[reason] ?? NO_ANSWER_HINT}`;
    }
    if (basis === 'unreachable' && detail !== null) return `${BASES[basis]}: ${detail}`;
    return basis === 'unknown' && (kind === 'openverse' || kind === 'wikimedia') ? 'does not say' : BASES[basis];
  },
  estimateDetails: 'Details',
  moreSources: (count: number) => `and ${plural(count, 'more source', 'more sources')}`,
  trial: 'Try ten images',
  trialStart: 'Start the whole run',
  trialTitle: 'Trial',
  trialRunning: {
    crawl: 'Fetching up to ten images…',
    import: 'Reading up to ten images of your folders…',
  },
  trialWaiting: {
    crawl: 'The trial waits until the running collection has ended or is paused.',
    import: 'The trial of your folders waits until the running import has ended or is paused.',
  },
  trialResult: {
    crawl: (count: number, accepted: number) =>
      count === 0
        ? 'No image came in the trial'
        : `${images(count)} came in the trial, ${accepted === count ? 'all' : formatCount(accepted)} accepted`,
    import: (count: number, accepted: number) =>
      count === 0
        ? 'No image of your folders could be taken in'
        : `${images(count)} of your folders tried, ${accepted === count ? 'all' : formatCount(accepted)} accepted`,
  },
  trialHint: 'They are not in your dataset. Start when they are what you want.',
  trialEmptyHint: 'The reasons say why. Change what you collect, and try again.',
  trialChanged: 'You have changed the form since this trial.',
  trialEnd: 'Discard the trial',
  start: 'Start collecting',
  starting: 'Starting…',
  import: 'Import',
  problems: {
    empty: 'Name at least one label to search, page, sitemap, list or folder.',
    noService: 'Choose at least one service to search in.',
    badAddress: (text: string) => `Expected an http or https address, got “${text}”.`,
    badHost: (text: string) => `Expected HOST:PORT, got “${text}”.`,
    badNumber: (least: number, most: number | null, isWhole: boolean) =>
      `Expected a ${isWhole ? 'whole ' : ''}number ${most === null ? `of at least ${least}` : `from ${least} to ${most}`}.`,
    duplicateLabel: (name: string) => `The label “${name}” is there twice. Put its keywords on one line.`,
    noLabelName: (keywords: string) => `The keywords “${keywords}” need the name of a label before them.`,
    badName: (name: string) =>
      `Expected a name of 1 to 100 characters, got “${name.length > 40 ? `${name.slice(0, 40)}…` : name}”.`,
    tooLong: (text: string) => `“${text.slice(0, 40)}…” is too long: 4,000 characters are the most.`,
    tooManyLines: (count: number, most: number) =>
      `Expected at most ${formatCount(most)} lines, got ${formatCount(count)}.`,
    tooManySources: (count: number, most: number) =>
      `Expected at most ${formatCount(most)} sources, got ${formatCount(count)}. Put addresses into a list file instead.`,
  },
  problemsTitle: 'This keeps it from starting',
  running: 'Collecting now',
  pausedTitle: 'Paused',
  waitingTitle: 'Waiting for its turn',
  latest: 'Last run',
  earlier: 'An earlier run',
  runsTitle: 'Runs of this dataset',
  coverage: 'What came, by source and label',
  coverageHint: 'Every bar has the same scale.',
  coverageBar: (accepted: number, quarantined: number, rejected: number) =>
    [
      `${formatCount(accepted)} accepted`,
      quarantined > 0 ? `${formatCount(quarantined)} quarantined` : '',
      rejected > 0 ? `${formatCount(rejected)} rejected` : '',
    ]
      .filter((part) => part !== '')
      .join(', '),
  coverageOthers: (labels: number, count: number) =>
    `${plural(labels, 'more label', 'more labels')} with ${images(count)}`,
  unlabelled: 'No label',
  newest: 'Newest images',
  newestEmpty: 'The first images show here.',
  newestNone: 'No image came.',
  sites: 'Sites',
  sitesHint: 'Who is asked, how often, and who pushes back.',
  sitesEmpty: 'No site is being asked.',
  site: 'Site',
  siteWaiting: 'Waiting',
  siteInFlight: 'Asked now',
  siteDelay: 'Gap',
  siteAnswer: 'Answers in',
  siteState: 'State',
  siteFine: 'At full pace',
  siteUntil: (time: string) => `next at ${time}`,
  allSites: (count: number) => `Show all ${plural(count, 'site', 'sites')}`,
  came: (count: number, accepted: number, quarantined: number, duplicates: number) =>
    [
      count === 0 ? 'No new image came' : `${images(count)} came`,
      count === 0 ? '' : `${formatCount(accepted)} accepted`,
      quarantined === 0 ? '' : `${formatCount(quarantined)} quarantined`,
      duplicates === 0 ? '' : `${formatCount(duplicates)} were there already`,
    ]
      .filter((part) => part !== '')
      .join(', '),
  next: 'What next',
  reviewNext: (count: number) => `Review ${formatCount(count)} quarantined`,
  browseRun: 'Browse what came',
  exportNext: 'Export the dataset',
  again: 'Edit and run again',
  filled: 'The form has what this run was asked for',
  details: 'Everything about this job',
  uploading: (done: number, total: number) => `${formatBytes(done)} of ${formatBytes(total)} sent`,
  stillSending: 'Once the files have arrived, it can start.',
  uploadFailed: (total: number, why: string) => `${formatBytes(total)} could not be taken in. ${why}`,
  uploadDrop: 'Do without these files',
  started: 'Collecting has started',
  importStarted: 'The import has started',
};
