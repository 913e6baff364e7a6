/**
 * What main and the core process say to each other, over the core's `process.parentPort`. Rows do not pass here: every
 * client of the contract has a port of its own to the core, which main hands over with `connect`.
 */

import type { ProcessExit } from '../core/index.ts';
import type { MediaAnswer, MediaRequest } from '../shared/media.ts';
import type { HostHold } from '../shared/vocabulary.ts';

/** What the core needs to open a library. */
export interface CoreStart {
  readonly dataDirectory: string;
  /** `never` where there was a library before: that there is none means that its disk is away. */
  readonly create: 'if-new' | 'never';
  readonly version: string;
  /** Where the built interface lies, for browsers that come to the address of this core. */
  readonly interfacePath: string;
  /** Why jobs should rest from the first moment. */
  readonly holds: readonly HostHold[];
}

/** What the operating system's keychain is asked to do; answered with `ciphered`. */
export type CipherTask = 'encrypt' | 'decrypt';

export type MessageToCore =
  | { readonly type: 'open'; readonly start: CoreStart }
  /** With a port: whoever has its other end is answered. */
  | { readonly type: 'connect' }
  /** With the port to a worker process that `spawn` asked for. */
  | { readonly type: 'spawned'; readonly id: number; readonly pid: number | undefined }
  | { readonly type: 'exited'; readonly id: number; readonly exit: ProcessExit }
  | { readonly type: 'media'; readonly id: number; readonly request: MediaRequest }
  /** `text` is null when the keychain refused. */
  | { readonly type: 'ciphered'; readonly id: number; readonly text: string | null }
  /** Answered with `alive`. */
  | { readonly type: 'ask-alive' }
  /** Pause what runs, write everything down, and end. */
  | { readonly type: 'close' };

export type MessageToMain =
  /** The library is open; `resumed` jobs go on that rested because a core ended. */
  | { readonly type: 'opened'; readonly resumed: number }
  /** The library cannot be opened; another try would end the same. */
  | { readonly type: 'refused'; readonly code: string; readonly message: string }
  | { readonly type: 'alive' }
  | { readonly type: 'spawn'; readonly id: number; readonly entry: string }
  | { readonly type: 'kill'; readonly id: number }
  | { readonly type: 'media'; readonly id: number; readonly answer: MediaAnswer }
  | { readonly type: 'cipher'; readonly id: number; readonly task: CipherTask; readonly text: string };
