/** What it means for a request and its site that a handler could not finish. */

import { AppError } from '../../shared/errors.ts';
import { FetchProblem } from '../fetch/fetch-problem.ts';
import type { RequestOutcome } from '../sites/site.ts';

/** Codes of what a reader of documents says about one it cannot read. */
const ABOUT_A_DOCUMENT: readonly string[] = ['bad-request', 'not-found', 'unsupported-media-type'];

/** What a handler threw, when it is about its request and not about us. @throws anything else */
export function asProblem(error: unknown): FetchProblem {
  if (error instanceof FetchProblem) return error;
  if (error instanceof AppError && ABOUT_A_DOCUMENT.includes(error.code)) {
    return new FetchProblem('permanent', 'bad-document', { detail: error.message });
  }
  const broke = error instanceof AppError ? error.details.reason : undefined;
  if (broke === 'poisoned' || broke === 'deadline') {
    return new FetchProblem('permanent', broke, { detail: 'Reading it broke its worker process twice.' });
  }
  throw error;
}

/** What a problem says of the site. */
export function outcomeOf(problem: FetchProblem): RequestOutcome['kind'] {
  if (problem.status === 429 || problem.status === 503) return 'throttled';
  return problem.kind === 'transient' ? 'transient' : 'permanent';
}
