/** Makes a second dataset with the samples of a first: rows are copied, bytes are shared. */

import { z } from 'zod';
import { id } from '../../shared/contract/common.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import type { CoreServices } from '../core-services.ts';
import type { JobControl, JobOutcome } from '../jobs/job-runner.ts';
import { refreshSampleText } from '../samples/sample-text.ts';
import { CounterChanges, type Facet } from './counters.ts';

/** Samples of one transaction. */
const CHUNK = 250;
const PARAMETERS = z.object({ sourceId: id });

/** Columns that the copy has of its own. */
const OWN_COLUMNS: ReadonlySet<string> = new Set(['id', 'dataset_id', 'label_id', 'keeper_id', 'job_id']);

/** What a copied sample counts for, by facet; each statement takes the ids after which and up to which. */
const COUNTED: Readonly<Record<Facet, string>> = {
  total: `SELECT '' AS value, count(*) AS count FROM samples WHERE id > ? AND id <= ?`,
  bytes: `SELECT '' AS value, coalesce(sum(size_bytes), 0) AS count FROM samples WHERE id > ? AND id <= ?`,
  status: 'SELECT status AS value, count(*) AS count FROM samples WHERE id > ? AND id <= ? GROUP BY 1',
  label: `SELECT cast(label_id AS TEXT) AS value, count(*) AS count FROM samples
          WHERE id > ? AND id <= ? AND label_id IS NOT NULL GROUP BY 1`,
  split: `SELECT split AS value, count(*) AS count FROM samples
          WHERE id > ? AND id <= ? AND split IS NOT NULL GROUP BY 1`,
  format: 'SELECT format AS value, count(*) AS count FROM samples WHERE id > ? AND id <= ? GROUP BY 1',
  reason: `SELECT reason AS value, count(*) AS count FROM sample_reasons WHERE sample_id > ? AND sample_id <= ? GROUP BY 1`,
  source: 'SELECT source AS value, count(*) AS count FROM samples WHERE id > ? AND id <= ? GROUP BY 1',
  licence: `SELECT coalesce(licence, '') AS value, count(*) AS count FROM samples WHERE id > ? AND id <= ? GROUP BY 1`,
};

/**
 * Copies chunk by chunk, each whole or not at all, so that a run cut short goes on after the last one. Samples that come to
 * the first dataset while it runs are copied when they come in time.
 */
export async function runDuplication(services: CoreServices, job: Job, control: JobControl): Promise<JobOutcome> {
  const { database, events, samples } = services;
  const { sourceId } = PARAMETERS.parse(job.parameters);
  const targetId = job.datasetId;
  let isStopped = false;
  control.onStop(() => {
    isStopped = true;
  });
  const total = samples.count(sourceId);
  let after = await lastCopied(services, sourceId, targetId);
  for (;;) {
    if (isStopped) return { state: 'stopped' };
    const copied = await database.write(() => copyChunk(services, sourceId, targetId, after));
    if (copied === null) break;
    after = copied.lastId;
    control.tally.advance(samples.count(targetId), total);
    events.publish({ type: 'samples.added', datasetId: targetId, jobId: job.id, count: copied.count });
  }
  for (let last = 0; ; ) {
    if (isStopped) return { state: 'stopped' };
    const next = await database.write(() => keepTogether(services, sourceId, targetId, last));
    if (next === null) break;
    last = next;
  }
  return { state: 'completed' };
}

/** The last sample of the source whose image the copy has; 0 when it has none. */
async function lastCopied({ reader }: CoreServices, sourceId: number, targetId: number): Promise<number> {
  const [row] = await reader.all<{ id: number }>(
    `SELECT coalesce(max(s.id), 0) AS id FROM samples t
     JOIN samples s ON s.image_id = t.image_id AND s.dataset_id = ? WHERE t.dataset_id = ?`,
    [sourceId, targetId],
  );
  return row?.id ?? 0;
}

