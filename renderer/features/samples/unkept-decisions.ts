/** Decisions that were made while the core was away: none is kept by itself, and none is forgotten. */

import { AppError } from '../../../shared/errors.ts';
import { t } from '../../messages/index.ts';
import { onReconnected } from '../../stores/live.ts';
import { toastMendable, useToasts } from '../../stores/toasts.ts';

interface Unkept {
  readonly again: () => void;
  /** What said that it was not kept. */
  readonly toastId: number | null;
}

let unkept: readonly Unkept[] = [];

/**
 * Says that a decision was not kept, and offers to make it once more when the core is back, together with all others that
 * were not kept meanwhile.
 * @param again makes it
 * @param cause why it was not kept
 */
export function offerOnceBack(again: () => void, cause: unknown): void {
  const toastId = toastMendable(new AppError('unavailable', t.samples.notKeptYet, { cause }), null);
  unkept = [...unkept, { again, toastId }];
  if (unkept.length > 1) return;
  const stop = onReconnected(() => {
    stop();
    const offered = unkept;
    unkept = [];
    for (const { toastId: said } of offered) if (said !== null) useToasts.getState().dismiss(said);
    toastMendable(new AppError('unavailable', t.samples.notKeptBefore(offered.length)), {
      label: t.samples.decideAgain(offered.length),
      run: () => {
        for (const decision of offered) decision.again();
      },
    });
  });
}
