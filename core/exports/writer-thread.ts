/** The thread behind `runExport`: synchronous reads and writes of our own bytes, away from the core's event loop. */

import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../shared/errors.ts';
import { ExportWriter } from './export-writer.ts';
import { SourceProblem } from './stored-file.ts';
import type { FromThread, ThreadData, ThreadFailure, ToThread } from './thread-messages.ts';

const port = parentPort;
if (port === null) throw new Error('This file is the entry of a worker thread.');

const { plan, stop } = workerData as ThreadData;
const PROGRESS_MS = 100;
let lastProgress = 0;

function asFailure(error: unknown): ThreadFailure {
  if (error instanceof AppError) return { code: error.code, message: error.message, details: error.details };
  if (error instanceof SourceProblem) return { sourceProblem: error.message };
  return { systemCode: (error as { code?: string }).code, message: String((error as Error).stack ?? error) };
}

const answer = (message: FromThread) => port.postMessage(message);
const writer = new ExportWriter(plan, {
  expectedPath: join(plan.spoolPath, 'expected'),
  isStopped: () => Atomics.load(stop, 0) !== 0,
  onProgress(progress) {
    const now = performance.now();
    if (now - lastProgress < PROGRESS_MS) return;
    lastProgress = now;
    answer({ type: 'progress', progress });
  },
});

port.on('message', async (message: ToThread) => {
  try {
    if (message.type === 'samples') {
      writer.add(message.samples, message.paths);
      answer({ type: 'accepted' });
    } else {
      answer({ type: 'done', result: await writer.finish() });
      port.close();
    }
  } catch (error) {
    writer.abandon();
    answer({
      type: 'failed',
      failure: asFailure(error),
    });
    port.close();
  }
});
