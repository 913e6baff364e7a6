/** Small things that the desktop remembers beside the library: one file each, replaced whole, in a folder that is there. */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { z } from 'zod';

export interface JsonFile<T> {
  /** What was remembered; null when nothing was, or what lies there is not of its kind. */
  read(): T | null;
  /** Writes a moment later, so that what changes with every pixel is written once. */
  write(value: T): void;
  /** Writes now what waits, at the end of the program. */
  flush(): void;
}

interface JsonFileOptions<T> {
  readonly path: string;
  readonly schema: z.ZodType<T>;
  /** Told what kept it from being written: the program goes on without. */
  readonly onError: (error: unknown) => void;
  /** Default 400 ms. */
  readonly delayMs?: number;
}

export function createJsonFile<T>({ path, schema, onError, delayMs = 400 }: JsonFileOptions<T>): JsonFile<T> {
  let waiting: { readonly value: T } | null = null;
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting === null) return;
    const { value } = waiting;
    waiting = null;
    try {
      writeFileSync(`${path}.part`, JSON.stringify(value));
      renameSync(`${path}.part`, path);
    } catch (error) {
      onError(error);
    }
  };
  return {
    read() {
      if (waiting !== null) return waiting.value;
      try {
        return schema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data ?? null;
      } catch {
        return null;
      }
    },
    write(value) {
      waiting = { value };
      timer ??= setTimeout(flush, delayMs);
    },
    flush,
  };
}
