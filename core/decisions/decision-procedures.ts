/** Decisions, as the contract has them. */

import { type FeatureRouter, type Procedures, pageOfRows } from '../procedures.ts';
import type { DecisionMaker } from './decision-maker.ts';

export function decisionProcedures(os: Procedures, decisions: DecisionMaker): FeatureRouter<'decisions'> {
  return os.decisions.router({
    apply: os.decisions.apply.handler(({ input }) => decisions.apply(input.datasetId, input.target, input.change)),
    undo: os.decisions.undo.handler(({ input }) => decisions.undo(input.datasetId, input.decisionId)),
    redo: os.decisions.redo.handler(({ input }) => decisions.redo(input.datasetId, input.decisionId)),
    state: os.decisions.state.handler(({ input }) => decisions.state(input.datasetId)),
    list: os.decisions.list.handler(({ input }) =>
      pageOfRows(decisions.list(input.datasetId, input.after, input.limit), input.limit),
    ),
  });
}
