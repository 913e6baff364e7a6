/** The names under which the preload and main speak, and what passes there. One list, for both. */

import type { DragRequest } from '../shared/contract/drags.ts';
import type { ErrorCode } from '../shared/errors.ts';
import type { DesktopState, DialogPurpose, DragState, ShownInFolder } from '../shared/host-bridge.ts';

/** Asked by the interface, answered by main. */
export interface Questions {
  'pixcrawler:choose': {
    readonly input: { readonly purpose: DialogPurpose };
    readonly output: readonly string[];
  };
  'pixcrawler:show-in-folder': { readonly input: ShownInFolder; readonly output: undefined };
  /** The folder that files were copied to; null when the dialog was dismissed. */
  'pixcrawler:copy-out': { readonly input: DragRequest; readonly output: string | null };
  'pixcrawler:install-update': { readonly input: null; readonly output: undefined };
}

/** How a question is answered: errors keep their code only as data. */
export type Answer<Output = unknown> =
  | { readonly output: Output; readonly error?: never }
  | {
      readonly error: {
        readonly code: ErrorCode;
        readonly message: string;
        readonly details: Readonly<Record<string, unknown>>;
      };
    };

/** Told by the preload; nothing comes back. */
export interface Tidings {
  /** A page has loaded and wants a port to the core. */
  'pixcrawler:connect': null;
  'pixcrawler:start-drag': DragRequest;
  /** The button was let go: what is staged by now is not to be dragged any more. */
  'pixcrawler:drag-released': null;
  /** Named by a DragState. */
  'pixcrawler:cancel-drag': { readonly key: string };
}

/** Told by main. The port to the core comes with `pixcrawler:port`. */
export interface News {
  'pixcrawler:port': null;
  'pixcrawler:core-gone': null;
  'pixcrawler:drag': DragState;
  'pixcrawler:navigate': string;
  'pixcrawler:opened': { readonly paths: readonly string[]; readonly links: readonly string[] };
  'pixcrawler:state': DesktopState;
}
