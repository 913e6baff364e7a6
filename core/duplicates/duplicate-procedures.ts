/** Duplicate groups, as the contract has them. */

import { AppError } from '../../shared/errors.ts';
import type { CoreServices } from '../core-services.ts';
import type { DecisionMaker } from '../decisions/decision-maker.ts';
import type { SampleFields } from '../decisions/sample-fields.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';
import { DuplicateRepository } from './duplicate-repository.ts';

const NEAR_DUPLICATE = 'near-duplicate';

export function duplicateProcedures(
  os: Procedures,
  services: CoreServices,
  decisions: DecisionMaker,
): FeatureRouter<'duplicates'> {
  const { database, ownerId, reader, samples } = services;
  const duplicates = new DuplicateRepository(database, ownerId, reader, samples);
  return os.duplicates.router({
    list: os.duplicates.list.handler(({ input }) => duplicates.page(input.datasetId, input.after, input.limit)),
    get: os.duplicates.get.handler(({ input }) => duplicates.get(input.id)),
    sections: os.duplicates.sections.handler(({ input }) => duplicates.sections(input.filter)),
    chooseKeeper: os.duplicates.chooseKeeper.handler(async ({ input }) => ({
      decisionId: await chooseKeeper(duplicates, decisions, input.id, input.sampleId),
    })),
    keepAll: os.duplicates.keepAll.handler(async ({ input }) => ({
      decisionId: await keepAll(duplicates, decisions, input.id),
    })),
  });
}

/** One image of a group is accepted, the others are set aside for it. */
async function chooseKeeper(
  duplicates: DuplicateRepository,
  decisions: DecisionMaker,
  groupId: number,
  chosenId: number,
): Promise<number> {
  const { datasetId } = duplicates.row(groupId);
  const decision = await decisions.decide(datasetId, async () => {
    const { keeperId } = duplicates.row(groupId);
    const ids = [keeperId, ...(await duplicates.memberIds(keeperId))];
    if (!ids.includes(chosenId)) {
      throw new AppError('conflict', `Sample ${chosenId} is not in the duplicate group ${groupId}; look at it again.`);
    }
    const chosenHash = duplicates.pHash(chosenId);
    return {
      kind: 'choose-keeper',
      change: { groupId, sampleId: chosenId },
      ids,
      prepare: () => ({
        facts: { group: { id: groupId, keeperBefore: keeperId, keeperAfter: chosenId } },
        wish: (id, now): Partial<SampleFields> =>
          id === chosenId
            ? accepted(now)
            : {
                status: 'quarantined',
                decidedBy: 'user',
                reasons: [...others(now), NEAR_DUPLICATE].join(','),
                keeperId: chosenId,
                keeperDistance: distanceOf(chosenHash, duplicates.pHash(id)),
              },
      }),
    };
  });
  return decision.id;
}

/** No image of a group is a duplicate: all are accepted. */
async function keepAll(duplicates: DuplicateRepository, decisions: DecisionMaker, groupId: number): Promise<number> {
  const { datasetId } = duplicates.row(groupId);
  const decision = await decisions.decide(datasetId, async () => {
    const { keeperId } = duplicates.row(groupId);
    const ids = [keeperId, ...(await duplicates.memberIds(keeperId))];
    return {
      kind: 'keep-all',
      change: { groupId },
      ids,
      prepare: () => ({ facts: {}, wish: (_id, now) => accepted(now) }),
    };
  });
  return decision.id;
}

function accepted(now: SampleFields): Partial<SampleFields> {
  return {
    status: 'accepted',
    decidedBy: 'user',
    reasons: others(now).join(','),
    keeperId: null,
    keeperDistance: null,
  };
}

/** Findings but for this one. */
function others({ reasons }: SampleFields): string[] {
  return reasons.split(',').filter((reason) => reason !== '' && reason !== NEAR_DUPLICATE);
}

function distanceOf([high, low]: readonly [number, number], [otherHigh, otherLow]: readonly [number, number]): number {
  return bits(high ^ otherHigh) + bits(low ^ otherLow);
}

function bits(word: number): number {
  let rest = word >>> 0;
  let count = 0;
  for (; rest !== 0; count++) rest &= rest - 1;
  return count;
}
