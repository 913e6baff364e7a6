import { initial } from './0001-initial.ts';
import { trash } from './0002-trash.ts';
import { browse } from './0003-browse.ts';
import { duplicateOrder } from './0004-duplicate-order.ts';

/** SQL by schema version: entry 0 leads from version 0 to 1. Never edited once released, only added to. */
export const MIGRATIONS: readonly string[] = [initial, trash, browse, duplicateOrder];
