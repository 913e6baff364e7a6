/** Keys in words: `mod+k`, `shift+?`, `a`, `[`, `escape`. `mod` is Cmd on a Mac and Ctrl elsewhere. */

export const IS_MAC = /mac|iphone|ipad/i.test(navigator.userAgent);

interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'space',
  arrowleft: 'left',
  arrowright: 'right',
  arrowup: 'up',
  arrowdown: 'down',
  esc: 'escape',
};

function keyName(key: string): string {
  const lower = key.toLowerCase();
  return NAMES[lower] ?? lower;
}

/**
 * Whether a press is the combination. Shift counts only where it is named or the key is a letter: `?` is what was typed,
 * whatever it took to type it.
 */
export function isPress(press: KeyPress, combination: string, isMac: boolean): boolean {
  const parts = combination.toLowerCase().split('+');
  const key = parts.pop() === '' ? '+' : (combination.toLowerCase().split('+').at(-1) ?? '');
  const wanted = new Set(parts.filter((part) => part !== ''));
  const mod = isMac ? press.metaKey : press.ctrlKey;
  const other = isMac ? press.ctrlKey : press.metaKey;
  if (mod !== wanted.has('mod') || other || press.altKey !== wanted.has('alt')) return false;
  const isLetter = /^\p{L}$/u.test(key) || key.length > 1;
  if ((isLetter || wanted.has('shift')) && press.shiftKey !== wanted.has('shift')) return false;
  return keyName(press.key) === key;
}

const SYMBOLS: Readonly<Record<string, string>> = {
  left: '←',
  right: '→',
  up: '↑',
  down: '↓',
  escape: 'Esc',
  space: 'Space',
  enter: 'Enter',
  delete: 'Del',
};

/** The combination as a keyboard names it: `Ctrl K`, `⌘ K`. */
export function keyLabel(combination: string, isMac: boolean): string {
  return combination
    .split('+')
    .map((part) => part || '+')
    .map((part) => {
      const name = part.toLowerCase();
      if (name === 'mod') return isMac ? '⌘' : 'Ctrl';
      if (name === 'shift') return isMac ? '⇧' : 'Shift';
      if (name === 'alt') return isMac ? '⌥' : 'Alt';
      return SYMBOLS[name] ?? (part.length === 1 ? part.toUpperCase() : part);
    })
    .join(' ');
}
