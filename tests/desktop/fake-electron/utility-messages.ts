/** What main and the bootstrap of a utility process say to each other, beside messages of the program. */

import type { EndId, PortTraffic } from './port-end.ts';

export type UtilityMessage =
  | { readonly kind: 'program'; readonly data: unknown; readonly ends: readonly EndId[] }
  | { readonly kind: 'ports'; readonly traffic: PortTraffic };
