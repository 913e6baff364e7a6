/** What a utility process writes, to its very end. */

import type { UtilityProcess } from 'electron';

/**
 * Hears a stream of a process, also what comes after its exit: Electron takes all listeners off when it has told that, and what
 * was written before may come later.
 */
export function followOutput(
  child: UtilityProcess,
  stream: NodeJS.ReadableStream,
  onData: (chunk: Buffer | string) => void,
  onEnd: () => void = () => undefined,
): void {
  const listen = () => {
    stream.off('data', onData);
    stream.on('data', onData);
    for (const event of ['end', 'close', 'error'] as const) stream.on(event, onEnd);
  };
  listen();
  child.once('exit', () => queueMicrotask(listen));
}
