/** Groups of images that are nearly the same: a keeper, and those set aside for it. */

import type { DuplicateGroup } from '../../shared/contract/duplicates.ts';
import type { SampleFilter, SampleSummary } from '../../shared/contract/samples.ts';
import { AppError } from '../../shared/errors.ts';
import type { Database } from '../db/database.ts';
import type { DatabaseReader } from '../db/reader.ts';
import { Repository } from '../db/repository.ts';
import { DUPLICATE_IDS, whereOf } from '../db/sample-query.ts';
import { pageOfRows } from '../procedures.ts';
import type { SampleRepository } from '../samples/sample-repository.ts';

/** Groups told of as sections: more than anyone scrolls through, and what a grid can lay out at once. */
const SECTIONS_TOLD = 10_000;
/** Members told of one group. */
const MEMBERS_TOLD = 100;

export interface GroupRow {
  readonly id: number;
  readonly datasetId: number;
  readonly keeperId: number;
}

interface MemberRow {
  readonly groupId: number;
  readonly keeperId: number;
  readonly sampleId: number;
  readonly distance: number;
  readonly memberCount: number;
  readonly mostPixels: number;
  /** Of those that have as many pixels. */
  readonly mostBytes: number;
}

export class DuplicateRepository extends Repository {
  readonly #reader: DatabaseReader;
  readonly #samples: SampleRepository;

  constructor(database: Database, ownerId: string, reader: DatabaseReader, samples: SampleRepository) {
    super(database, ownerId);
    this.#reader = reader;
    this.#samples = samples;
  }

