/** Numbers, sizes and times as people read them. */

const LOCALE = 'en';
const COUNT = new Intl.NumberFormat(LOCALE);
const ONE_DECIMAL = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
const WHOLE = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const AGO = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' });
const DATE_TIME = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' });
const TIME = new Intl.DateTimeFormat(LOCALE, { timeStyle: 'medium', hourCycle: 'h23' });
const PLURALS = new Intl.PluralRules(LOCALE);

/** 12,408 */
export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** 1,234.5: one decimal at most. */
export function formatDecimal(value: number): string {
  return ONE_DECIMAL.format(value);
}

/** `1 image`, `12,408 images`. */
export function plural(count: number, one: string, other: string): string {
  return `${formatCount(count)} ${PLURALS.select(count) === 'one' ? one : other}`;
}

const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** 3.4 MB; a thousand bytes are a kB. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.95 would be shown as 1,000.
  while (value >= 999.95 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const format = value < 100 && unit > 0 ? ONE_DECIMAL : WHOLE;
  return `${format.format(value)} ${BYTE_UNITS[unit]}`;
}

const AGO_STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['week', 7 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** `2 minutes ago`; `just now` within a minute. */
export function formatAgo(at: number, now: number = Date.now()): string {
  const pastMs = now - at;
  for (const [unit, unitMs] of AGO_STEPS) {
    if (Math.abs(pastMs) >= unitMs) return AGO.format(-Math.round(pastMs / unitMs), unit);
  }
  return 'just now';
}

/** `26 Nov 2026, 01:02`, for where a relative time is explained. */
export function formatDateTime(at: number): string {
  return DATE_TIME.format(at);
}

/** `01:02:03`, for what is near. */
export function formatTime(at: number): string {
  return TIME.format(at);
}

/** `4 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`: two units at most. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count], index) => index === 0 || count > 0)
    .map(([count, unit]) => `${formatCount(count)} ${unit}`)
    .join(' ');
}

/** `200 ms`, `1.5 s`, `2 min`: a limit or a pause, whose parts of a second count. */
export function formatShortTime(durationMs: number): string {
  if (durationMs < 1_000) return `${WHOLE.format(durationMs)} ms`;
  return durationMs < 60_000 ? `${COUNT.format(durationMs / 1_000)} s` : formatDuration(durationMs);
}

/** `12`, `0.4`: a rate where its unit stands beside it. */
export function formatRateNumber(perSecond: number): string {
  return perSecond < 10 ? ONE_DECIMAL.format(perSecond) : WHOLE.format(perSecond);
}

/** `12 images/s`, `0.4 images/s`. */
export function formatRate(perSecond: number, unit: string): string {
  return `${formatRateNumber(perSecond)} ${unit}/s`;
}

/** `37 %` */
export function formatPercent(percent: number): string {
  return `${WHOLE.format(percent)} %`;
}
