import { formatBytes } from '../format.ts';

/** Words of the parts that every screen uses. */
export const ui = {
  close: 'Close',
  cancel: 'Cancel',
  retry: 'Try again',
  undo: 'Undo',
  dismiss: 'Dismiss',
  notifications: 'Notifications',
  loading: 'Loading…',
  path: 'Path',
  parentFolder: 'Parent folder',
  chooseThisFolder: 'Choose this folder',
  folderEmpty: 'This folder is empty.',
  folderFailed: 'The folder cannot be shown',
  folderTruncated: 'Only the first 5,000 entries are shown. Type a path to go deeper.',
  folderNotWritable: 'Nothing can be written in this folder. Choose another.',
  freeSpace: (bytes: number) => `${formatBytes(bytes)} free`,
  noName: '(no name)',
  uploadCancelled: 'The upload was cancelled.',
  unreachable: 'PixCrawler cannot be reached. It may have been closed.',
  answered: (status: number) => `The host answered ${status}.`,
  details: 'Details',
  copyDetails: 'Copy',
  detailsCopied: 'The details are copied',
};
