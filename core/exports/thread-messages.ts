import type { ErrorCode } from '../../shared/errors.ts';
import type { ExportPlan, ExportProgress, ExportReport, ExportSample } from './export-types.ts';

/** What the thread is started with. */
export interface ThreadData {
  readonly plan: ExportPlan;
  /** Shared; anything but 0 in the first place stops the thread at the next file. */
  readonly stop: Int32Array;
}

export type ToThread =
  | { readonly type: 'samples'; readonly samples: readonly ExportSample[]; readonly paths: readonly string[] }
  | { readonly type: 'finish' };

export type FromThread =
  | { readonly type: 'accepted' }
  | { readonly type: 'progress'; readonly progress: ExportProgress }
  | { readonly type: 'done'; readonly result: Omit<ExportReport, 'outPath'> }
  | { readonly type: 'failed'; readonly failure: ThreadFailure };

/** An AppError, a stored file that is not as it should be, or a system error with its code, without the prototype that a message cannot carry. */
export type ThreadFailure =
  | { readonly code: ErrorCode; readonly message: string; readonly details: Readonly<Record<string, unknown>> }
  | { readonly sourceProblem: string }
  | { readonly systemCode: string | undefined; readonly message: string };
