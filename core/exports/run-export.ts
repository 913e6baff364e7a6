import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { AppError, isDiskFull, toAppError } from '../../shared/errors.ts';
import { openTarget } from './export-target.ts';
import type {
  ArchiveKind,
  ExportContent,
  ExportFormatName,
  ExportPlan,
  ExportProgress,
  ExportReport,
} from './export-types.ts';
import { SourceProblem } from './stored-file.ts';
import type { FromThread, ThreadFailure, ToThread } from './thread-messages.ts';

export interface ExportOptions {
  readonly format: ExportFormatName;
  /** Default `none`: a folder. */
  readonly archive?: ArchiveKind;
  /** The folder or file to be made. Missing parents are made. */
  readonly outPath: string;
  /** Root of the data directory: the export must be outside it. Null when the core itself has chosen the place. */
  readonly dataDirectory: string | null;
  /**
   * Called once, and once more when a stored file turns out to be damaged and all is written anew.
   * @param folderPath exists until the export has ended, on the disk it is written to, for what is to be kept meanwhile
   */
  readonly content: (folderPath: string) => ExportContent | Promise<ExportContent>;
  /** Where the bytes of an image are. */
  readonly pathOf: (sha256: string) => string;
  readonly productVersion: string;
  /** Default false. Folders only: files of the export are then the store's own, read-only as these, where the disk allows. */
  readonly useHardLinks?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ExportProgress) => void;
}

/** Batches the thread may be behind: enough to keep it busy while the next is read. */
const BATCHES_AHEAD = 2;

/**
 * Writes a dataset, opens what was written and checks it, and only then gives it its name. Whatever ends it earlier
 * (an error, `signal`, SIGKILL) leaves nothing under that name; the next export to the same path clears what is left.
 *
 * A sample whose stored file is missing or damaged is left out, and named in the report and in LEFT-OUT.csv.
 * @throws AppError `conflict`, `bad-request`, `forbidden` or `in-use` about the path; `not-found` when every sample is left
 *   out; `unavailable` when stored files change meanwhile; `disk-full`; `cancelled`; `internal` when the check finds a difference
 */
export async function runExport(options: ExportOptions): Promise<ExportReport> {
  const { archive = 'none', signal } = options;
  throwIfCancelled(signal);
  const target = await openTarget({
    outPath: options.outPath,
    archive,
    dataDirectory: options.dataDirectory,
  }).catch((error: unknown) => {
    if (error instanceof AppError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw toError({ systemCode: code, message }, options.outPath);
  });
  try {
    const attempt = async (verifySources: boolean) => {
      const content = await contentOf(options, target.spoolPath);
      throwIfCancelled(signal);
      const plan: ExportPlan = {
        format: options.format,
        archive,
        partialPath: target.partialPath,
        spoolPath: target.spoolPath,
        dataset: content.dataset,
        productVersion: options.productVersion,
        useHardLinks: options.useHardLinks ?? false,
        verifySources,
      };
      return writeInThread(plan, content, options);
    };
    const result = await attempt(false).catch(async (error: unknown) => {
      if (!(error instanceof SourceProblem)) throw error;
      await target.startAgain();
      return attempt(true);
    });
    throwIfCancelled(signal);
    await target.commit();
    return { outPath: target.outPath, ...result };
  } catch (error) {
    if (!(error instanceof SourceProblem)) throw error;
    throw new AppError(
      'unavailable',
      `Stored images change while they are exported. Export again. (${error.message})`,
      {
        cause: error,
      },
    );
  } finally {
    await target.dispose();
  }
}

/** What the system says of a file of the content, it says of the place that is written to. */
async function contentOf({ content, outPath }: ExportOptions, folderPath: string): Promise<ExportContent> {
  try {
    return await content(folderPath);
  } catch (error) {
    const { code, message } = ((error as { cause?: unknown }).cause ?? {}) as { code?: unknown; message?: string };
    if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) throw error;
    throw toError({ systemCode: code, message: message ?? code }, outPath);
  }
}