  /**
   * Groups that still have members, by keyset over their ids.
   * @throws AppError `not-found` when there is no such dataset
   */
  async page(
    datasetId: number,
    after: number,
    limit: number,
  ): Promise<{ items: DuplicateGroup[]; next: number | null; total: number }> {
    this.#samples.requireDataset(datasetId);
    const shown = 'dataset_id = ? AND EXISTS (SELECT 1 FROM samples s WHERE s.keeper_id = g.keeper_id)';
    const [rows, counted] = await Promise.all([
      this.#reader.all<GroupRow>(
        `SELECT id, dataset_id AS datasetId, keeper_id AS keeperId FROM duplicate_groups g
         WHERE ${shown} AND id > ? ORDER BY id LIMIT ?`,
        [datasetId, after, limit],
        'page',
      ),
      this.#reader.all<{ total: number }>(
        `SELECT count(*) AS total FROM duplicate_groups g WHERE ${shown}`,
        [datasetId],
        'scan',
      ),
    ]);
    const { next } = pageOfRows(rows, limit);
    return { items: await this.#complete(rows), next, total: counted[0]?.total ?? 0 };
  }

  /**
   * How many samples of each group match, in the order of the sort by duplicates.
   * @throws AppError `not-found` when there is no such dataset
   */
  async sections(filter: SampleFilter): Promise<{ counts: number[]; total: number }> {
    this.#samples.requireDataset(filter.datasetId);
    const where = whereOf(filter);
    const sql = `SELECT count(*) FROM (${DUPLICATE_IDS}) grouped CROSS JOIN samples s ON s.id = grouped.id
      WHERE ${where.sql} GROUP BY coalesce(s.keeper_id, s.id) ORDER BY coalesce(s.keeper_id, s.id)`;
    const counts = await this.#reader.numbers({ ...where, sql }, 'scan');
    return { counts: counts.slice(0, SECTIONS_TOLD), total: counts.reduce((sum, count) => sum + count, 0) };
  }

  /** @throws AppError `not-found`, also when its members have left it */
  async get(id: number): Promise<DuplicateGroup> {
    const [group] = await this.#complete([this.row(id)]);
    if (group === undefined) throw missing(id);
    return group;
  }

  /** @throws AppError `not-found` */
  row(id: number): GroupRow {
    const row = this.database
      .prepare<[number, string], GroupRow>(
        `SELECT g.id, g.dataset_id AS datasetId, g.keeper_id AS keeperId FROM duplicate_groups g
         JOIN datasets d ON d.id = g.dataset_id WHERE g.id = ? AND g.owner_id = ? AND d.trashed_at IS NULL`,
      )
      .get(id, this.ownerId);
    if (row === undefined) throw missing(id);
    return row;
  }

  /** Everyone set aside for a keeper, nearest first. */
  async memberIds(keeperId: number): Promise<number[]> {
    const sql = 'SELECT id FROM samples WHERE keeper_id = ? ORDER BY keeper_distance, id';
    return this.#reader.numbers({ sql, parameters: [keeperId] }, 'page');
  }

  /** The group that a sample is in, as its keeper or set aside for `keeperId`; undefined when it has no members. */
  findIdOfSample(sampleId: number, keeperId: number | null): number | undefined {
    return this.database
      .prepare<[number, number | null], { id: number }>(
        `SELECT id FROM duplicate_groups g WHERE keeper_id IN (?, ?)
         AND EXISTS (SELECT 1 FROM samples WHERE keeper_id = g.keeper_id) ORDER BY id LIMIT 1`,
      )
      .get(sampleId, keeperId)?.id;
  }

  /** A group is of another keeper, unless that one has a group of its own. Call inside `database.write`. */
  setKeeper(id: number, keeperId: number): void {
    this.database.prepare('UPDATE OR IGNORE duplicate_groups SET keeper_id = ? WHERE id = ?').run(keeperId, id);
  }

  /** The two halves of a sample's pHash. */
  pHash(sampleId: number): readonly [high: number, low: number] {
    const row = this.database
      .prepare<[number], { high: number; low: number }>(
        'SELECT p_hash_high AS high, p_hash_low AS low FROM samples s JOIN images i ON i.id = s.image_id WHERE s.id = ?',
      )
      .get(sampleId);
    return [row?.high ?? 0, row?.low ?? 0];
  }

  async #complete(groups: readonly GroupRow[]): Promise<DuplicateGroup[]> {
    const members = await this.#members(groups);
    const wanted = new Set<number>();
    for (const rows of members.values()) for (const row of rows) wanted.add(row.keeperId).add(row.sampleId);
    const samples = new Map(this.#samples.byIds([...wanted]).map((sample) => [sample.id, sample]));
    return groups.flatMap((group) => {
      const rows = members.get(group.id) ?? [];
      const [first] = rows;
      const keeper = samples.get(first?.keeperId ?? 0);
      if (keeper === undefined || first === undefined) return [];
      return {
        id: group.id,
        datasetId: group.datasetId,
        keeper,
        keptBecause: reasonOf(keeper, first),
        members: rows.flatMap((row) => {
          const sample = samples.get(row.sampleId);
          return sample === undefined ? [] : { sample, distance: row.distance };
        }),
        memberCount: first.memberCount,
      };
    });
  }

  /** Keepers are read with their members: another one may have been chosen since the groups were listed. */
  async #members(groups: readonly GroupRow[]): Promise<Map<number, MemberRow[]>> {
    const rows = await this.#reader.all<MemberRow>(
      `SELECT * FROM (
         SELECT g.id AS groupId, g.keeper_id AS keeperId, s.id AS sampleId, coalesce(s.keeper_distance, 0) AS distance,
           count(*) OVER (PARTITION BY s.keeper_id) AS memberCount,
           first_value(i.width * i.height) OVER largest AS mostPixels, first_value(i.size_bytes) OVER largest AS mostBytes,
           row_number() OVER (PARTITION BY s.keeper_id ORDER BY s.keeper_distance, s.id) AS place
         FROM json_each(?) wanted CROSS JOIN duplicate_groups g ON g.id = wanted.value
         JOIN samples s ON s.keeper_id = g.keeper_id JOIN images i ON i.id = s.image_id
         WINDOW largest AS (PARTITION BY s.keeper_id ORDER BY i.width * i.height DESC, i.size_bytes DESC))
       WHERE place <= ${MEMBERS_TOLD} ORDER BY place`,
      [JSON.stringify(groups.map(({ id }) => id))],
      'page',
    );
    return Map.groupBy(rows, (row) => row.groupId);
  }
}

function missing(id: number): AppError {
  return new AppError('not-found', `There is no duplicate group with id ${id}; its images may have been decided on.`);
}

/** Why a keeper is kept, as the grouping chose it. */
function reasonOf(keeper: SampleSummary, largest: MemberRow): DuplicateGroup['keptBecause'] {
  if (keeper.decidedBy === 'user') return 'chosen';
  if (keeper.width * keeper.height > largest.mostPixels) return 'more-pixels';
  return keeper.bytes > largest.mostBytes ? 'more-bytes' : 'first';
}
