/** Nothing is removed by accident. */

import { UsageError } from './errors.ts';
import type { Session } from './session.ts';

/**
 * Asks on the terminal unless `yes` was given.
 * @returns whether to go on
 * @throws UsageError where nobody can be asked
 */
export async function confirmRemoval(session: Session, what: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  const { ask } = session.host;
  if (ask === undefined || session.json) {
    throw new UsageError(`Expected --yes to remove ${what}: there is no terminal to ask on.`);
  }
  const answer = await ask(`Remove ${what}? Type yes to remove: `, session.interrupt.signal);
  if (answer !== null && /^y(es)?$/i.test(answer.trim())) return true;
  session.err.line('Nothing was removed.');
  return false;
}
