/**
 * What speaks against a file, in points of its request: deaths of cores that had it open, and worker processes that it broke.
 *
 * A core may be killed at any time, by a person, by the system, by a power cut, and whatever is open then is innocent. So
 * a death alone weighs little. It weighs more when the file was seen open alone: by a heartbeat, which comes after the code
 * for it has been loaded and finds next to no file that opens as quickly as they do.
 */

const ALONE_POINTS = 100;
/** Points for each worker process that a file broke, apart from deaths of the core: below this. */
export const BREAK_SUSPICION = 1_000;

/** Deaths that found a file open alone, after which it is set aside. */
const ALONE_LIMIT = 2;
/** Deaths that found it open, seen alone or not, after which it is set aside: it opens too quickly to be seen. */
const DEATH_LIMIT = 10;

/** How a file that a worker opens is called in the journal of attempts. */
export function attemptOf(requestId: number): string {
  return String(requestId);
}

/** The same once it was seen open alone, beside the other. */
export function aloneOf(requestId: number): string {
  return `${requestId}!`;
}

/** What the death of a core adds for each request, by what it left open in the journal. */
export function pointsOfDeath(leftOpen: readonly string[]): ReadonlyMap<number, number> {
  const points = new Map<number, number>();
  for (const attempt of leftOpen) {
    const id = Number.parseInt(attempt, 10);
    if (!Number.isSafeInteger(id)) continue;
    points.set(id, (points.get(id) ?? 0) + (attempt.endsWith('!') ? ALONE_POINTS : 1));
  }
  return points;
}

/** Whether cores died over this file too often for it to be opened once more. */
export function isSetAside(suspicion: number): boolean {
  const ofDeaths = suspicion % BREAK_SUSPICION;
  return ofDeaths >= ALONE_LIMIT * ALONE_POINTS || ofDeaths % ALONE_POINTS >= DEATH_LIMIT;
}

/** Whether a worker process broke on this file before. */
export function hasBroken(suspicion: number): boolean {
  return suspicion >= BREAK_SUSPICION;
}
