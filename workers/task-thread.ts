/** The file that piscina runs on a worker process's threads: binds task names to code, each loaded when first used. */

import { fstatSync, writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { AppError, type ErrorCode, isDiskFull, toAppError } from '../shared/errors.ts';
import type { InspectionAnswer } from '../shared/inspection.ts';
import type { TaskModule } from './protocol.ts';
import type { TaskInput, TaskName, TaskOutput } from './tasks.ts';

/** What every thread of a pool is given when it starts. */
export interface ThreadData {
  /** One cell a slot: the index of the item that has begun, -1 before the first. */
  readonly progress: Int32Array;
  /** Whether begun items are also written to standard output, where they outlive a crash of the process. */
  readonly announce: boolean;
  readonly taskModule: string | null;
}

/** One task as it is handed to a thread. */
export interface ThreadCall {
  readonly id: number;
  readonly slot: number;
  /** null only shows that the thread runs. */
  readonly task: TaskName | null;
  readonly input: unknown;
}

/** A task's end. A rejection of the thread itself is therefore always a broken thread. */
export type ThreadReply =
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly code: ErrorCode | null; readonly message: string };

type Begin = (index: number) => void;
type Handler<K extends TaskName> = (input: TaskInput<K>, begin: Begin) => TaskOutput<K> | Promise<TaskOutput<K>>;
type Loaders = { readonly [K in TaskName]: () => Promise<Handler<K>> };

const BUILT_IN: Loaders = {
  inspect: async () => {
    const { inspectBatch } = await import('./inspect/inspect.ts');
    return async (input, begin) => withCompactThumbnails(await inspectBatch(input, begin));
  },
  'extract-page': async () => {
    const { extractPage } = await import('./documents/page.ts');
    return (input) => extractPage(input);
  },
  'read-sitemap': async () => {
    const { readSitemap } = await import('./documents/sitemap.ts');
    return (input) => readSitemap(input);
  },
  'read-search-answer': async () => {
    const { readSearchAnswer } = await import('./documents/search/search-answer.ts');
    return (input) => readSearchAnswer(input);
  },
  'read-list': async () => {
    const { readList } = await import('./documents/list.ts');
    return (input) => readList(input);
  },
  'unpack-archive': async () => {
    const { unpackArchive } = await import('./documents/archive.ts');
    return (input) => unpackArchive(input);
  },
  'group-near-duplicates': async () => {
    const { groupNearDuplicates } = await import('./duplicates/group.ts');
    return (input) => groupNearDuplicates(input);
  },
};

/** A view onto a larger buffer would take the whole buffer along to the next thread. */
function withCompactThumbnails(answers: readonly InspectionAnswer[]): readonly InspectionAnswer[] {
  return answers.map((answer) =>
    answer.thumbnail !== null && answer.thumbnail.byteLength !== answer.thumbnail.buffer.byteLength
      ? { ...answer, thumbnail: Uint8Array.from(answer.thumbnail) }
      : answer,
  );
}

const { progress, announce, taskModule } = workerData as ThreadData;

type AnyHandler = (input: never, begin: Begin) => unknown;

async function load(task: TaskName): Promise<AnyHandler> {
  if (taskModule === null) return BUILT_IN[task]();
  const handler = ((await import(taskModule)) as { default: TaskModule }).default[task];
  if (handler === undefined) throw new Error(`${taskModule} has no code for the task.`);
  return handler;
}

/** Runs one task and says how it ended; never rejects because of a task. */
export default async function runTask(call: ThreadCall): Promise<ThreadReply> {
  if (call.task === null) return { ok: true, output: null };
  let begun = -1;
  const begin = (index: number): void => {
    if (index === begun) return;
    begun = index;
    Atomics.store(progress, call.slot, index);
    if (announce) writeBegun(call, index);
  };
  let handler: AnyHandler;
  try {
    handler = await load(call.task);
  } catch (thrown) {
    // Not the fault of any file: the installation is incomplete.
    return { ok: false, code: 'unavailable', message: `The code of ${call.task} cannot be loaded: ${wordsOf(thrown)}` };
  }
  try {
    // An inspection says itself when it opens its first file; its code may have to be loaded before that.
    if (call.task !== 'inspect') begin(0);
    return { ok: true, output: await handler(call.input as never, begin) };
  } catch (thrown) {
    return { ok: false, code: begun < 0 ? 'unavailable' : codeOf(thrown), message: wordsOf(thrown) };
  }
}

/** null when the thrown thing says nothing about whose fault it is. */
function codeOf(thrown: unknown): ErrorCode | null {
  if (thrown instanceof AppError) return thrown.code;
  const { code, syscall } = (thrown ?? {}) as { code?: unknown; syscall?: unknown };
  if (isDiskFull(code)) return 'disk-full';
  // Files that cannot be read are answers: what the system refused is a place of our own to write to.
  return typeof syscall === 'string' ? 'unavailable' : null;
}

function wordsOf(thrown: unknown): string {
  const known = toAppError(thrown);
  // A disk that is full or fails is named in words for a person.
  if (known.code !== 'internal') return known.message;
  return (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 2000);
}

/** Length of a line about a begun item. */
const LINE_BYTES = 32;
const outputIsFile = announce && fstatSync(1).isFile();

/** A line a slot, overwritten in place, when standard output is a file; else one line after the other. */
function writeBegun({ id, slot }: ThreadCall, index: number): void {
  const line = `${`${id} ${index}`.padEnd(LINE_BYTES - 1)}\n`;
  try {
    if (outputIsFile) writeSync(1, line, slot * LINE_BYTES);
    else writeSync(1, line);
  } catch {
    // Nobody listens, or the pipe is full: the core then finds the file that broke the process by running them alone.
  }
}
