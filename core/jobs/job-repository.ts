import { createHash } from 'node:crypto';
import { type Job, type JobCounts, type JobLogEntry, NO_COUNTS } from '../../shared/contract/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import type { JobKind, JobState } from '../../shared/vocabulary.ts';
import { Repository } from '../db/repository.ts';

interface JobRow {
  id: number;
  dataset_id: number;
  dataset_name: string;
  kind: JobKind;
  state: JobState;
  parameters: string;
  progress: number;
  counts: string;
  reasons: string;
  error: string | null;
  result: string | null;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  active_ms: number;
}

const SELECT = `SELECT j.id, j.dataset_id,
  coalesce(d.trashed_name, (SELECT o.name FROM datasets o WHERE o.id = d.trial_of), d.name) AS dataset_name, j.kind, j.state, j.parameters, j.progress, j.counts,
  j.reasons, j.error, j.result, j.created_at, j.started_at, j.finished_at, j.active_ms
  FROM jobs j JOIN datasets d ON d.id = j.dataset_id`;

const FINAL: readonly JobState[] = ['completed', 'completed-with-errors', 'failed', 'cancelled'];

/** Whether a job in this state has ended. */
export function isFinal(state: JobState): boolean {
  return FINAL.includes(state);
}

function toJob(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    datasetId: row.dataset_id,
    datasetName: row.dataset_name,
    parameters: JSON.parse(row.parameters) as Record<string, unknown>,
    progress: row.progress,
    remainingMs: null,
    phase: null,
    counts: JSON.parse(row.counts) as JobCounts,
    reasons: JSON.parse(row.reasons) as Record<string, number>,
    error: row.error === null ? null : (JSON.parse(row.error) as { code: string; message: string }),
    result: row.result === null ? null : (JSON.parse(row.result) as Record<string, unknown>),
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    durationMs: row.active_ms,
  };
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, item]) => [key, canonical(item)]));
}

function digestOf(parameters: Record<string, unknown>): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(parameters)))
    .digest('hex');
}

/** Beside the settings: which jobs were running when a core ended. */
const INTERRUPTED = 'jobs.interrupted';

export interface JobFilter {
  readonly datasetId?: number | undefined;
  readonly states?: readonly JobState[] | undefined;
}

export class JobRepository extends Repository {
  /** @throws AppError `not-found` */
  get(id: number): Job {
    const job = this.find(id);
    if (job === undefined) throw new AppError('not-found', `There is no job with id ${id}.`);
    return job;
  }

  find(id: number): Job | undefined {
    const row = this.database
      .prepare<[number, string], JobRow>(`${SELECT} WHERE j.id = ? AND j.owner_id = ?`)
      .get(id, this.ownerId);
    return row === undefined ? undefined : toJob(row);
  }

  /** @throws AppError `conflict` when the job's dataset is in the trash, where nobody would see what it does */
  requireInSight({ datasetId, datasetName }: Job): void {
    const row = this.database
      .prepare<[number], { trashed_at: number | null }>('SELECT trashed_at FROM datasets WHERE id = ?')
      .get(datasetId);
    if (row?.trashed_at == null) return;
    throw new AppError(
      'conflict',
      `Its dataset "${datasetName}" is in the trash. Restore that, then go on with the job.`,
    );
  }

  /** Newest first; `after` is the smallest id seen, 0 at the start. Those of trials and of the trash only when asked for. */
  list(filter: JobFilter, after: number, limit: number): Job[] {
    const states = filter.states ?? [];
    return this.database
      .prepare<unknown[], JobRow>(
        `${SELECT} WHERE j.owner_id = ? AND (? = 0 OR j.id < ?) AND (? IS NULL OR j.dataset_id = ?)
         AND (? IS NOT NULL OR (d.trial_of IS NULL AND d.trashed_at IS NULL)) AND (? = '[]' OR j.state IN (SELECT value FROM json_each(?))) ORDER BY j.id DESC LIMIT ?`,
      )
      .all(
        this.ownerId,
        after,
        after,
        filter.datasetId ?? null,
        filter.datasetId ?? null,
        filter.datasetId ?? null,
        JSON.stringify(states),
        JSON.stringify(states),
        limit,
      )
      .map(toJob);
  }

