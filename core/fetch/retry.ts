/** The retry schedule of the crawl: pure functions of their arguments. */

/** The first attempt and three retries. */
export const MAX_ATTEMPTS = 4;

const BASE_DELAY_MS = 2_000;
const MAX_DELAY_MS = 60_000;

/** A site that asks for more than a day is taken to mean a day: its URLs stay in the ledger either way. */
export const MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1_000;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const IMF_DATE = /^[a-z]{3}, (\d{2}) ([a-z]{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) gmt$/;
const RFC850_DATE = /^[a-z]{6,9}, (\d{2})-([a-z]{3})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) gmt$/;
const ASCTIME_DATE = /^[a-z]{3} ([a-z]{3}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/;

function timeOf(year: number, month: string, day: number, hour: string, minute: string, second: string): number | null {
  const monthIndex = MONTHS.indexOf(month);
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  if (monthIndex === -1 || day < 1 || hours > 23 || minutes > 59 || seconds > 60) return null;
  const time = Date.UTC(year, monthIndex, day, hours, minutes, seconds);
  return new Date(Date.UTC(year, monthIndex, day)).getUTCDate() === day ? time : null;
}

/** The three forms of HTTP-date, RFC 9110 section 5.6.7; null for anything else. */
function parseHttpDate(text: string, nowMs: number): number | null {
  const lower = text.toLowerCase();
  const imf = IMF_DATE.exec(lower);
  if (imf !== null) return timeOf(Number(imf[3]), imf[2]!, Number(imf[1]), imf[4]!, imf[5]!, imf[6]!);
  const asctime = ASCTIME_DATE.exec(lower);
  if (asctime !== null) {
    return timeOf(Number(asctime[6]), asctime[1]!, Number(asctime[2]), asctime[3]!, asctime[4]!, asctime[5]!);
  }
  const rfc850 = RFC850_DATE.exec(lower);
  if (rfc850 === null) return null;
  // A two-digit year that would lie more than 50 years ahead means the century before.
  const thisYear = new Date(nowMs).getUTCFullYear();
  let year = thisYear - (thisYear % 100) + Number(rfc850[3]);
  if (year > thisYear + 50) year -= 100;
  return timeOf(year, rfc850[2]!, Number(rfc850[1]), rfc850[4]!, rfc850[5]!, rfc850[6]!);
}

/**
 * Reads a Retry-After header (RFC 9110 section 10.2.3): a number of seconds or an HTTP-date.
 *
 * @param value the header, or null or undefined when absent
 * @param nowMs the present, in milliseconds since 1970
 * @returns milliseconds to wait from `nowMs`, 0 for a date in the past, at most a day; null when malformed or absent
 */
export function parseRetryAfter(value: string | null | undefined, nowMs: number): number | null {
  if (value === null || value === undefined) return null;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, MAX_RETRY_AFTER_MS);
  const time = parseHttpDate(text, nowMs);
  return time === null ? null : Math.min(Math.max(time - nowMs, 0), MAX_RETRY_AFTER_MS);
}

/**
 * How long to wait before the next attempt: exponential with full jitter, so that requests which failed together do
 * not come back together. The ceiling is 2 s after the first failure and doubles to 60 s.
 *
 * @param attempt how many attempts have failed, from 1
 * @param options.random uniform in [0, 1), such as `Math.random`
 * @param options.retryAfterMs what the site asked for; the answer is never less
 */
export function retryDelayMs(
  attempt: number,
  options: { readonly random: () => number; readonly retryAfterMs?: number | null },
): number {
  const ceilingMs = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** Math.max(0, attempt - 1));
  const jitterMs = Math.round(options.random() * ceilingMs);
  const askedMs = options.retryAfterMs ?? null;
  // Added, not compared: all who were sent away with the same number of seconds would otherwise return at once.
  return askedMs === null ? jitterMs : askedMs + Math.min(jitterMs, BASE_DELAY_MS);
}
