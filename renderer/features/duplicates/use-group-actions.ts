import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { SampleChange } from '../../../shared/contract/decisions.ts';
import type { DuplicateGroup } from '../../../shared/contract/duplicates.ts';
import type { SampleSummary } from '../../../shared/contract/samples.ts';
import { AppError } from '../../../shared/errors.ts';
import { client } from '../../api/client.ts';
import { api } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { useDecisionToasts } from '../samples/use-decision-toasts.ts';

type GroupAction =
  | { readonly kind: 'keep-all' }
  | { readonly kind: 'choose'; readonly sampleId: number }
  | { readonly kind: 'reject-others' }
  | { readonly kind: 'change'; readonly sampleId: number; readonly change: SampleChange };

interface GroupActions {
  readonly act: (action: GroupAction) => void;
  /** About one image of the group. */
  readonly decide: (sample: SampleSummary, change: SampleChange) => void;
  readonly isPending: boolean;
}

/**
 * Decides about a duplicate group, says what was decided, and reads the groups again: one that is done with leaves the list,
 * and the next one takes its place.
 * @param onKept the core has kept a decision about the group
 * @param onChosen another keeper was chosen; such a group stays in the list
 */
export function useGroupActions(
  datasetId: number,
  group: DuplicateGroup,
  onKept: (decisionId: number) => void,
  onChosen: () => void,
): GroupActions {
  const { onFailed, onDecided, said } = useDecisionToasts(datasetId);
  const queries = useQueryClient();
  const apply = async (ids: number[], change: SampleChange) => {
    const decision = await client.decisions.apply({ datasetId, target: { kind: 'ids', ids }, change });
    onKept(decision.id);
    onDecided(decision);
  };
  const { mutate, isPending } = useMutation({
    mutationFn: async (action: GroupAction) => {
      switch (action.kind) {
        case 'keep-all': {
          const { decisionId } = await client.duplicates.keepAll({ id: group.id });
          onKept(decisionId);
          return said(t.duplicates.keptAll, decisionId);
        }
        case 'choose': {
          const { decisionId } = await client.duplicates.chooseKeeper({ id: group.id, sampleId: action.sampleId });
          onKept(decisionId);
          return said(t.duplicates.chosen, decisionId);
        }
        case 'reject-others': {
          const { members, memberCount } = group;
          if (memberCount > members.length) {
            throw new AppError('conflict', t.duplicates.tooManyToReject(memberCount, members.length));
          }
          const ids = members.map(({ sample }) => sample.id);
          return apply(ids, { status: 'rejected' });
        }
        case 'change':
          return apply([action.sampleId], action.change);
      }
    },
    onSuccess: (_nothing, action) => {
      void queries.invalidateQueries({ queryKey: api.duplicates.key() });
      if (action.kind === 'choose') onChosen();
    },
    onError: (error, action) => onFailed(error, () => mutate(action)),
  });
  return {
    act: mutate,
    decide: (sample, change) => mutate({ kind: 'change', sampleId: sample.id, change }),
    isPending,
  };
}
