/**
 * Decisions of people: done in short transactions, undone and redone exactly, one at a time in a dataset. What is cut short
 * stands as far as it came and can be undone.
 */

import type { Decision, DecisionTarget, SampleChange, UndoState } from '../../shared/contract/decisions.ts';
import { AppError } from '../../shared/errors.ts';
import type { CoreServices } from '../core-services.ts';
import { CounterChanges } from '../datasets/counters.ts';
import type { DecisionKind } from '../db/schema.ts';
import { DuplicateRepository } from '../duplicates/duplicate-repository.ts';
import { createMergedCount } from '../events/merged-count.ts';
import { BrowseRepository } from '../samples/browse-repository.ts';
import { DecisionRepository, type StoredChange, type StoredDecision, type UndoFacts } from './decision-repository.ts';
import { SampleFieldRepository } from './sample-field-repository.ts';
import { differences, type SampleFields } from './sample-fields.ts';

/** Milliseconds that one transaction of many should take. */
const CHUNK_MS = 8;
const FIRST_CHUNK = 50;
const LARGEST_CHUNK = 1_000;

/** What a decision wants of a sample, given what it is. */
export type Wish = (id: number, now: SampleFields) => Partial<SampleFields>;

interface Plan {
  readonly kind: DecisionKind;
  /** What people are told of it. */
  readonly change: Readonly<Record<string, unknown>>;
  readonly ids: readonly number[];
  /** Called in the first transaction; labels may be made here. */
  readonly prepare: () => { readonly wish: Wish; readonly facts: UndoFacts };
}

export class DecisionMaker {
  readonly #services: CoreServices;
  readonly #decisions: DecisionRepository;
  readonly #browse: BrowseRepository;
  readonly #duplicates: DuplicateRepository;
  readonly #fields: SampleFieldRepository;
  /** The end of what is being done to each dataset. */
  readonly #queues = new Map<number, Promise<unknown>>();
  /** Datasets in which nothing is left of a core that died. */
  readonly #settled = new Set<number>();

  constructor(services: CoreServices) {
    const { database, ownerId, reader, samples } = services;
    this.#services = services;
    this.#decisions = new DecisionRepository(database, ownerId);
    this.#browse = new BrowseRepository(database, ownerId, reader, samples);
    this.#duplicates = new DuplicateRepository(database, ownerId, reader, samples);
    this.#fields = new SampleFieldRepository(database, ownerId);
  }

  /** @throws AppError `not-found` */
  async apply(datasetId: number, target: DecisionTarget, change: SampleChange): Promise<Decision> {
    this.#services.samples.requireDataset(datasetId);
    return this.decide(datasetId, async () => ({
      kind: 'change',
      change,
      ids: await this.#targetIds(datasetId, target),
      prepare: () => this.#prepareChange(datasetId, change),
    }));
  }

  /** Makes a decision once those before it are made. @param plan is asked for when its turn comes */
  decide(datasetId: number, plan: () => Promise<Plan> | Plan): Promise<Decision> {
    return this.#inTurn(datasetId, async () => this.#carryOut(datasetId, await plan()));
  }