async function writeInThread(
  plan: ExportPlan,
  content: ExportContent,
  options: ExportOptions,
): Promise<Omit<ExportReport, 'outPath'>> {
  const { signal, onProgress } = options;
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(threadEntry(), { workerData: { plan, stop } });
  const ended = once(thread, 'exit');
  const slots = new Slots(BATCHES_AHEAD);
  const outcome = Promise.withResolvers<Omit<ExportReport, 'outPath'>>();
  outcome.promise.catch(() => slots.close());
  thread.on('message', (message: FromThread) => {
    if (message.type === 'accepted') slots.free();
    else if (message.type === 'progress') onProgress?.(message.progress);
    else if (message.type === 'done') outcome.resolve(message.result);
    else outcome.reject(toError(message.failure, options.outPath));
  });
  thread.on('error', (error) => outcome.reject(error));
  thread.on('exit', () => outcome.reject(new Error('The export thread ended before its work.')));
  const onAbort = () => Atomics.store(stop, 0, 1);
  signal?.addEventListener('abort', onAbort);
  try {
    const send = (message: ToThread) => thread.postMessage(message);
    await feed(slots, send);
    send({ type: 'finish' });
    const result = await outcome.promise;
    const { images } = content;
    if (result.images + result.leftOut.images !== images) {
      throw new Error(
        `Expected ${images} images in the export, but it holds ${result.images} and leaves ${result.leftOut.images} out.`,
      );
    }
    onProgress?.({ phase: 'checking', images, bytes: result.bytes });
    return result;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    onAbort();
    await thread.terminate();
    await ended;
  }

  /** Sends every batch as slots become free; stops early when the thread failed, whose error then comes out above. */
  async function feed(free: Slots, send: (message: ToThread) => void): Promise<void> {
    for await (const batch of content.samples) {
      throwIfCancelled(signal);
      if (!(await free.take())) {
        await outcome.promise;
        break;
      }
      send({ type: 'samples', samples: batch, paths: batch.map((sample) => options.pathOf(sample.sha256)) });
    }
  }
}

/** A counter that is waited for. */
class Slots {
  #free: number;
  #isClosed = false;
  #waiting: (() => void) | undefined;

  constructor(count: number) {
    this.#free = count;
  }

  /** One caller at a time. False once closed. */
  async take(): Promise<boolean> {
    if (this.#free === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    this.#free -= 1;
    return !this.#isClosed;
  }

  free(): void {
    this.#free += 1;
    this.#waiting?.();
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting?.();
  }
}

function toError(failure: ThreadFailure, outPath: string): Error {
  if ('sourceProblem' in failure) return new SourceProblem(failure.sourceProblem);
  if ('code' in failure) return new AppError(failure.code, failure.message, { details: failure.details });
  const { systemCode } = failure;
  const cause = Object.assign(new Error(failure.message), { code: systemCode, path: outPath });
  if (isDiskFull(systemCode)) {
    return new AppError('disk-full', `The disk that holds ${outPath} is full. Free some space and export again.`, {
      details: { outPath },
      cause,
    });
  }
  if (systemCode === 'EACCES' || systemCode === 'EPERM' || systemCode === 'EROFS') {
    return new AppError(
      'forbidden',
      `Expected to write to ${outPath}, but the system refused (${systemCode}). Name another path.`,
      {
        details: { outPath },
        cause,
      },
    );
  }
  if (systemCode === 'ENOENT' || systemCode === 'ENOTSUP' || systemCode === 'EINVAL') {
    return new AppError(
      'bad-request',
      `Expected a place where files can be made, but the system makes none at ${outPath} (${systemCode}). Name another path.`,
      { details: { outPath }, cause },
    );
  }
  return toAppError(cause);
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AppError('cancelled', 'The export was cancelled; nothing was left behind.');
}

/** The bundle's sibling in a build, the source beside this file in development. */
function threadEntry(): URL {
  const bundled = new URL('./export-thread.js', import.meta.url);
  return existsSync(bundled) ? bundled : new URL('./writer-thread.ts', import.meta.url);
}
