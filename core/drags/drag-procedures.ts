/** Drags, as the contract has them. */

import type { FeatureRouter, Procedures } from '../procedures.ts';
import type { DragStager } from './drag-stager.ts';

/** @param stager loaded with the first drag */
export function dragProcedures(os: Procedures, stager: () => Promise<DragStager>): FeatureRouter<'drags'> {
  return os.drags.router({
    stage: os.drags.stage.handler(async ({ input, signal }) => (await stager()).stage(input, signal)),
  });
}
