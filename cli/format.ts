/** Numbers, sizes, times and hostile text as words for a person. Everything here is pure. */

const wholeNumbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 12408 is `12,408`. */
export function formatCount(value: number): string {
  return wholeNumbers.format(value);
}

/** Decimal units, as disks are sold: 3400000 is `3.4 MB`. */
export function formatBytes(sizeBytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = sizeBytes;
  let unit = 0;
  // 999.95 would be printed as 1000.0
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return unit === 0 ? `${formatCount(value)} B` : `${value.toFixed(1)} ${units[unit]}`;
}

/** `830 ms`, `12.3 s`, `1 min 23 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 3600) return twoUnits(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return twoUnits(minutes, 60, 'h', 'min');
  return twoUnits(Math.round(minutes / 60), 24, 'd', 'h');
}

/** A running clock: `0:09`, `1:23`, `2:05:00`. */
export function formatClock(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** An estimate, so one unit only: `about 40 s`, `about 3 min`, `about 2 h`. */
export function formatRemaining(durationMs: number): string {
  const seconds = durationMs / 1000;
  if (seconds < 55) return `about ${Math.max(5, Math.round(seconds / 5) * 5)} s`;
  if (seconds < 3300) return `about ${Math.max(1, Math.round(seconds / 60))} min`;
  if (seconds < 169_200) return `about ${Math.max(1, Math.round(seconds / 3600))} h`;
  return `about ${Math.round(seconds / 86_400)} d`;
}

/** Events a second: `48/s`, `4.8/s`, `0.25/s`. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 10) return `${formatCount(perSecond)}/s`;
  return `${perSecond.toFixed(perSecond >= 1 ? 1 : 2)}/s`;
}

/** 0 to 100 without ever rounding up to a 100 that is not there yet. */
export function formatPercent(percent: number): string {
  return `${Math.floor(percent)} %`;
}

/** `2026-03-01 14:05`, in the time zone of this machine. */
export function formatTime(timeMs: number): string {
  const time = new Date(timeMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** The time of day here, to the second: `14:05:09`. */
export function formatTimeOfDay(timeMs: number): string {
  const time = new Date(timeMs);
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((value) => String(value).padStart(2, '0'))
    .join(':');
}

/** `3 samples`, `1 sample`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}

/** `pagesDone` is `pages done`, `near-duplicates` stays. */
export function inWords(name: string): string {
  return name.replace(
    /([a-z0-9])([A-Z])/g,
    (_match, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  );
}

/**
 * Text from outside (addresses, file names, captions, error words) made harmless for a terminal: control
 * characters and those that reorder text become U+FFFD, white space becomes one space. Linear in the length, which
 * `util.stripVTControlCharacters` is not.
 */
export function harmless(text: string): string {
  return text.replace(/\s+/gu, ' ').replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

const zeroWidth = /[\p{Mn}\p{Me}\p{Cf}]/u;
const doubleWidth =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

function characterWidth(character: string): number {
  if (character >= ' ' && character <= '~') return 1;
  if (zeroWidth.test(character)) return 0;
  return doubleWidth.test(character) ? 2 : 1;
}

/** Columns a text takes on a terminal; colours take none, East Asian wide characters (UAX #11) and emoji take two. */
export function displayWidth(text: string): number {
  let width = 0;
  let inColour = false;
  for (const character of text) {
    if (character === '\u001b') inColour = true;
    else if (!inColour) width += characterWidth(character);
    else if (character === 'm') inColour = false;
  }
  return width;
}

/** At most `columns` wide, ending in `…` when something was left out. Only for text without colours. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = '';
  let width = 1;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns) break;
    kept += character;
  }
  return columns > 0 ? `${kept}…` : '';
}

function twoUnits(value: number, base: number, large: string, small: string): string {
  const rest = value % base;
  const whole = `${Math.floor(value / base)} ${large}`;
  return rest === 0 ? whole : `${whole} ${rest} ${small}`;
}