  /** An unfinished job of the same kind with the same parameters; undefined when there is none. */
  findUnfinished(kind: JobKind, datasetId: number, parameters: Record<string, unknown>): Job | undefined {
    const row = this.database
      .prepare<unknown[], JobRow>(
        `${SELECT} WHERE j.dataset_id = ? AND j.kind = ? AND j.parameters_digest = ? AND j.owner_id = ?
         AND j.state IN ('waiting', 'active', 'paused') ORDER BY j.id DESC LIMIT 1`,
      )
      .get(datasetId, kind, digestOf(parameters), this.ownerId);
    return row === undefined ? undefined : toJob(row);
  }

  async insert(kind: JobKind, datasetId: number, parameters: Record<string, unknown>): Promise<Job> {
    const id = await this.database.write(() =>
      Number(
        this.database
          .prepare(
            `INSERT INTO jobs (owner_id, dataset_id, kind, state, parameters, parameters_digest, counts, reasons, created_at)
             VALUES (?, ?, ?, 'waiting', ?, ?, ?, '{}', ?)`,
          )
          .run(
            this.ownerId,
            datasetId,
            kind,
            JSON.stringify(parameters),
            digestOf(parameters),
            JSON.stringify(NO_COUNTS),
            Date.now(),
          ).lastInsertRowid,
      ),
    );
    return this.get(id);
  }

  /**
   * Moves a job to a state. Times are kept: the first start, the end of a final state, and how long it was active. Progress
   * is 100 where it completed, and counted anew where it then goes on.
   */
  async setState(
    id: number,
    state: JobState,
    change: { activeMs?: number; error?: { code: string; message: string } | null; result?: unknown } = {},
  ): Promise<Job> {
    const now = Date.now();
    await this.database.write(() => {
      this.database
        .prepare(
          `UPDATE jobs SET state = ?, active_ms = active_ms + ?,
             started_at = CASE WHEN ? = 'active' THEN coalesce(started_at, ?) ELSE started_at END,
             finished_at = ?, progress = CASE WHEN ? THEN 100 WHEN progress = 100 THEN 0 ELSE progress END,
             error = ?, result = coalesce(?, result)
           WHERE id = ?`,
        )
        .run(
          state,
          change.activeMs ?? 0,
          state,
          now,
          isFinal(state) ? now : null,
          state === 'completed' || state === 'completed-with-errors' ? 1 : 0,
          change.error == null ? null : JSON.stringify(change.error),
          change.result === undefined ? null : JSON.stringify(change.result),
          id,
        );
    });
    return this.get(id);
  }

  /** Writes the counts; progress never falls. Call inside `database.write`. */
  saveCounts(id: number, counts: JobCounts, reasons: Record<string, number>, progress: number): void {
    this.database
      .prepare('UPDATE jobs SET counts = ?, reasons = ?, progress = max(progress, ?) WHERE id = ?')
      .run(JSON.stringify(counts), JSON.stringify(reasons), progress, id);
  }

  /** Jobs that a core left active when it died are paused: nothing runs them any more. */
  async pauseAbandoned(): Promise<number> {
    return this.database.write(() => {
      this.noteInterrupted();
      this.database
        .prepare(
          `INSERT INTO job_events (job_id, at, level, message)
           SELECT id, ?, 'warning', 'Paused: PixCrawler ended while it ran.' FROM jobs
           WHERE owner_id = ? AND state = 'active'`,
        )
        .run(Date.now(), this.ownerId);
      return this.database
        .prepare(`UPDATE jobs SET state = 'paused' WHERE owner_id = ? AND state IN ('active', 'waiting')`)
        .run(this.ownerId).changes;
    });
  }

  /**
   * Writes down which jobs run or wait, since they are about to rest for no reason of their own. Call inside
   * `database.write`.
   */
  noteInterrupted(): void {
    const { waiting, active } = this.countUnfinished();
    if (waiting + active === 0) return;
    this.database
      .prepare(
        `INSERT INTO settings (owner_id, name, value)
         SELECT owner_id, '${INTERRUPTED}', json_group_array(id) FROM jobs
         WHERE owner_id = ? AND state IN ('active', 'waiting') GROUP BY owner_id
         ON CONFLICT (owner_id, name) DO UPDATE SET value = excluded.value`,
      )
      .run(this.ownerId);
  }

