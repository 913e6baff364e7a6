/** What a test and the program's main process say to each other. */

import type { EndId, PortTraffic } from './port-end.ts';

export type MessageToProgram =
  | {
      readonly kind: 'call';
      readonly id: number;
      /** null in main, else in the main world of that window's page. */
      readonly windowId: number | null;
      readonly source: string;
      readonly parameter: unknown;
    }
  /** The test stands in for the scripts of the page that a window shows. */
  | { readonly kind: 'stand-in'; readonly windowId: number }
  | { readonly kind: 'ports'; readonly traffic: PortTraffic }
  | { readonly kind: 'quit' };

export type MessageToTest =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string; readonly stack: string }
  | { readonly kind: 'posted'; readonly windowId: number; readonly data: unknown; readonly ends: readonly EndId[] }
  | { readonly kind: 'ports'; readonly traffic: PortTraffic };