/** @returns the last sample that was copied; null when none was left */
function copyChunk(
  services: CoreServices,
  sourceId: number,
  targetId: number,
  after: number,
): { lastId: number; count: number } | null {
  const { database } = services;
  const ids = database
    .prepare<[number, number, number], { id: number }>(
      'SELECT id FROM samples WHERE dataset_id = ? AND id > ? ORDER BY id LIMIT ?',
    )
    .all(sourceId, after, CHUNK);
  const lastId = ids.at(-1)?.id;
  if (lastId === undefined) return null;
  const newest = database.prepare<[], { id: number }>('SELECT coalesce(max(id), 0) AS id FROM samples');
  const before = newest.get()?.id ?? 0;
  const columns = columnsOf(database, 'samples').filter((column) => !OWN_COLUMNS.has(column));
  database
    .prepare(
      `INSERT OR IGNORE INTO labels (owner_id, dataset_id, name)
       SELECT owner_id, ?, name FROM labels WHERE dataset_id = ?`,
    )
    .run(targetId, sourceId);
  database
    .prepare(
      `INSERT OR IGNORE INTO samples (dataset_id, label_id, ${columns.join(', ')})
       SELECT ?, (SELECT t.id FROM labels f JOIN labels t ON t.name = f.name AND t.dataset_id = ? WHERE f.id = s.label_id),
         ${columns.map((column) => `s.${column}`).join(', ')}
       FROM samples s WHERE s.dataset_id = ? AND s.id > ? AND s.id <= ? ORDER BY s.id`,
    )
    .run(targetId, targetId, sourceId, after, lastId);
  const last = newest.get()?.id ?? 0;
  copyReasonsAndOrigins(database, sourceId, targetId, before);
  for (let sampleId = before + 1; sampleId <= last; sampleId++) refreshSampleText(database, sampleId);
  const counters = new CounterChanges();
  for (const [facet, sql] of Object.entries(COUNTED) as [Facet, string][]) {
    const rows = database.prepare<[number, number], { value: string; count: number }>(sql).all(before, last);
    for (const { value, count } of rows) counters.add(targetId, facet, value, count);
  }
  services.counters.apply(counters);
  return { lastId, count: last - before };
}

function copyReasonsAndOrigins(
  database: CoreServices['database'],
  sourceId: number,
  targetId: number,
  before: number,
): void {
  const pairs = 'samples t JOIN samples s ON s.image_id = t.image_id AND s.dataset_id = ?';
  database
    .prepare(
      `INSERT INTO sample_reasons (dataset_id, reason, sample_id)
       SELECT ?, r.reason, t.id FROM ${pairs} JOIN sample_reasons r ON r.sample_id = s.id
       WHERE t.dataset_id = ? AND t.id > ?`,
    )
    .run(targetId, sourceId, targetId, before);
  const columns = columnsOf(database, 'origins').filter((column) => !['id', 'sample_id', 'job_id'].includes(column));
  database
    .prepare(
      `INSERT INTO origins (sample_id, ${columns.join(', ')})
       SELECT t.id, ${columns.map((column) => `o.${column}`).join(', ')}
       FROM ${pairs} JOIN origins o ON o.sample_id = s.id WHERE t.dataset_id = ? AND t.id > ? ORDER BY o.id`,
    )
    .run(sourceId, targetId, before);
}

/** Near-duplicates of the copy get keepers of the copy, a group at a time. @returns the last group; null after the last */
function keepTogether({ database, ownerId }: CoreServices, sourceId: number, targetId: number, after: number) {
  const group = database
    .prepare<[number, number], { id: number; keeperId: number; memberCount: number }>(
      `SELECT id, keeper_id AS keeperId, member_count AS memberCount FROM duplicate_groups
       WHERE dataset_id = ? AND id > ? ORDER BY id LIMIT 1`,
    )
    .get(sourceId, after);
  if (group === undefined) return null;
  const keeper = database
    .prepare<[number, number], { id: number }>(
      'SELECT t.id FROM samples s JOIN samples t ON t.image_id = s.image_id AND t.dataset_id = ? WHERE s.id = ?',
    )
    .get(targetId, group.keeperId);
  if (keeper === undefined) return group.id;
  database
    .prepare(
      `UPDATE samples SET keeper_id = ? WHERE dataset_id = ? AND image_id IN
         (SELECT image_id FROM samples WHERE keeper_id = ? AND dataset_id = ?)`,
    )
    .run(keeper.id, targetId, group.keeperId, sourceId);
  database
    .prepare(
      `INSERT OR IGNORE INTO duplicate_groups (owner_id, dataset_id, keeper_id, member_count, created_at)
       VALUES (?, ?, ?, ?, ?)`,
    )
    .run(ownerId, targetId, keeper.id, group.memberCount, Date.now());
  return group.id;
}

/** As the schema has them now: what is added to it later is copied too. */
function columnsOf(database: CoreServices['database'], table: 'samples' | 'origins'): string[] {
  return database
    .prepare<[string], { name: string }>('SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map(({ name }) => name);
}