  /** @throws AppError `conflict` when there is nothing to undo, or another decision is next */
  undo(datasetId: number, decisionId?: number): Promise<Decision> {
    return this.#inTurn(datasetId, async () => {
      const decision = expectNext(this.#decisions.lastDone(datasetId), decisionId, 'undo');
      return this.#swing(decision, 'undo');
    });
  }

  /** @throws AppError `conflict` when there is nothing to do again, or another decision is next */
  redo(datasetId: number, decisionId?: number): Promise<Decision> {
    return this.#inTurn(datasetId, async () => {
      const decision = expectNext(this.#decisions.lastUndone(datasetId), decisionId, 'redo');
      return this.#swing(decision, 'redo');
    });
  }

  /** @throws AppError `not-found` */
  async state(datasetId: number): Promise<UndoState> {
    this.#services.samples.requireDataset(datasetId);
    if (!this.#settled.has(datasetId)) await this.#inTurn(datasetId, async () => undefined);
    return this.#decisions.state(datasetId);
  }

  /** @throws AppError `not-found` */
  list(datasetId: number, after: number, limit: number): Decision[] {
    this.#services.samples.requireDataset(datasetId);
    return this.#decisions.list(datasetId, after, limit);
  }

  async #inTurn<T>(datasetId: number, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(datasetId) ?? Promise.resolve();
    const done = before
      .catch(() => undefined)
      .then(async () => {
        this.#services.samples.requireDataset(datasetId);
        if (!this.#settled.has(datasetId)) await this.#settle(datasetId);
        try {
          return await work();
        } catch (error) {
          // What a failing disk cut short is settled when the next decision is made, if not now.
          this.#settled.delete(datasetId);
          throw error;
        }
      });
    this.#queues.set(datasetId, done);
    try {
      return await done;
    } finally {
      if (this.#queues.get(datasetId) === done) this.#queues.delete(datasetId);
    }
  }

  async #settle(datasetId: number): Promise<void> {
    await this.#services.database.write(() => this.#decisions.settleCutShort(datasetId));
    this.#settled.add(datasetId);
  }

  async #targetIds(datasetId: number, target: DecisionTarget): Promise<readonly number[]> {
    if (target.kind === 'ids') return target.ids;
    const spared = new Set(target.exceptIds);
    const ids = await this.#browse.ids(
      { ...target.filter, datasetId },
      { by: 'added', direction: 'ascending' },
      0,
      Number.POSITIVE_INFINITY,
    );
    return ids.filter((id) => !spared.has(id));
  }

  #prepareChange(datasetId: number, change: SampleChange): { wish: Wish; facts: UndoFacts } {
    const { label } = change;
    const known = typeof label === 'string' ? this.#services.labels.findId(datasetId, label) : undefined;
    const labelId = typeof label === 'string' ? this.#services.labels.ensureId(datasetId, label) : label;
    const facts: UndoFacts = labelId == null ? {} : { label: { id: labelId, isMade: known === undefined } };
    return { wish: (_id, now) => wishOf(change, labelId, now), facts };
  }

  async #carryOut(datasetId: number, plan: Plan): Promise<Decision> {
    const { database } = this.#services;
    const begun = await database.write(() => {
      const { wish, facts } = plan.prepare();
      const id = this.#decisions.insert(datasetId, plan.kind, plan.change, facts);
      return { id, wish, facts };
    });
    let at = 0;
    await this.#inChunks(datasetId, (size) => {
      const chunk = plan.ids.slice(at, at + size);
      const counters = new CounterChanges();
      // With its members: a group without any is none.
      const { group } = begun.facts;
      if (at === 0 && group !== undefined) this.#duplicates.setKeeper(group.id, group.keeperAfter);
      let changed = 0;
      for (const sampleId of chunk) {
        const now = this.#fields.find(datasetId, sampleId);
        const change = now === undefined ? null : differences(now, begun.wish(sampleId, now));
        if (now === undefined || change === null) continue;
        // One that is named twice is changed once.
        if (!this.#decisions.insertChange(begun.id, { sampleId, ...change })) continue;
        this.#fields.update(datasetId, sampleId, now, change.after, counters);
        changed++;
      }
      this.#services.counters.apply(counters);
      if (changed > 0) this.#decisions.addCount(begun.id, changed);
      const isLast = at + chunk.length >= plan.ids.length;
      if (isLast) this.#conclude(datasetId, begun.id);
      return { changed, isLast, commit: () => (at += chunk.length) };
    });
    return this.#told(begun.id, begun.facts.label?.isMade === true);
  }

  #conclude(datasetId: number, id: number): void {
    this.#decisions.setState(id, 'done');
    const { count, facts } = this.#decisions.get(id);
    if (count > 0) this.#decisions.forgetUndone(datasetId);
    else this.#dropLabel(datasetId, facts);
  }

  /** Takes a decision back, or does it again. */
  async #swing(decision: StoredDecision, way: 'undo' | 'redo'): Promise<Decision> {
    const { database } = this.#services;
    const { id, datasetId, facts } = decision;
    const isUndo = way === 'undo';
    const label = await database.write(() => {
      this.#decisions.setState(id, isUndo ? 'undoing' : 'redoing');
      return isUndo ? null : this.#labelAgain(decision);
    });
    let afterSampleId = 0;
    await this.#inChunks(datasetId, (size) => {
      const chunk = this.#decisions.changes(id, isUndo, afterSampleId, size);
      const counters = new CounterChanges();
      if (afterSampleId === 0 && facts.group !== undefined) {
        this.#duplicates.setKeeper(facts.group.id, isUndo ? facts.group.keeperBefore : facts.group.keeperAfter);
      }
      for (const change of chunk) this.#swingOne(decision, change, isUndo, label, counters);
      this.#services.counters.apply(counters);
      const isLast = chunk.length < size;
      if (isLast) {
        this.#decisions.setState(id, isUndo ? 'undone' : 'done');
        if (isUndo) this.#dropLabel(datasetId, facts);
      }
      const last = chunk.at(-1)?.sampleId ?? afterSampleId;
      return { changed: chunk.length, isLast, commit: () => (afterSampleId = last) };
    });
    return this.#told(id, facts.label?.isMade === true);
  }

  #swingOne(
    { id: decisionId, datasetId }: StoredDecision,
    { sampleId, before, after }: StoredChange,
    isUndo: boolean,
    label: number | null,
    counters: CounterChanges,
  ): void {
    this.#decisions.setApplied(decisionId, sampleId, !isUndo);
    const now = this.#fields.find(datasetId, sampleId);
    const wanted = isUndo ? before : after.labelId == null || label === null ? after : { ...after, labelId: label };
    const change = now === undefined ? null : differences(now, wanted);
    if (now === undefined || change === null) return;
    this.#fields.update(datasetId, sampleId, now, change.after, counters);
  }

  /**
   * Transactions as long as a few milliseconds, until one says that it was the last.
   * @param step gets how many samples it may change; its `commit` is called once they are durable
   */
  async #inChunks(
    datasetId: number,
    step: (size: number) => { changed: number; isLast: boolean; commit: () => void },
  ): Promise<void> {
    const { database, events } = this.#services;
    const told = createMergedCount((count) => events.publish({ type: 'samples.updated', datasetId, count }));
    let size = FIRST_CHUNK;
    try {
      for (;;) {
        const { changed, isLast, commit, durationMs } = await database.write(() => {
          const startedMs = performance.now();
          const outcome = step(size);
          this.#services.datasets.touch(datasetId);
          return { ...outcome, durationMs: performance.now() - startedMs };
        });
        commit();
        if (changed > 0) told.add(changed);
        if (isLast) return;
        size = Math.min(LARGEST_CHUNK, Math.max(1, Math.round((size * CHUNK_MS) / Math.max(0.1, durationMs))));
      }
    } finally {
      told.flush();
    }
  }

  #told(id: number, hasOtherLabels: boolean): Decision {
    const { events } = this.#services;
    const { facts: _facts, ...decision } = this.#decisions.get(id);
    events.publish({ type: 'decision.changed', datasetId: decision.datasetId, decisionId: id });
    if (hasOtherLabels) events.publish({ type: 'dataset.changed', datasetId: decision.datasetId });
    return decision;
  }

  /** The label a decision gives, made again when it has gone since; null when it gives none. */
  #labelAgain({ datasetId, change, facts }: StoredDecision): number | null {
    if (facts.label === undefined) return null;
    return this.#services.labels.restore(datasetId, facts.label.id, String((change as SampleChange).label));
  }

  /** A label that this decision made goes when no sample has it. A running job may be about to give it. */
  #dropLabel(datasetId: number, { label }: UndoFacts): void {
    if (label?.isMade !== true) return;
    this.#services.labels.removeUnused(datasetId, label.id);
  }
}

