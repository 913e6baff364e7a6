import { formatCount } from '../format.ts';

function images(count: number): string {
  return count === 1 ? '1 image' : `${formatCount(count)} images`;
}

export const duplicates = {
  title: 'Review',
  quarantined: 'Quarantined',
  groups: 'Duplicate groups',
  queues: 'What to review',
  everything: 'All reasons',
  allGroups: 'All groups',
  progress: (done: number, total: number) => `${formatCount(done)} of ${formatCount(total)} reviewed`,
  remaining: (count: number) => (count === 1 ? '1 left' : `${formatCount(count)} left`),
  queueDone: 'All of these are reviewed',
  queueDoneText: (count: number) => `You decided about ${images(count)}. Everything can still be undone.`,
  nextQueue: 'Go to the next reason',
  reviewAgain: 'Look at them again',
  nothingTitle: 'Nothing is quarantined',
  nothingText: 'Images that a rule finds fault with wait here for you. Nothing is deleted before you say so.',
  noGroupsTitle: 'No duplicate groups',
  noGroupsText: 'When a crawl or an import ends, images that look alike are grouped here around the best one.',
  toBrowse: 'Browse the dataset',
  why: 'Why it is here',
  previous: 'Previous',
  skip: 'Skip',
  decided: (what: string) => `${what} in this review`,

  group: (place: number, total: number) => `Group ${formatCount(place)} of ${formatCount(total)}`,
  groupMembers: (count: number) => (count === 1 ? '1 near-duplicate' : `${formatCount(count)} near-duplicates`),
  keeper: 'Keeper',
  proposedKeeper: 'Proposed keeper',
  keptBecause: {
    'more-pixels': 'It has more pixels than the others.',
    'more-bytes': 'It has as many pixels as the others and more bytes.',
    first: 'It came first; the others are no larger.',
    chosen: 'You chose it.',
  },
  distance: (bits: number) => (bits === 0 ? 'looks the same' : `differs in ${bits} of 64 bits`),
  smallerBy: (percent: number) => `${formatCount(percent)} % of the keeper's pixels`,
  chooseKeeper: 'Keep this one instead',
  keepAll: 'Keep all',
  keepAllHint: 'They are no duplicates',
  rejectOthers: 'Reject the others',
  confirmKeeper: 'Leave as it is',
  sideBySide: 'Side by side',
  flicker: 'Flicker',
  showing: (name: string) => `Showing ${name}`,
  member: (place: number) => `Duplicate ${formatCount(place)}`,
  chosen: 'Another keeper was chosen',
  tooManyToReject: (members: number, shown: number) =>
    `This group has ${formatCount(members)} images, of which ${shown} are shown. Reject them in Browse, by the reason “Near-duplicate”.`,
  keptAll: 'All of the group are kept',
  moreMembers: (count: number) => `and ${formatCount(count)} more`,
  loadFailed: 'What is to be reviewed could not be read',

  commands: {
    next: 'Next in the review',
    previous: 'Previous in the review',
    keepAll: 'Keep all of the group',
    chooseKeeper: 'Keep the image in front instead',
    rejectOthers: 'Reject the others of the group',
    flicker: 'Flicker between keeper and duplicate',
    nextMember: 'Next duplicate of the group',
    previousMember: 'Previous duplicate of the group',
    inspector: 'Show or hide the inspector',
  },
};
