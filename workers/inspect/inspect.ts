/** The `inspect` task: looks at files once and returns everything there is to know about each. */

import type { InspectionAnswer } from '../../shared/inspection.ts';
import type { TaskInput } from '../tasks.ts';
import { loadJpegBinding } from './decoders.ts';
import { Inspector } from './inspector.ts';
import { Kernels } from './kernels.ts';

let loaded: Promise<Inspector> | null = null;
let lastBatch: Promise<unknown> = Promise.resolve();

/** Loads the decoders and kernels when first asked, once a thread. */
function loadInspector(): Promise<Inspector> {
  loaded ??= createInspector();
  return loaded;
}

/**
 * A new inspector with memory of its own.
 *
 * @param options `jpegTurbo: false` (or the environment variable PIXCRAWLER_JPEG_TURBO=off) leaves all JPEGs to sharp, as
 *   on machines without a prebuilt binding
 */
export async function createInspector(
  options: { readonly jpegTurbo: boolean } = { jpegTurbo: process.env.PIXCRAWLER_JPEG_TURBO !== 'off' },
): Promise<Inspector> {
  return new Inspector(options.jpegTurbo ? await loadJpegBinding() : null, new Kernels());
}

/**
 * Looks at files one after the other, in order. Batches on one thread wait for each other: they share its memory.
 *
 * @param onBegin called with a file's index before its bytes are opened
 * @returns one answer a request; a broken file is an answer, not a rejection
 * @throws the file system's error when a copy (`copyTo`) could not be written
 */
export function inspectBatch(
  input: TaskInput<'inspect'>,
  onBegin: (index: number) => void = () => {},
): Promise<InspectionAnswer[]> {
  const batch = lastBatch.then(async () => {
    const inspector = await loadInspector();
    const answers: InspectionAnswer[] = [];
    for (const [index, request] of input.requests.entries()) {
      onBegin(index);
      answers.push(await inspector.inspect(request, input.limits));
    }
    return answers;
  });
  lastBatch = batch.catch(() => {});
  return batch;
}
