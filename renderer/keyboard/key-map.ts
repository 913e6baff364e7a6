/** Which keys do what, screen by screen: commands listen to these, and the keyboard map and all hints show them. */

import { t } from '../messages/index.ts';
import { IS_MAC, keyLabel } from './keys.ts';

export interface KeyRow {
  readonly title: string;
  /** Combinations as in `keys.ts`, the one to show first. */
  readonly keys: readonly string[];
  /** A row of keys of which the first and the last are shown. Default false. */
  readonly isRange?: boolean;
}

interface ScreenKeys {
  readonly title: string;
  /** By the id of the command. */
  readonly rows: Readonly<Record<string, KeyRow>>;
}

const samples = t.samples.commands;
const review = t.duplicates.commands;
const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

/** What has the same keys wherever images are. */
const COMMON = {
  accept: { title: samples.accept, keys: ['a'] },
  quarantine: { title: samples.quarantine, keys: ['q'] },
  reject: { title: samples.reject, keys: ['r'] },
  label: { title: samples.label, keys: DIGITS, isRange: true },
  search: { title: samples.search, keys: ['/'] },
  smaller: { title: samples.smaller, keys: ['['] },
  larger: { title: samples.larger, keys: [']'] },
} as const satisfies Record<string, KeyRow>;

export const KEY_MAP = {
  everywhere: {
    title: t.shell.everywhere,
    rows: {
      'app.palette': { title: t.shell.palette, keys: ['mod+k'] },
      'app.keys': { title: t.shell.keyboardMap, keys: ['?'] },
      'app.undo': { title: t.shell.undo, keys: ['mod+z'] },
      'app.redo': { title: t.shell.redo, keys: ['mod+shift+z', 'mod+y'] },
    },
  },
  library: { title: t.shell.library, rows: { 'datasets.new': { title: t.datasets.newDataset, keys: ['n'] } } },
  collect: {
    title: t.shell.collect,
    rows: {
      'crawls.more': { title: t.crawls.composeMore, keys: ['n'] },
      'crawls.start': { title: t.crawls.start, keys: ['mod+enter'] },
      'crawls.trial': { title: t.crawls.trial, keys: ['mod+shift+enter'] },
    },
  },
  browse: {
    title: t.shell.browse,
    rows: {
      'browse.move': { title: samples.move, keys: ['left', 'up', 'right', 'down'] },
      'browse.extend': {
        title: samples.extend,
        keys: ['shift+left', 'shift+up', 'shift+right', 'shift+down'],
        isRange: true,
      },
      'browse.preview': { title: samples.preview, keys: ['space', 'enter'] },
      'browse.accept': COMMON.accept,
      'browse.quarantine': COMMON.quarantine,
      'browse.reject': COMMON.reject,
      'browse.label': COMMON.label,
      'browse.search': COMMON.search,
      'browse.smaller': COMMON.smaller,
      'browse.larger': COMMON.larger,
      'browse.select-all': { title: samples.selectAll, keys: ['mod+a'] },
      'browse.clear': { title: samples.clear, keys: ['escape'] },
      'browse.compare': { title: samples.compare, keys: ['c'] },
      'browse.inspector': { title: samples.inspector, keys: ['i'] },
      'browse.filters': { title: samples.filters, keys: ['f'] },
    },
  },
  viewer: {
    title: t.samples.viewer,
    rows: {
      'viewer.previous': { title: t.samples.previous, keys: ['left', 'up'] },
      'viewer.next': { title: t.samples.next, keys: ['right', 'down'] },
      'viewer.accept': COMMON.accept,
      'viewer.quarantine': COMMON.quarantine,
      'viewer.reject': COMMON.reject,
      'viewer.label': COMMON.label,
      'viewer.in': { title: t.samples.zoomIn, keys: ['+', '='] },
      'viewer.out': { title: t.samples.zoomOut, keys: ['-'] },
      'viewer.fit': { title: samples.fit, keys: ['0'] },
      'viewer.actual': { title: samples.actualSize, keys: ['z'] },
      'viewer.compare': { title: t.samples.compare, keys: ['c'] },
      'viewer.flicker': { title: t.samples.flicker, keys: ['f'] },
      'viewer.side': { title: samples.sideBySide, keys: ['g'] },
      'viewer.background': { title: t.samples.background, keys: ['b'] },
      'viewer.histogram': { title: t.samples.histogram, keys: ['h'] },
      'viewer.inspector': { title: samples.inspector, keys: ['i'] },
      'viewer.close': { title: t.samples.close, keys: ['escape', 'space', 'enter'] },
    },
  },
  review: {
    title: t.duplicates.title,
    rows: {
      'review.accept': COMMON.accept,
      'review.quarantine': COMMON.quarantine,
      'review.reject': COMMON.reject,
      'review.label': COMMON.label,
      'review.next': { title: review.next, keys: ['right', 'down'] },
      'review.previous': { title: review.previous, keys: ['left', 'up'] },
      'review.preview': { title: samples.preview, keys: ['space'] },
      'review.search': { ...COMMON.search, title: review.search },
    },
  },
  groups: {
    title: review.groups,
    rows: {
      'groups.next': { title: review.nextGroup, keys: ['down', 'enter'] },
      'groups.previous': { title: review.previousGroup, keys: ['up'] },
      'groups.next-member': { title: review.nextMember, keys: ['right'] },
      'groups.previous-member': { title: review.previousMember, keys: ['left'] },
      'groups.keeper': { title: review.chooseKeeper, keys: ['k'] },
      'groups.keep-all': { title: review.keepAll, keys: ['e'] },
      'groups.reject-others': { title: review.rejectOthers, keys: ['x'] },
      'groups.accept': COMMON.accept,
      'groups.quarantine': COMMON.quarantine,
      'groups.reject': COMMON.reject,
      'groups.label': COMMON.label,
      'groups.preview': { title: samples.preview, keys: ['space'] },
      'groups.search': { ...COMMON.search, title: review.search },
      'groups.flicker': { title: review.flicker, keys: ['f'] },
      'groups.smaller': COMMON.smaller,
      'groups.larger': COMMON.larger,
    },
  },
  export: { title: t.shell.export, rows: { 'exports.start': { title: t.exports.startLong, keys: ['mod+enter'] } } },
  jobs: { title: t.shell.jobs, rows: { 'jobs.pause': { title: t.jobs.pauseOrResume, keys: ['p'] } } },
} as const satisfies Record<string, ScreenKeys>;

export type ScreenName = keyof typeof KEY_MAP;
type RowIds<Name extends ScreenName> = Name extends ScreenName ? keyof (typeof KEY_MAP)[Name]['rows'] : never;
/** Ids of all commands that have keys. */
type KeyedId = RowIds<ScreenName> & string;

const ROWS: ReadonlyMap<string, KeyRow> = new Map(
  Object.values(KEY_MAP).flatMap(({ rows }) => Object.entries<KeyRow>(rows)),
);

/** What keys a command has; undefined where only the palette offers it. */
export function keyRowOf(id: string): KeyRow | undefined {
  return ROWS.get(id);
}

/** The first combination of a command, as in `keys.ts`. */
export function keyOf(id: KeyedId): string {
  return ROWS.get(id)?.keys[0] ?? '';
}

/** The same as this keyboard names it. */
export function shownKey(id: KeyedId): string {
  return keyLabel(keyOf(id), IS_MAC);
}