/**
 * What a change wants of a sample. Whoever is accepted or rejected is no longer set aside for another. A tag that is both
 * added and removed is added.
 */
function wishOf(change: SampleChange, labelId: number | null | undefined, now: SampleFields): Partial<SampleFields> {
  const { status, split, caption, addTags = [], removeTags = [] } = change;
  const kept = now.tags.filter((tag) => addTags.includes(tag) || !removeTags.includes(tag));
  return {
    ...(status === undefined ? {} : { status, decidedBy: 'user' }),
    ...(status === undefined || status === 'quarantined' ? {} : { keeperId: null, keeperDistance: null }),
    ...(labelId === undefined ? {} : { labelId }),
    ...(split === undefined ? {} : { split }),
    ...(caption === undefined ? {} : { caption }),
    ...(addTags.length + removeTags.length === 0 ? {} : { tags: [...new Set([...kept, ...addTags])] }),
  };
}

function expectNext(
  next: StoredDecision | undefined,
  wanted: number | undefined,
  way: 'undo' | 'redo',
): StoredDecision {
  if (next === undefined) throw new AppError('conflict', `There is nothing to ${way}.`);
  if (wanted !== undefined && next.id !== wanted) {
    throw new AppError('conflict', `Decision ${wanted} is not the next to ${way}; decision ${next.id} is.`);
  }
  return next;
}
