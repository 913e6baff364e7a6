import { formatBytes, plural } from '../format.ts';

/** Words of exports. */
export const exports = {
  format: 'Format',
  formats: {
    imagefolder: {
      title: 'ImageFolder',
      text: 'A folder for each label and metadata.jsonl. Opens in Hugging Face Datasets, PyTorch’s ImageFolder and Keras at once.',
    },
    csv: {
      title: 'CSV',
      text: 'One table of samples beside the images. For spreadsheets, pandas and scripts of your own.',
    },
    jsonl: {
      title: 'JSON Lines',
      text: 'One object a line with everything that is known, origins and licences included.',
    },
  },
  archive: 'Written as',
  archives: { none: 'Folder', zip: 'Zip file', tar: 'Tar file' },
  statuses: 'Which samples',
  destination: 'Where',
  folder: 'Folder',
  chooseFolder: 'Choose…',
  chooseTitle: 'Where the export goes',
  name: 'Name',
  nameHint: 'Must not exist yet: an export never overwrites anything.',
  willWrite: (path: string) => `Writes ${path}`,
  estimate: (images: number, bytes: number) => `${plural(images, 'image', 'images')}, about ${formatBytes(bytes)}`,
  free: (bytes: number) => `${formatBytes(bytes)} free there`,
  start: 'Export',
  starting: 'Starting…',
  started: 'The export has started',
  running: 'Exporting now',
  past: 'Exports of this dataset',
  pastEmpty: 'Nothing has been exported yet.',
  report: 'What was written',
  path: 'Path',
  copy: 'Copy the path',
  copied: 'The path is on the clipboard',
  images: 'Images',
  files: 'Files',
  bytes: 'Size',
  checked: 'Every file was read back and compared with its hash.',
  loadFailed: 'The exports cannot be shown',
};
