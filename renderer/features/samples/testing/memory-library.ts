/** A library in memory for tests: what the core would answer, after a moment. */

import assert from 'node:assert/strict';
import type { Decision, DecisionTarget, SampleChange } from '../../../../shared/contract/decisions.ts';
import type { SampleFilter, SampleSummary } from '../../../../shared/contract/samples.ts';
import type { BrowseSource } from '../browse-session.ts';
import { changed } from '../decision-queue.ts';
import type { SampleSource } from '../sample-list.ts';

/** An ordinary sample. */
export function sample(id: number, label: string | null = null): SampleSummary {
  return {
    id,
    datasetId: 1,
    sha256: id.toString(16).padStart(64, '0'),
    label,
    split: null,
    status: 'accepted',
    decidedBy: 'rules',
    reasons: [],
    keeper: null,
    width: 10,
    height: 10,
    format: 'jpeg',
    bytes: 100,
    dominantColour: 0,
    caption: null,
    tags: [],
    name: null,
    createdAt: id,
  };
}

/** A library in memory that answers as the core does: by keyset, with anchors. */
export class Library implements BrowseSource {
  rows: SampleSummary[];
  /** Pages asked for, by the first id they would hold. */
  readonly asked: string[] = [];
  abandoned = 0;
  failing = false;
  delayMs = 1;

  constructor(rows: SampleSummary[]) {
    this.rows = rows;
  }

  matching(filter: Omit<SampleFilter, 'datasetId'>): SampleSummary[] {
    const keepers = new Set(this.rows.flatMap((row) => row.keeper?.sha256 ?? []));
    const isGrouped = (row: SampleSummary) => row.keeper !== null || keepers.has(row.sha256);
    return this.rows.filter(
      (row) =>
        (!filter.duplicates || isGrouped(row) === (filter.duplicates === 'grouped')) &&
        (!filter.labels || filter.labels.includes(row.label ?? '')) &&
        (!filter.statuses || filter.statuses.includes(row.status)),
    );
  }

  async browse(request: Parameters<SampleSource['browse']>[0], signal: AbortSignal) {
    this.asked.push(request.after ?? '0');
    await this.answer(signal);
    const after = Number(request.after ?? 0);
    const rows = this.matching(request.filter).filter((row) => row.id > after);
    const items = rows.slice(0, request.limit);
    return { items, next: rows.length > request.limit ? String(items.at(-1)!.id) : null };
  }

  async index(request: Parameters<SampleSource['index']>[0], signal: AbortSignal) {
    await this.answer(signal);
    const rows = this.matching(request.filter);
    const anchors: (string | null)[] = [];
    for (let at = 0; at < rows.length; at += request.pageSize) anchors.push(at === 0 ? null : String(rows[at - 1]!.id));
    return { count: rows.length, anchors };
  }

  async ids(request: Parameters<SampleSource['ids']>[0], signal: AbortSignal) {
    await this.answer(signal);
    const rows = this.matching(request.filter).slice(request.offset, request.offset + request.limit);
    return { ids: rows.map((row) => row.id) };
  }

  async facets(filter: SampleFilter, signal: AbortSignal) {
    await this.answer(signal);
    const counts = new Map<string, number>();
    for (const row of this.matching({ ...filter, labels: undefined })) {
      counts.set(row.label ?? '', (counts.get(row.label ?? '') ?? 0) + 1);
    }
    const label = [...counts].map(([value, count]) => ({ value, count }));
    return { status: [], label, split: [], reason: [], source: [], licence: [], format: [] };
  }

  async arrivals(filter: SampleFilter, signal: AbortSignal) {
    await this.answer(signal);
    return [{ from: 0, to: 1_000_000, count: this.matching(filter).length }];
  }

  /** Each duplicate is next to its keeper. */
  async duplicates(filter: SampleFilter, signal: AbortSignal) {
    await this.answer(signal);
    const grouped = this.matching({ ...filter, duplicates: 'grouped' });
    const groups = Map.groupBy(grouped, (row) => row.keeper?.sha256 ?? row.sha256);
    return { counts: [...groups.values()].map((rows) => rows.length), total: grouped.length };
  }

  async apply(datasetId: number, target: DecisionTarget, change: SampleChange): Promise<Decision> {
    await this.answer(new AbortController().signal);
    const hit =
      target.kind === 'ids'
        ? new Set(target.ids)
        : new Set(this.matching(target.filter).map((row) => row.id)).difference(new Set(target.exceptIds));
    this.rows = this.rows.map((row) => (hit.has(row.id) ? changed(row, change) : row));
    return { id: 1, datasetId, kind: 'change', change, count: hit.size, undone: false, at: 0 };
  }

  private async answer(signal: AbortSignal): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (signal.aborted) {
      this.abandoned += 1;
      throw signal.reason;
    }
    if (this.failing) throw new Error('the host is away');
  }
}

/** Waits until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 3_000;
  while (!holds()) {
    assert.ok(performance.now() < deadline, 'nothing came in time');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
