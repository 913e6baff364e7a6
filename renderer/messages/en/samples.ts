import type { SampleMeasure, SampleSort, SampleSummary } from '../../../shared/contract/samples.ts';
import type { Finding, SampleStatus, Split } from '../../../shared/vocabulary.ts';
import { formatBytes, formatCount, plural } from '../format.ts';
import { FINDINGS } from './findings.ts';

export const STATUS: Record<SampleStatus, string> = {
  accepted: 'Accepted',
  quarantined: 'Quarantined',
  rejected: 'Rejected',
};
const SPLIT: Record<Split | '', string> = { train: 'Train', validation: 'Validation', test: 'Test', '': 'In no split' };
/** What a rule looks at, by its name, or by its finding where it has no threshold. */
const CHECK: Record<string, string> = {
  damaged: 'Integrity',
  minSizeBytes: 'File size',
  minShortSidePx: 'Short side',
  maxAspectRatio: 'Aspect ratio',
  minContrast: 'Contrast',
  minEntropyBits: 'Detail (entropy)',
  minSharpness: 'Sharpness',
  minSharpnessHalf: 'Sharpness at half size',
  minBrightnessP99: 'Lightest parts',
  maxBrightnessP5: 'Darkest parts',
  maxNearDuplicateDistance: 'Difference from others',
};
const SOURCE: Record<string, string> = {
  web: 'Web pages',
  sitemap: 'Sitemaps',
  list: 'Lists',
  folder: 'Folders',
  archive: 'Archives',
  openverse: 'Openverse',
  wikimedia: 'Wikimedia Commons',
};
/** Of the decoder's names. */
const COLOUR_SPACE: Record<string, string> = {
  '': 'Not known',
  srgb: 'sRGB',
  rgb: 'RGB',
  rgb16: 'RGB',
  scrgb: 'scRGB',
  'b-w': 'Greyscale',
  grey16: 'Greyscale',
  cmyk: 'CMYK',
  lab: 'Lab',
  labs: 'Lab',
  xyz: 'XYZ',
};
const ORDERS: Record<SampleSort['by'], Record<SampleSort['direction'], string>> = {
  added: { ascending: 'Oldest first', descending: 'Newest first' },
  shortSide: { ascending: 'Smallest first', descending: 'Largest first' },
  sizeBytes: { ascending: 'Smallest first', descending: 'Largest first' },
  sharpness: { ascending: 'Least sharp first', descending: 'Sharpest first' },
  brightness: { ascending: 'Darkest first', descending: 'Brightest first' },
  name: { ascending: 'A to Z', descending: 'Z to A' },
  duplicates: { ascending: 'Oldest group first', descending: 'Newest group first' },
};
const DATE = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });
const MOMENT = new Intl.DateTimeFormat('en', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

function images(count: number): string {
  return count === 1 ? '1 image' : `${formatCount(count)} images`;
}

function statusName(status: SampleStatus): string {
  return STATUS[status];
}

function labelName(label: string | null): string {
  return label === null || label === '' ? 'Without a label' : label;
}

function reasonName(reason: string): string {
  return FINDINGS[reason as Finding] ?? reason;
}

function titleOf(sample: SampleSummary): string {
  return sample.caption ?? sample.name ?? `Image ${sample.id}`;
}

function dimensions({ width, height }: { width: number; height: number }): string {
  return `${formatCount(width)} × ${formatCount(height)}`;
}

function measureValue(measure: SampleMeasure, value: number): string {
  switch (measure) {
    case 'createdAt':
      return DATE.format(value);
    case 'sizeBytes':
      return formatBytes(Math.max(0, Math.round(value)));
    case 'shortSide':
      return `${formatCount(Math.round(value))} px`;
    case 'aspectRatio':
      return value.toFixed(2);
    case 'sharpness':
    case 'brightness':
    case 'contrast':
      return formatCount(Math.round(value));
    case 'entropy':
      return value.toFixed(1);
  }
}

export const samples = {
  showOriginal: 'Show the stored original in its folder',
  statusName,
  splitName: (split: Split | '' | null) => SPLIT[split ?? ''],
  labelName,
  reasonName,
  /** Of a unit as the core names it: "bytes", "bits", "px", or none. */
  amount: (number: string, unit: string) =>
    unit === '' ? number : `${number} ${number === '1' ? unit.replace(/s$/, '') : unit}`,
  checkName: (rule: string) => CHECK[rule] ?? rule,
  sourceName: (source: string) => SOURCE[source] ?? source,
  licenceName: (licence: string | null) => (licence === null || licence === '' ? 'Not known' : licence),
  formatName: (format: string) => (format === 'unknown' ? 'Unknown' : format.toUpperCase()),
  titleOf,
  dimensions,
  date: (at: number) => DATE.format(at),
  moment: (at: number) => MOMENT.format(at),
  measureValue,

  viewer: 'Viewer',
  grid: 'Images',
  tileLabel: (sample: SampleSummary) =>
    [titleOf(sample), sample.label, STATUS[sample.status], ...sample.reasons.map(reasonName), dimensions(sample)]
      .filter((part) => part !== null)
      .join(', '),
  tileLoading: (place: number) => `Image ${formatCount(place)}, loading`,
  tileCaption: (sample: SampleSummary) => `${sample.label ?? 'No label'} · ${dimensions(sample)}`,
  heading: (title: string, count: number) => `${title} · ${formatCount(count)}`,
  headingDates: (from: number, to: number) =>
    DATE.format(from) === DATE.format(to - 1) ? DATE.format(from) : `${DATE.format(from)} to ${DATE.format(to - 1)}`,
  headingGroup: (number: number) => `Group ${formatCount(number)}`,
  headingMoreGroups: 'More groups',
  headingSingle: 'Without near-duplicates',
  scrubber: 'Place in the list',
  scrubberPlace: (place: number, count: number, value: string | null) =>
    `${formatCount(place)} of ${formatCount(count)}${value === null ? '' : ` · ${value}`}`,

  search: 'Search captions, tags, names and addresses',
  searchShort: 'Search',
  clearSearch: 'Clear the search',
  sort: 'Sort by',
  sorts: {
    added: 'Added',
    shortSide: 'Short side',
    sizeBytes: 'File size',
    sharpness: 'Sharpness',
    brightness: 'Brightness',
    name: 'Name',
    duplicates: 'Near-duplicates together',
  } satisfies Record<SampleSort['by'], string>,
  /** The direction that is chosen, in the words of what is sorted by. */
  order: ({ by, direction }: SampleSort) => ORDERS[by][direction],
  group: 'Sections',
  groups: {
    none: 'No sections',
    label: 'By label',
    split: 'By split',
    status: 'By status',
    source: 'By source',
    date: 'By date',
    duplicates: 'By duplicate group',
  },
  thumbnailSize: 'Thumbnail size',
  smaller: 'Smaller thumbnails',
  larger: 'Larger thumbnails',
  fit: 'Show whole images',
  fill: 'Fill the squares',
  captions: 'Show label and size',
  filters: 'Filters',
  showFilters: 'Show filters',
  inspector: 'Inspector',
  resize: (panel: string) => `Width of the ${panel.toLowerCase()}`,

  facets: {
    status: 'Status',
    label: 'Label',
    split: 'Split',
    reason: 'Reason',
    source: 'Source',
    licence: 'Licence',
    format: 'Format',
  },
  measures: {
    shortSide: 'Short side',
    sizeBytes: 'File size',
    aspectRatio: 'Aspect ratio',
    sharpness: 'Sharpness',
    brightness: 'Brightness',
    contrast: 'Contrast',
    entropy: 'Detail (entropy)',
    createdAt: 'Added',
  } satisfies Record<SampleMeasure, string>,
  measureHints: {
    shortSide: 'px',
    sizeBytes: 'bytes',
    aspectRatio: 'long ÷ short',
    sharpness: 'Laplacian variance',
    brightness: 'mean luma, 0 to 255',
    contrast: 'deviation of luma',
    entropy: 'bits a pixel',
    createdAt: 'day',
  } satisfies Record<SampleMeasure, string>,
  lowest: (title: string) => `${title}: lowest`,
  highest: (title: string) => `${title}: highest`,
  rangeOf: (measure: SampleMeasure, min: number | undefined, max: number | undefined) => {
    if (min !== undefined && max !== undefined) return `${measureValue(measure, min)} to ${measureValue(measure, max)}`;
    return min !== undefined ? `from ${measureValue(measure, min)}` : `up to ${measureValue(measure, max ?? 0)}`;
  },
  aboutImages: (count: number) => `about ${images(count)}`,
  showAllValues: (shown: number, all: number) =>
    shown === all ? `Show all ${formatCount(all)}` : `Show ${formatCount(shown)} of ${formatCount(all)}`,
  othersByTyping: (count: number) => `${formatCount(count)} more: type to find them.`,
  showFewerValues: 'Show fewer',
  findValue: (facet: string) => `Find in ${facet.toLowerCase()}`,
  noValues: 'Nothing to choose from yet',
  noValuesLeft: 'Nothing under these filters',
  clearFacet: (facet: string) => `Clear ${facet.toLowerCase()}`,
  clearFilters: 'Clear all filters',
  removeFilter: (what: string) => `Remove the filter ${what}`,
  chip: (facet: string, value: string) => `${facet}: ${value}`,
  chipText: (text: string) => `“${text}”`,
  chipJob: (id: number) => `Added by job ${id}`,
  saveFilter: 'Save this filter',
  savedFilters: 'Saved filters',
  filterName: 'Name of the filter',
  save: 'Save',
  forgetFilter: (name: string) => `Forget ${name}`,
  noSavedFilters: 'Nothing saved yet. Choose some filters, then save them under a name.',

  selected: (count: number) => `${formatCount(count)} selected`,
  selectAll: (count: number) => `Select all ${formatCount(count)}`,
  clearSelection: 'Clear the selection',
  shown: (count: number, total: number | undefined) =>
    total === undefined || total === count ? images(count) : `${formatCount(count)} of ${images(total)}`,
  accept: 'Accept',
  quarantine: 'Quarantine',
  reject: 'Reject',
  /** Beside how many are selected. */
  selectAllShort: (count: number) => `All ${formatCount(count)}`,
  acceptCount: (count: number) => `Accept ${formatCount(count)}`,
  quarantineCount: (count: number) => `Quarantine ${formatCount(count)}`,
  rejectCount: (count: number) => `Reject ${formatCount(count)}`,
  label: 'Label',
  split: 'Split',
  tags: 'Tags',
  caption: 'Caption',
  noLabel: 'No label',
  noSplit: 'In no split',
  newLabel: (name: string) => `New label “${name}”`,
  findLabel: 'Find or make a label',
  addTag: 'Add a tag',
  removeTag: (tag: string) => `Remove the tag ${tag}`,
  tagsPlaceholder: 'Tags, separated by commas',
  add: 'Add',
  remove: 'Remove',
  captionHint: 'Replaces the captions of what is selected',
  captionPlaceholder: 'Describe the image in a sentence',
  apply: 'Apply',
  compare: 'Compare',
  preview: 'Preview',

  notKept: 'PixCrawler could not be reached, so this decision was not kept. Decide again once it is back.',
  notKeptYet: 'PixCrawler cannot be reached, so this decision was not kept. It is offered again once it is back.',
  notKeptBefore: (count: number) =>
    `${plural(count, 'decision was', 'decisions were')} not kept while PixCrawler could not be reached.`,
  decideAgain: (count: number) => (count === 1 ? 'Do it again' : 'Do them again'),
  decided: {
    status: (status: SampleStatus, count: number) => `${STATUS[status]} ${images(count)}`,
    label: (label: string | null, count: number) =>
      label === null ? `Took the label from ${images(count)}` : `Labelled ${images(count)} “${label}”`,
    split: (split: Split | null, count: number) =>
      split === null
        ? `Took ${images(count)} out of their split`
        : `Moved ${images(count)} to ${SPLIT[split].toLowerCase()}`,
    caption: (count: number) => `Changed the caption of ${images(count)}`,
    tags: (count: number) => `Changed the tags of ${images(count)}`,
    nothing: 'Nothing had to change',
  },
  loadFailed: 'The images could not be read',
  loadFailedHint: 'Nothing is lost: they are in the library. It is tried again by itself.',
  retry: 'Try again',

  emptyTitle: 'No images yet',
  emptyText: 'Images that are collected or imported appear here as they arrive.',
  emptyAction: 'Collect images',
  nothingMatches: 'No image matches these filters',
  nothingMatchesText: 'Remove a filter, or clear them all.',

  viewerPlace: (place: number, count: number) => `${formatCount(place)} of ${formatCount(count)}`,
  close: 'Close',
  next: 'Next image',
  previous: 'Previous image',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  zoomPercent: (scale: number) => `${formatCount(Math.round(scale * 100))} %`,
  fitView: 'Fit',
  actualSize: '1:1',
  background: 'Background',
  backgrounds: { light: 'Light', proof: 'Proof grey', dark: 'Dark' },
  histogram: 'Histogram',
  histogramOf: (title: string) => `Histogram of ${title}`,
  flicker: 'Flicker between them',
  cannotShow: 'This image cannot be shown',
  cannotShowBecause: {
    undrawable: (format: string) => `The browser cannot draw this ${format} file. The file itself is kept as it came.`,
    missing: () => 'Its file is not in the store. Settings, Storage can check for what is missing.',
    unreachable: () => 'PixCrawler cannot be reached. It is read as soon as it is back.',
  },

  inspectorEmpty: 'Choose an image to see what is known about it.',
  inspectorMany: (count: number) => `${images(count)} selected`,
  inspectorManyHint: 'Choose one to see its details, or act on all of them in the bar below.',
  detailsFailed: 'What is known about this image could not be read',
  status: 'Status',
  decidedByUser: 'decided by you',
  decidedByRules: 'decided by the rules',
  noFindings: 'No rule found anything.',
  checks: 'Measured against the rules',
  atLeast: (threshold: string) => `at least ${threshold}`,
  atMost: (threshold: string) => `at most ${threshold}`,
  checkOutcomes: {
    failed: 'does not pass',
    chosen: 'set aside by your decision',
    excused: 'beyond the threshold, but no reason here',
    passed: 'passes',
  },
  noReasonHere: 'No reason to set it aside here',
  furtherThanRule: 'Set aside by your decision, not by this rule',
  measurements: 'Measurements',
  measurementNames: {
    brightness: 'Brightness',
    brightnessPercentiles: 'Brightness at 1, 5, 50, 95, 99 %',
    contrast: 'Contrast',
    entropy: 'Entropy',
    colourfulness: 'Colourfulness',
    sharpness: 'Sharpness',
    sharpnessHalf: 'Sharpness at half size',
    dHash: 'dHash',
    pHash: 'pHash',
  },
  file: 'File',
  facts: {
    dimensions: 'Dimensions',
    size: 'Size',
    format: 'Format',
    colourSpace: 'Colour',
    frames: 'Frames',
    alpha: 'Transparency',
    profile: 'Colour profile',
    integrity: 'Integrity',
    added: 'Added',
    name: 'Name',
    sha256: 'SHA-256',
  },
  yes: 'Yes',
  no: 'No',
  whole: 'Whole',
  damaged: 'Damaged',
  colourSpace: (name: string) => COLOUR_SPACE[name] ?? name,
  bits: (depth: number) => `${depth} bits a channel`,
  keeper: 'Kept instead',
  keeperDistance: (distance: number) =>
    distance === 0 ? 'Looks the same' : `Differs in ${distance} of 64 bits of its hash`,
  openGroup: 'Open the duplicate group',
  origins: (count: number) => (count === 1 ? 'Origin' : `Origins (${formatCount(count)})`),
  origin: {
    source: 'Source',
    page: 'Page',
    image: 'Address',
    licence: 'Licence',
    creator: 'Creator',
    attribution: 'Attribution',
    fetched: 'Fetched',
    consent: 'Consent',
  },
  consent: { allowed: 'Allowed', refused: 'Refused', overridden: 'Overridden by you' },
  signal: (signal: string, refused: boolean) => `${signal}: ${refused ? 'refuses' : 'allows'}`,
  httpStatus: (status: number) => `answered ${status}`,
  exif: 'EXIF',
  noExif: 'The file has none.',
  history: 'History',
  historyEvents: { added: 'Added', judged: 'Judged by the rules', decided: 'Decided by you', undone: 'Taken back' },
  historyChange: (field: string, from: string | null, to: string | null) =>
    `${field}: ${from ?? 'nothing'} → ${to ?? 'nothing'}`,

  commands: {
    accept: 'Accept',
    quarantine: 'Quarantine',
    reject: 'Reject',
    label: 'Give one of the first nine labels',
    move: 'Move through the images',
    extend: 'Select while moving',
    search: 'Search in the dataset',
    preview: 'Preview',
    fit: 'Fit into the window',
    actualSize: 'Actual size, and back',
    sideBySide: 'Side by side again',
    selectAll: 'Select all that match',
    clear: 'Clear the selection',
    smaller: 'Smaller thumbnails',
    larger: 'Larger thumbnails',
    inspector: 'Show or hide the inspector',
    compare: 'Compare the selected images',
    filters: 'Show or hide the filters',
  },
};
