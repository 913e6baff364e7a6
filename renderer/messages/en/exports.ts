import type { ExportInput } from '../../../shared/contract/exports.ts';
import type { Job } from '../../../shared/contract/jobs.ts';
import { formatBytes, formatCount, formatDuration, plural } from '../format.ts';

type Formats = Readonly<Record<ExportInput['format'], { readonly title: string; readonly text: string }>>;
type Archives = Readonly<Record<ExportInput['archive'], string>>;

export const FORMATS: Formats = {
  imagefolder: {
    title: 'ImageFolder',
    text: 'A folder for each label, and metadata.jsonl. Opens in Hugging Face Datasets, PyTorch’s ImageFolder and Keras at once.',
  },
  csv: {
    title: 'CSV',
    text: 'One table of samples beside the images. Opens in spreadsheets, pandas and scripts of your own.',
  },
  jsonl: {
    title: 'JSON Lines',
    text: 'One object a line with everything that is known, origins and licences included. Opens in pandas, DuckDB and jq.',
  },
};

export const ARCHIVES: Archives = { none: 'Folder', zip: 'Zip file', tar: 'Tar file' };

/** The word for a value of a request, which may be of another version. */
function wordOf(words: Readonly<Record<string, string>>, value: unknown): string {
  return words[String(value)] ?? String(value ?? '');
}

function timeOf(durationMs: number): string {
  return durationMs < 1000 ? 'less than 1 s' : formatDuration(durationMs);
}

/** Words of exports. */
export const exports = {
  format: 'Format',
  formats: FORMATS,
  archive: 'Written as',
  archives: ARCHIVES,
  statuses: 'Which samples',
  hardLinks: 'Hard links instead of copies',
  hardLinksHint:
    'Takes no further space on the disk that holds the library. The images are then the library’s own files: read-only, and a program that changes one all the same damages the library.',
  balance: 'Images by label',
  balanceLabel: 'Label',
  balanceAll: 'Images',
  balanceBetween: (count: number) => `${plural(count, 'label', 'labels')} between them`,
  scarce: 'Much fewer than the largest label',
  uneven: (scarce: readonly string[], largest: string) =>
    `${scarce.length === 1 ? `“${scarce[0]}” has` : `${formatCount(scarce.length)} labels have`} less than a tenth of the images of “${largest}”. A model learns what it sees often: collect more of the rare, or weigh them in training.`,
  destination: 'Where',
  folder: 'Folder',
  folderProblems: {
    empty: 'The export needs a folder to go to.',
    relative: 'Write the whole path from the root of the disk, or begin it with ~/ for your home folder.',
  },
  chooseFolder: 'Choose…',
  chooseTitle: 'Where the export goes',
  name: 'Name',
  nameProblems: {
    empty: 'The export needs a name.',
    dots: 'A name of dots alone leads elsewhere. Name it otherwise.',
    separator: 'A name with / or \\ leads into another folder. Choose the folder beside it, and leave these out.',
    forbidden:
      'Windows takes no name with < > : " | ? * or what cannot be seen, and an export is made to be passed on. Leave these out.',
    device: 'Windows opens a device of this name. Name it otherwise.',
    end: 'Windows takes no name that ends with a dot.',
    long: 'The name is too long: 200 bytes are the most.',
  },
  willWrite: (path: string) => `Writes ${path}. Nothing that is there already is ever overwritten.`,
  estimate: (images: number, bytes: number) => `${plural(images, 'image', 'images')}, about ${formatBytes(bytes)}`,
  estimating: 'Working out how large it becomes…',
  free: (bytes: number) => `${formatBytes(bytes)} free there`,
  noImages: 'There is nothing to export yet.',
  noStatus: 'Choose which samples to export.',
  toReview: 'Review the images',
  toCollect: 'Collect images',
  start: 'Export',
  startLong: 'Export the dataset',
  starting: 'Starting…',
  started: 'The export has started',
  past: 'Exports of this dataset',
  pastEmpty: 'Nothing has been exported yet. What was written, and where, stays listed here.',
  described: ({ parameters }: Job) =>
    [
      wordOf(Object.fromEntries(Object.entries(FORMATS).map(([key, { title }]) => [key, title])), parameters.format),
      wordOf(ARCHIVES, parameters.archive ?? 'none').toLowerCase(),
    ].join(', '),
  report: 'What was written',
  reportOf: (path: string) => `What was written to ${path}`,
  path: 'Path',
  open: 'Load it with',
  copy: 'Copy the path',
  copyLine: 'Copy the line',
  copied: 'It is on the clipboard',
  images: 'Images',
  files: 'Files',
  bytes: 'Size of the images',
  time: 'Time',
  times: (writeMs: number, checkMs: number) => `${timeOf(writeMs)} to write, ${timeOf(checkMs)} to check`,
  byLabel: 'By label',
  byLicence: 'By licence',
  more: (count: number) => `and ${formatCount(count)} more`,
  leftOut: (images: number) => `${plural(images, 'image was', 'images were')} left out`,
  moreLeftOut: (count: number) => `and ${formatCount(count)} more; LEFT-OUT.csv in the export names all of them.`,
  checked: 'Every file was read back and compared with its hash.',
  loadFailed: 'The exports cannot be shown',
};