  /** Ids of the jobs that rest because a core ended, each told once. */
  takeInterrupted(): Promise<number[]> {
    return this.database.write(() => {
      const row = this.database
        .prepare<[string], { value: string }>(
          `DELETE FROM settings WHERE owner_id = ? AND name = '${INTERRUPTED}' RETURNING value`,
        )
        .get(this.ownerId);
      return row === undefined ? [] : (JSON.parse(row.value) as number[]);
    });
  }

  /** How many jobs have not ended, by state. */
  countUnfinished(): Record<'waiting' | 'active' | 'paused', number> {
    const rows = this.database
      .prepare<[string], { state: JobState; count: number }>(
        `SELECT state, count(*) AS count FROM jobs WHERE state IN ('waiting', 'active', 'paused') AND owner_id = ?
         GROUP BY state`,
      )
      .all(this.ownerId);
    return { waiting: 0, active: 0, paused: 0, ...Object.fromEntries(rows.map((row) => [row.state, row.count])) };
  }

  /** Parameters, as JSON, of jobs that have not ended, or could be retried: those that failed, and those that ended since. */
  parametersInUse(endedSince: number): string[] {
    return this.database
      .prepare<[string, number], { parameters: string }>(
        `SELECT parameters FROM jobs WHERE owner_id = ? AND (state IN ('waiting', 'active', 'paused', 'failed')
           OR (state IN ('completed-with-errors', 'cancelled') AND finished_at > ?))`,
      )
      .all(this.ownerId, endedSince)
      .map((row) => row.parameters);
  }

  /** Samples that a job added, by label and source. May take long: for a reader. */
  coverageQuery(job: Pick<Job, 'id' | 'datasetId'>): { sql: string; parameters: number[] } {
    return {
      sql: `SELECT l.name AS label, c.source, c.accepted, c.quarantined, c.rejected FROM (
              SELECT label_id, source, sum(status = 'accepted') AS accepted, sum(status = 'quarantined') AS quarantined,
                sum(status = 'rejected') AS rejected
              FROM samples WHERE dataset_id = ? AND job_id = ? GROUP BY label_id, source) c
            LEFT JOIN labels l ON l.id = c.label_id ORDER BY l.name, c.source`,
      parameters: [job.datasetId, job.id],
    };
  }

  /** Samples that a job added, by what their status is now. May take long: for a reader. */
  statusesQuery(job: Pick<Job, 'id' | 'datasetId'>): { sql: string; parameters: number[] } {
    return {
      sql: 'SELECT status, count(*) AS count FROM samples WHERE dataset_id = ? AND job_id = ? GROUP BY status',
      parameters: [job.datasetId, job.id],
    };
  }

  /** What rules say now of samples that a job added. May take long: for a reader. */
  reasonsQuery(job: Pick<Job, 'id' | 'datasetId'>): { sql: string; parameters: number[] } {
    return {
      sql: `SELECT r.reason, count(*) AS count FROM sample_reasons r JOIN samples s ON s.id = r.sample_id
            WHERE r.dataset_id = ? AND s.job_id = ? GROUP BY r.reason`,
      parameters: [job.datasetId, job.id],
    };
  }

  /** A page of a job's log by keyset; `after` is the last id seen, 0 at the start. */
  logPage(id: number, order: 'oldest-first' | 'newest-first', after: number, limit: number): JobLogEntry[] {
    const columns = 'SELECT id, at, level, message FROM job_events WHERE job_id = ?';
    if (order === 'oldest-first') {
      return this.database
        .prepare<number[], JobLogEntry>(`${columns} AND id > ? ORDER BY id LIMIT ?`)
        .all(id, after, limit);
    }
    return this.database
      .prepare<number[], JobLogEntry>(`${columns} AND id < ? ORDER BY id DESC LIMIT ?`)
      .all(id, after === 0 ? Number.MAX_SAFE_INTEGER : after, limit);
  }

  async log(id: number, level: 'info' | 'warning' | 'error', message: string): Promise<void> {
    await this.database.write(() => {
      this.database
        .prepare('INSERT INTO job_events (job_id, at, level, message) VALUES (?, ?, ?, ?)')
        .run(id, Date.now(), level, message.slice(0, 2000));
    });
  }
}
